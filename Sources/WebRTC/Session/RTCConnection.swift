import CoreMetrics
package import NIOCore
package import Transport
package import Wire

/// A WebRTC client as the connection of a session: its channel `reliable` carries the session's messages, `fast` its
/// datagrams. ``LaneRules`` says how the channels must be; the session is made when both are open.
///
/// The server closes a connection by a last text on `reliable`, `{"action":"close","code":…,"reason":…}`, because
/// channels have no close codes, and then closes that channel; the client's own closing of it is the answer.
///
/// `@unchecked Sendable`: all `var` are used on ``eventLoop`` only; `shed` goes there.
package final class RTCConnection: DatagramConnection, RTCPeerHandler, @unchecked Sendable {
    private enum Phase {
        /// The channels are not open yet.
        case opening
        case open
        /// The close message is sent; the session sends and gets no more messages.
        case closing
        case ended
    }

    /// What all connections of a port share.
    package struct Surroundings: Sendable {
        /// Counts the bytes that wait for clients.
        package var sendMemory: SendMemory
        /// Counts connections, messages and bytes.
        package var metrics: TransportMetrics
        /// The largest message that a session takes, in bytes; a client that sends more is closed with 1009.
        package var maxMessageBytes = 65_536
        /// How long the client may take to open its channels, and to answer a close.
        package var openingTime = TimeAmount.seconds(10)
        /// Returns the total time of the server's pauses so far, which count for no deadline.
        package var pausedTime: @Sendable () -> TimeAmount = { .zero }

        /// Makes surroundings with the usual times.
        ///
        /// - Parameters:
        ///   - sendMemory: Counts the bytes that wait for clients.
        ///   - metrics: Counts connections, messages and bytes.
        package init(sendMemory: SendMemory, metrics: TransportMetrics) {
            self.sendMemory = sendMemory
            self.metrics = metrics
        }
    }

    /// How long a client whose channels are wrong may take to answer the close.
    private static let closeTime = TimeAmount.seconds(1)

    package let eventLoop: any EventLoop
    private let peer: any RTCPeerLink
    private let surroundings: Surroundings
    private let makeSession: SessionMaker
    private let whenEnded: @Sendable () -> Void
    private var phase = Phase.opening
    private var session: (any ClientSession)?
    private var lanes = LaneRules()
    private(set) var limits = WaitingLimits(high: 65_536, low: 32_768)
    private var timer: RunningTimer?
    /// The time since which no byte could be sent, while ``SendMemory`` counts the connection.
    private var reportedSince: NIODeadline?
    private var isStopping = false

    /// Waits for the channels of a client.
    ///
    /// - Parameters:
    ///   - peer: The client.
    ///   - surroundings: What all connections share.
    ///   - whenEnded: Called when the connection has ended, also when it never had a session.
    ///   - makeSession: Makes the session.
    package init(
        _ peer: any RTCPeerLink, _ surroundings: Surroundings, whenEnded: @escaping @Sendable () -> Void = {},
        makeSession: @escaping SessionMaker
    ) {
        self.peer = peer
        self.surroundings = surroundings
        self.whenEnded = whenEnded
        self.makeSession = makeSession
        eventLoop = peer.eventLoop
        surroundings.metrics.connections.increment()
        startTimer(surroundings.openingTime) { connection in
            connection.refuse("the channels \"reliable\" and \"fast\" were not both opened in time")
        }
    }

    private func startTimer(_ time: TimeAmount, _ action: @escaping (RTCConnection) -> Void) {
        timer?.cancel()
        timer = RunningTimer(in: time, on: eventLoop, pauses: surroundings.pausedTime) { [weak self] in
            if let self { action(self) }
        }
    }

    /// The address from which the client sends.
    package var remoteAddress: SocketAddress? { peer.remoteAddress }

    // MARK: - What the client does

    package func channelOpened(_ channel: RTCChannel) {
        guard phase == .opening || phase == .open else { return peer.closeChannel(channel.stream) }
        if let problem = lanes.take(channel) { return violate(problem, on: channel) }
        guard lanes.areComplete, phase == .opening else { return }
        phase = .open
        timer?.cancel()
        // The session begins to read when it is ready.
        peer.setReading(false)
        let session = makeSession(self)
        self.session = session
        session.connectionOpened()
        if isStopping { session.serverStops() }
    }

    private func violate(_ problem: String, on channel: RTCChannel) {
        guard let session else { return refuse(problem, on: channel.stream) }
        peer.closeChannel(channel.stream)
        session.violated(.protocolError, problem)
    }

    /// Ends a connection that never had its session.
    private func refuse(_ problem: String, on stream: UInt16? = nil) {
        guard phase == .opening else { return }
        phase = .closing
        for channel in peer.openChannels where stream ?? channel.stream == channel.stream {
            sendClose(.protocolError, problem, on: channel.stream)
        }
        startTimer(Self.closeTime) { $0.closeNow() }
    }

    package func received(_ message: [UInt8], isText: Bool, on channel: RTCChannel) {
        guard phase == .open, let session else { return }
        let limit = surroundings.maxMessageBytes
        if message.count > limit {
            session.violated(.tooBig, "a message may have \(limit) bytes, this one has \(message.count)")
        } else if channel.stream == lanes.fast {
            (session as? any DatagramSession)?.receivedDatagram(message, isText: isText)
        } else if isText, String(validating: message, as: UTF8.self) == nil {
            session.violated(.badData, "a text message must be UTF-8")
        } else {
            session.received(message, isText: isText)
        }
    }

    package func channelClosed(_ channel: RTCChannel) {
        guard [lanes.reliable, lanes.fast].contains(channel.stream) else { return }
        switch phase {
        case .open:
            session?.clientCloses()
            closeNow()
        case .opening: closeNow()
        case .closing: if channel.stream == lanes.reliable || session == nil { closeNow() }
        case .ended: break
        }
    }

    package func heard() { session?.heard() }

    package func waitingFell() {
        if reportedSince != nil { reportedSince = .now() }
        reportMemory()
        checkLimits()
    }

    package func serverStops() {
        guard !isStopping else { return }
        isStopping = true
        if let session { session.serverStops() } else { closeNow() }
    }

    package func ended(_ reason: RTCEnd) {
        guard phase != .ended else { return }
        phase = .ended
        timer?.cancel()
        surroundings.metrics.connections.decrement()
        if reportedSince != nil { surroundings.sendMemory.report(ObjectIdentifier(self), nil) }
        let session = session
        self.session = nil
        if reason != .clientClosed, reason != .serverClosed { session?.connectionFailed(reason) }
        session?.connectionEnded()
        whenEnded()
    }

    // MARK: - ClientConnection

    /// Messages are not compressed.
    package var acceptsDeflate: Bool { false }

    package var isCompact: Bool { lanes.isCompact }

    package var waitingBytes: Int { peer.waitingBytes }

    package func setReading(_ isOn: Bool) { if phase == .open { peer.setReading(isOn) } }

    package func send(_ message: OutboundMessage) {
        guard isCompact else { return send(message.payload, isText: true) }
        guard let compact = message.compact else { return send(message.bytes, isText: true) }
        send(compact.payload, isText: false)
    }

    package func size(of message: OutboundMessage) -> Int {
        isCompact ? (message.compact ?? message.plain).payloadSize : message.payloadSize
    }

    package func send(_ bytes: [UInt8], isText: Bool) {
        guard isCompact, isText else { return send(ByteBuffer(bytes: bytes), isText: isText) }
        send(ByteBuffer(bytes: bytes.withUnsafeBufferPointer { MessagePack.translate(json: $0) }), isText: false)
    }

    private func send(_ message: ByteBuffer, isText: Bool) {
        guard phase == .open, let stream = lanes.reliable else { return }
        surroundings.metrics.messagesSent.increment()
        surroundings.metrics.sentBytes.increment(by: message.readableBytes)
        let parts = MessageParts.divide(message, isText: isText, limit: peer.maxSendBytes)
        for part in parts ?? [message] where peer.send(part, isText: isText && parts == nil, on: stream) != .accepted {
            // A message is missing now, so the client's world would be another one.
            return abort()
        }
        checkLimits()
    }

    /// Messages are sent at once; what is left to do is to report those that wait.
    package func flush() { reportMemory() }

    package func ping() { peer.ping() }

    package func limitWaiting(high: Int, low: Int) {
        limits.set(high: high, low: low)
        checkLimits()
    }

    private func checkLimits() {
        guard phase == .open, let isWritable = limits.change(waiting: waitingBytes) else { return }
        session?.writabilityChanged(isWritable)
    }

    private func reportMemory() {
        guard phase == .open || phase == .closing else { return }
        let waiting = waitingBytes
        guard waiting > SendMemory.floor else {
            if reportedSince != nil { surroundings.sendMemory.report(ObjectIdentifier(self), nil) }
            return reportedSince = nil
        }
        let since = reportedSince ?? .now()
        reportedSince = since
        surroundings.sendMemory.report(ObjectIdentifier(self), .init(bytes: waiting, since: since)) {
            // Not at once: the connection may be chosen in this very report.
            self.eventLoop.execute { self.shed() }
        }
    }

    /// ``SendMemory`` has chosen the connection, and no longer counts it.
    private func shed() {
        reportedSince = nil
        session?.connectionShed()
    }

    package func close(_ code: CloseCode, reason: String) {
        guard phase == .open, let stream = lanes.reliable else { return }
        phase = .closing
        sendClose(code, reason, on: stream)
        // The client's answer must be taken.
        peer.setReading(true)
    }

    private func sendClose(_ code: CloseCode, _ reason: String, on stream: UInt16) {
        _ = peer.send(ByteBuffer(bytes: CloseMessage(code: code, reason: reason).json), isText: true, on: stream)
        peer.closeChannel(stream)
    }

    package func closeNow() { peer.close() }

    package func abort() { peer.close() }

    // MARK: - DatagramConnection

    package var maxDatagramBytes: Int { RTCOptions.maxDatagramBytes }

    /// Sends a message on the channel `fast`, or drops it, see ``DatagramConnection/sendDatagram(_:isText:)``.
    @discardableResult package func sendDatagram(_ bytes: [UInt8], isText: Bool) -> Bool {
        guard phase == .open, let stream = lanes.fast,
            peer.sendDatagram(ByteBuffer(bytes: bytes), isText: isText, on: stream) == .accepted
        else { return false }
        surroundings.metrics.messagesSent.increment()
        surroundings.metrics.sentBytes.increment(by: bytes.count)
        return true
    }
}
