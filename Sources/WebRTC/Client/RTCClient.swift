import CWebRTC
package import NIOCore

/// A client with data channels: it makes an offer, sends checks to the server, and has the client's end of DTLS and one
/// end of SCTP. Load tests have many of them in one process. What connects people should be a browser or a library that
/// tries more than the first address.
///
/// ```swift
/// let client = try await RTCClient.make { EchoClient($0) }
/// try await client.connect(answer: answer(to: client.offer))
/// ```
///
/// `@unchecked Sendable`: all `var` are used on ``eventLoop`` only. The handler of the socket, ``RTCStack`` and the
/// scheduled task run there, and so must the callers of the functions that are not marked with "any thread"; those
/// submit their work to it. Everything else is `let` and `Sendable`, or used on ``eventLoop`` only.
package final class RTCClient: RTCStack.Member, @unchecked Sendable {
    private enum Phase {
        /// The server has not answered a check.
        case checking
        /// DTLS or SCTP is being agreed.
        case connecting
        case open
        case ended
    }

    /// The loop of all clients; the same as that of all ports of the process.
    package static var eventLoop: any EventLoop { RTCStack.shared.eventLoop }

    /// The longest time until a client is connected.
    static let connectSeconds: Int64 = 20
    /// The most bytes of a message from the server.
    private static let maxMessageBytes = 256 * 1024
    private static let streamCount: UInt16 = 16
    private static let bufferBytes = 256 * 1024
    /// How many ticks pass between two checks until the first one is answered; later there is one each second.
    private static let ticksOfCheck = 20
    private static let madeIdentity = Result { try DTLSIdentity() }

    /// The client's offer as SDP.
    package let offer: String
    private let id: UInt32
    private let credentials: ICECredentials
    private let socket: DatagramSocket
    private let channel: any Channel
    private var handler: (any RTCClientHandler)?
    private var server: ReceivedAnswer?
    private var dtls: DTLSLink?
    private var sctp: SCTPAssociation?
    private var inbox = MessageInbox(limit: RTCClient.maxMessageBytes)
    private var phase = Phase.checking
    private var connected: EventLoopPromise<Void>?
    private var generator = SystemRandomNumberGenerator()
    private var ticks = 0
    private var isTaking = false
    /// Datagrams of all kinds that were sent.
    package private(set) var datagramsSent = 0
    /// Datagrams of all kinds that have come.
    package private(set) var datagramsReceived = 0

    private init(_ id: UInt32, _ bound: (socket: DatagramSocket, channel: any Channel), _ identity: DTLSIdentity) {
        self.id = id
        (socket, channel) = bound
        var random = SystemRandomNumberGenerator()
        credentials = ICECredentials(using: &random)
        offer =
            ClientOffer(
                credentials: credentials, fingerprint: identity.fingerprint, address: bound.channel.localAddress,
                sctpPort: SCTPAssociation.usualPort, maxMessageBytes: Self.maxMessageBytes
            ).text
    }

    // MARK: - Connecting

    /// Makes a client with a socket of its own and its offer; any thread may call it.
    ///
    /// - Parameters:
    ///   - host: The address of this machine from which it sends.
    ///   - makeHandler: Makes what is told of the client; called once, on ``eventLoop``.
    /// - Returns: The client, which lives until ``close()`` or the end that its handler is told of.
    /// - Throws: An error of the system, or ``RTCClientError/noRoom``.
    package static func make(
        host: String = "127.0.0.1", _ makeHandler: @escaping @Sendable (RTCClient) -> any RTCClientHandler
    ) async throws -> RTCClient {
        let identity = try madeIdentity.get()
        let bound = try await DatagramSocket.bindClient(host: host)
        return try await eventLoop.submit {
            guard let client = RTCStack.shared.add({ RTCClient($0, bound, identity) }) else {
                throw RTCClientError.noRoom
            }
            client.handler = makeHandler(client)
            try client.channel.pipeline.syncOperations.addHandler(ClientDatagrams { client.receive($0) })
            return client
        }.get()
    }

    /// Connects to the server that has answered the offer; any thread may call it. Call it once.
    ///
    /// - Parameter text: The answer as SDP.
    /// - Throws: ``RTCClientError``. The client has ended then.
    package func connect(answer text: String) async throws {
        let result = Result { () throws(RTCClientError) in try ReceivedAnswer(text) }
        try await Self.eventLoop.flatSubmit { [self] in
            let promise = Self.eventLoop.makePromise(of: Void.self)
            connected = promise
            switch result {
            case .success(let answer): begin(answer)
            case .failure(let error): end(error)
            }
            return promise.futureResult
        }.get()
    }

    private func begin(_ answer: ReceivedAnswer) {
        guard phase == .checking, let identity = try? Self.madeIdentity.get() else { return end(.closed) }
        server = answer
        dtls = DTLSLink(peer: id, identity: identity, isClient: true, fingerprints: answer.fingerprints)
        sendCheck()
        RTCStack.shared.wake(id)
        Self.eventLoop.scheduleTask(in: .seconds(Self.connectSeconds)) { [weak self] in
            if let self, phase != .open { end(.timedOut) }
        }
    }

    private func sendCheck() {
        guard let server else { return }
        let check = STUNRequest.check(
            username: "\(server.ufrag):\(credentials.ufrag)", password: server.password, role: .controlling,
            using: &generator)
        send(check)
    }

    // MARK: - Channels

    /// Opens a channel; ``RTCClientHandler/channelOpened(_:)`` tells when the server has it.
    ///
    /// - Parameters:
    ///   - stream: Its stream, an even number below 16 that is not in use.
    ///   - terms: The channel.
    package func open(_ stream: UInt16, _ terms: ChannelOpen) {
        _ = sctp?.send(terms.bytes, .establishment, .init(stream: stream))
    }

    /// Sends a message, if SCTP takes it now.
    ///
    /// - Parameters:
    ///   - message: The content of the message.
    ///   - isText: Whether it is UTF-8 text.
    ///   - stream: The channel's stream.
    ///   - terms: The channel.
    /// - Returns: Whether SCTP has it.
    package func send(_ message: ByteBuffer, isText: Bool, on stream: UInt16, _ terms: ChannelOpen) -> Bool {
        let (form, bytes) = PayloadProtocol.form(of: message, isText: isText)
        let terms = SCTPAssociation.Terms(
            stream: stream, isOrdered: terms.isOrdered, reliability: terms.reliability)
        return sctp?.send(bytes, form, terms) == .sent
    }

    // MARK: - Ending

    /// Ends the client, and tells the server so; its handler is not told.
    package func close() {
        handler = nil
        end(.closed)
    }

    /// Ends the client. Only code that C has not called may call it, because it frees what C uses.
    private func end(_ reason: RTCClientError) {
        connected?.fail(reason)
        connected = nil
        guard phase != .ended else { return }
        phase = .ended
        sctp?.abort()
        sctp = nil
        dtls?.close()
        RTCStack.shared.remove(id)
        channel.close(promise: nil)
        let handler = handler
        self.handler = nil
        handler?.ended(reason)
    }

    // MARK: - Datagrams

    private func receive(_ datagram: ByteBuffer) {
        guard phase != .ended, let dtls, let first = datagram.readableBytesView.first else { return }
        datagramsReceived += 1
        // The first byte tells the protocol (RFC 7983).
        if first <= 3 { return receiveSTUN(datagram) }
        var state = dtls.receive(datagram)
        if state == RTC_DTLS_OPENED, let server {
            sctp = SCTPAssociation(
                peer: id, ownPort: SCTPAssociation.usualPort, port: server.sctpPort,
                streamCount: Self.streamCount, bufferBytes: Self.bufferBytes)
            guard sctp != nil else { return end(.noRoom) }
            state = dtls.receive(nil)
        }
        take()
        switch state {
        case RTC_DTLS_CLOSED: end(.closed)
        case RTC_DTLS_FAILED: end(.dtlsFailed)
        case RTC_DTLS_WRONG_IDENTITY: end(.wrongFingerprint)
        default: break
        }
    }

    private func receiveSTUN(_ datagram: ByteBuffer) {
        guard let server, let message = try? STUNMessage(datagram) else { return }
        switch message.kind {
        case STUNMessage.Kind.bindingRequest:
            guard let address = PeerAddress(server.address), message.isAuthentic(password: credentials.password)
            else { return }
            send(STUNAnswer.success(to: message, from: address, password: credentials.password))
        case STUNMessage.Kind.bindingSuccess where phase == .checking:
            guard message.isAuthentic(password: server.password) else { return }
            phase = .connecting
            dtls?.begin()
        default: break
        }
    }

    private func take() {
        // The handler may send from within, which can bring this about again.
        guard !isTaking else { return }
        isTaking = true
        defer { isTaking = false }
        let buffer = RTCStack.shared.buffer
        while let sctp {
            let event = sctp.next(into: buffer)
            switch event.kind {
            case RTC_SCTP_OPENED:
                phase = .open
                connected?.succeed()
                connected = nil
            case RTC_SCTP_ENDED: return end(.closed)
            case RTC_SCTP_MESSAGE: take(event, UnsafeBufferPointer(rebasing: buffer.prefix(event.length)))
            case RTC_SCTP_ABANDONED: inbox.abandon()
            case RTC_SCTP_STREAMS_RESET:
                let bytes = UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(buffer).prefix(event.length))
                for stream in Array(bytes.bindMemory(to: UInt16.self)) {
                    _ = sctp.reset(stream)
                    handler?.channelClosed(stream)
                }
            default: return
            }
        }
    }

    private func take(_ event: rtc_sctp_event, _ bytes: UnsafeBufferPointer<UInt8>) {
        guard let message = try? inbox.take(bytes, isLast: event.is_complete) else { return }
        switch PayloadProtocol(rawValue: event.protocol) {
        case .establishment:
            if message.first == ChannelOpen.acknowledgement { handler?.channelOpened(event.stream) }
        case .text: handler?.received(message, isText: true, on: event.stream)
        case .binary: handler?.received(message, isText: false, on: event.stream)
        case .emptyText: handler?.received([], isText: true, on: event.stream)
        case .emptyBinary: handler?.received([], isText: false, on: event.stream)
        case nil: break
        }
    }

    private func send(_ datagram: ByteBuffer) { datagram.withUnsafeReadableBytes { send($0) } }

    private func send(_ datagram: UnsafeRawBufferPointer) {
        guard let server else { return }
        datagramsSent += 1
        // What the system does not take is lost, as on any line.
        _ = socket.send(datagram, to: server.address)
    }

    // MARK: - RTCStack.Member

    func transmit(_ datagram: UnsafeBufferPointer<UInt8>) { send(UnsafeRawBufferPointer(datagram)) }

    func encrypt(_ packet: UnsafeBufferPointer<UInt8>) { dtls?.send(packet) }

    func packetArrived(_ packet: UnsafeBufferPointer<UInt8>) {}

    func timePassed(now: NIODeadline) -> Bool {
        guard server != nil, phase != .ended else { return false }
        if phase == .open {
            // Called about once a second: the server ends a client that sends no checks (RFC 7675).
            sendCheck()
            take()
            return false
        }
        ticks += 1
        if ticks % Self.ticksOfCheck == 0 { sendCheck() }
        if phase == .connecting, sctp == nil, dtls?.retransmit() == false { end(.dtlsFailed) }
        take()
        return true
    }
}
