import CWebRTC
import NIOCore
import Testing

@testable import WebRTC

/// A client in the process of the test: it sends checks, and has the other ends of DTLS and SCTP.
///
/// `@unchecked Sendable`: all `var` are used on the loop of ``RTCStack``; the functions for tests go there.
final class TestClient: RTCStack.Member, @unchecked Sendable {
    private struct Waiter {
        var condition: @Sendable (View) -> Bool
        var promise: EventLoopPromise<Void>
    }

    static let loop = RTCStack.shared.eventLoop
    private static let madeIdentity = Result { try DTLSIdentity() }
    static var identity: DTLSIdentity { get throws { try madeIdentity.get() } }

    private let id: UInt32
    private let server: SocketAddress
    private let dtls: DTLSLink
    private let sctpPort: UInt16
    private var check: ClientCheck
    private var socket: DatagramSocket
    private var channel: any Channel
    private var sctp: SCTPAssociation?
    private var inbox = MessageInbox(limit: 1 << 20)
    private var view = View()
    private var waiters: [Waiter] = []
    private var ticks = 0
    private var hasBegun = false
    private var beginsSCTP = true
    /// The streams that the client has closed, and the server has not.
    private var ownResets: Set<UInt16> = []
    /// Whether the client neither sends nor receives.
    private var isDead = false
    private var checks = true
    private var damage: PacketDamage?
    private var line: SlowLine?
    /// The last packet that SCTP gave, and its checksum as we calculate it.
    private(set) var lastPacket: (own: [UInt8], checked: [UInt8]) = ([], [])

    private init(
        _ id: UInt32, _ answer: ReceivedAnswer, _ bound: (DatagramSocket, any Channel), _ sctpPort: UInt16
    ) throws {
        self.id = id
        server = answer.address
        check = ClientCheck(username: "\(answer.ufrag):test", password: answer.password, nominates: true)
        (socket, channel) = bound
        self.sctpPort = sctpPort
        dtls = DTLSLink(peer: id, identity: try Self.identity, isClient: true, fingerprints: answer.fingerprints)
    }

    // MARK: - Connecting

    /// Sends an offer, and begins to connect: with SCTP to the port of the answer or to another one, at once or when
    /// the server has begun.
    static func connect(
        to port: RTCPort, fingerprint: [UInt8]? = nil, maxMessageBytes: Int = 1 << 20, sctpPort: UInt16? = nil,
        beginsSCTP: Bool = true, _ makeHandler: @escaping @Sendable (RTCPeer) -> any RTCPeerHandler
    ) async throws -> TestClient {
        let offer = try offer(fingerprint: fingerprint, maxMessageBytes: maxMessageBytes)
        let answer = try ReceivedAnswer(try await port.answer(offer, makeHandler: makeHandler).get())
        let bound = try await DatagramSocket.bindClient()
        return try await loop.submit {
            let client = RTCStack.shared.add { try? TestClient($0, answer, bound, sctpPort ?? answer.sctpPort) }
            let made = try #require(client)
            made.beginsSCTP = beginsSCTP
            try made.serve()
            made.sendCheck()
            return made
        }.get()
    }

    private func serve() throws {
        try channel.pipeline.syncOperations.addHandler(ClientDatagrams { [weak self] in self?.arrive($0) })
    }

    // MARK: - What tests do

    /// Waits until the client has seen something; fails after five minutes.
    func wait(_ what: Comment, _ condition: @escaping @Sendable (View) -> Bool) async throws {
        let promise = Self.loop.makePromise(of: Void.self)
        Self.loop.execute {
            self.waiters.append(Waiter(condition: condition, promise: promise))
            self.noteChange()
        }
        let task = Self.loop.scheduleTask(in: .minutes(5)) { promise.fail(Late(what: "\(what): \(self.view)")) }
        defer { task.cancel() }
        try await promise.futureResult.get()
    }

    /// What the client has seen.
    func look() async throws -> View { try await Self.loop.submit { self.view }.get() }

    /// Does something with the client on its loop.
    @discardableResult func run<T: Sendable>(_ action: @escaping @Sendable (TestClient) throws -> T) async throws -> T {
        try await Self.loop.submit { try action(self) }.get()
    }

    /// Opens a channel; call it in ``run(_:)``.
    func open(_ stream: UInt16, _ terms: ChannelOpen) {
        _ = sctp?.send(terms.bytes, .establishment, .init(stream: stream))
    }

    /// Sends a message; call it in ``run(_:)``.
    ///
    /// - Returns: Whether SCTP took it.
    @discardableResult func send(_ message: String, on stream: UInt16, isText: Bool = true, isOrdered: Bool = true)
        -> Bool
    {
        let (form, bytes) = PayloadProtocol.form(of: ByteBuffer(string: message), isText: isText)
        return sctp?.send(bytes, form, .init(stream: stream, isOrdered: isOrdered)) == .sent
    }

    /// Sends bytes with any identifier; call it in ``run(_:)``.
    func send(raw bytes: ByteBuffer, _ form: PayloadProtocol, on stream: UInt16) {
        _ = sctp?.send(bytes, form, .init(stream: stream))
    }

    /// Closes a channel; call it in ``run(_:)``.
    func close(_ stream: UInt16) {
        ownResets.insert(stream)
        _ = sctp?.reset(stream)
    }

    /// Goes without a word; call it in ``run(_:)``.
    func die() { isDead = true }

    /// Stops to send checks, but nothing else; call it in ``run(_:)``.
    func stopChecks() { checks = false }

    /// Receives over a slow line from now on; call it in ``run(_:)``.
    func slowDown(_ line: SlowLine) { self.line = line }

    /// Begins to change what it sends; call it in ``run(_:)``.
    func damagePackets(_ damage: PacketDamage) { self.damage = damage }

    /// Goes on from another port.
    func rebind(nominates: Bool) async throws {
        let bound = try await DatagramSocket.bindClient()
        let former = try await run { client in
            let former = client.channel
            (client.socket, client.channel) = bound
            try client.serve()
            client.check.nominates = nominates
            client.sendCheck()
            return former
        }
        try await former.close().get()
    }

    /// Sends a check that nominates an address from which the client does not receive.
    ///
    /// - Parameter victim: Has that address.
    /// - Returns: The bytes of the check.
    /// - Throws: `ChannelError` when the client's socket is closed.
    func forge(from victim: Victim) async throws -> Int {
        try await run { client in
            var check = client.check
            check.nominates = true
            let datagram = check.datagram
            _ = datagram.withUnsafeReadableBytes { victim.socket.send($0, to: client.server) }
            return datagram.readableBytes
        }
    }

    /// Sends a datagram as it is.
    func send(datagram: ByteBuffer) async throws {
        _ = try await run { client in
            datagram.withUnsafeReadableBytes { client.socket.send($0, to: client.server) }
        }
    }

    /// Ends the connection as a browser does.
    func leave() async throws {
        try await run { client in
            client.sctp?.abort()
            client.dtls.close()
            client.isDead = true
            RTCStack.shared.remove(client.id)
        }
        try await channel.close().get()
    }

    // MARK: - Datagrams

    private func sendCheck() {
        check.transaction += 1
        _ = check.datagram.withUnsafeReadableBytes { socket.send($0, to: server) }
    }

    /// Takes a datagram from the socket.
    func arrive(_ datagram: ByteBuffer) {
        if line == nil { receive(datagram) } else { line?.add(datagram) }
    }

    private func receive(_ datagram: ByteBuffer) {
        guard !isDead else { return }
        defer { noteChange() }
        if let message = try? STUNMessage(datagram) {
            if message.kind == STUNMessage.Kind.bindingRequest { return answer(message) }
            view.answers.append(message.kind)
            guard message.kind == STUNMessage.Kind.bindingSuccess, !hasBegun else { return }
            hasBegun = true
            return dtls.begin()
        }
        switch dtls.receive(datagram) {
        case RTC_DTLS_OPENED:
            if beginsSCTP { associate() }
            _ = dtls.receive(nil)
        case RTC_DTLS_CLOSED, RTC_DTLS_FAILED, RTC_DTLS_WRONG_IDENTITY: view.isEnded = true
        default: break
        }
        take()
    }

    private func associate() {
        sctp = SCTPAssociation(
            peer: id, ownPort: SCTPAssociation.usualPort, port: sctpPort, streamCount: 256, bufferBytes: 1 << 20)
    }

    /// Answers a check of the server, as an agent must.
    private func answer(_ request: STUNMessage) {
        guard let address = PeerAddress(server), request.isAuthentic(password: Offers.password) else { return }
        view.checks += 1
        let answer = STUNAnswer.success(to: request, from: address, password: Offers.password)
        _ = answer.withUnsafeReadableBytes { socket.send($0, to: server) }
    }

    private func take() {
        let buffer = RTCStack.shared.buffer
        while let sctp {
            let event = sctp.next(into: buffer)
            switch event.kind {
            case RTC_SCTP_OPENED: view.isConnected = true
            case RTC_SCTP_ENDED: return view.isEnded = true
            case RTC_SCTP_MESSAGE: note(event, UnsafeBufferPointer(rebasing: buffer.prefix(event.length)))
            case RTC_SCTP_STREAMS_RESET:
                let bytes = UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(buffer).prefix(event.length))
                for stream in bytes.bindMemory(to: UInt16.self) {
                    view.closedStreams.append(stream)
                    if ownResets.remove(stream) == nil { _ = sctp.reset(stream) }
                }
            default: return
            }
        }
    }

    private func note(_ event: rtc_sctp_event, _ bytes: UnsafeBufferPointer<UInt8>) {
        guard let message = try? inbox.take(bytes, isLast: event.is_complete) else { return }
        view.bytes[event.stream, default: 0] += message.count
        let text = String(decoding: message.prefix(40), as: UTF8.self)
        switch PayloadProtocol(rawValue: event.protocol) {
        case .establishment: view.messages.append("\(event.stream)/open")
        case .text: view.messages.append("\(event.stream)/text/\(text)")
        case .binary: view.messages.append("\(event.stream)/binary/\(text)")
        case .emptyText: view.messages.append("\(event.stream)/text/")
        case .emptyBinary: view.messages.append("\(event.stream)/binary/")
        case nil: view.messages.append("\(event.stream)/\(event.protocol)")
        }
    }

    private func noteChange() {
        let view = view
        for waiter in waiters where waiter.condition(view) { waiter.promise.succeed() }
        waiters.removeAll { $0.condition(view) }
    }

    // MARK: - RTCStack.Member

    func transmit(_ datagram: UnsafeBufferPointer<UInt8>) {
        if !isDead { _ = socket.send(UnsafeRawBufferPointer(datagram), to: server) }
    }

    func encrypt(_ packet: UnsafeBufferPointer<UInt8>) {
        guard damage != nil else { return dtls.send(packet) }
        lastPacket = (Array(packet), Array(packet))
        PacketDamage.setChecksum(&lastPacket.checked)
        damage?.damage(packet).withUnsafeBufferPointer { dtls.send($0) }
    }

    func packetArrived(_ packet: UnsafeBufferPointer<UInt8>) {
        if sctp == nil { associate() }
    }

    func timePassed(now: NIODeadline) -> Bool {
        guard !isDead else { return false }
        for datagram in line?.tick() ?? [] { receive(datagram) }
        ticks += 1
        if ticks % 20 == 0, checks { sendCheck() }
        if sctp == nil, hasBegun { _ = dtls.retransmit() }
        take()
        noteChange()
        return true
    }
}
