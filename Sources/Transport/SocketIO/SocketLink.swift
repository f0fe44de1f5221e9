package import NIOCore
package import Wire

/// One namespace of one client: a "socket" of Socket.IO. Used on its event loop only.
///
/// What is sent before the server has accepted the socket, or after the socket has ended, is dropped. Sending queues;
/// ``flush()`` sends what all sockets of the client have queued.
package final class SocketLink {
    private enum State {
        /// The server has not decided yet.
        case deciding
        case open(any SocketSession)
        case ended(SocketEnd)
    }

    /// The namespace, which begins with `/`.
    package let namespace: String
    /// The socket's id, which the client knows too. A recovered socket has its former one.
    package private(set) var id: String
    /// The loop on which the link and its session are used.
    package let eventLoop: any EventLoop
    /// Whether the client had this socket before, and gets what it missed since.
    package private(set) var isRecovered = false
    /// How the client can come back to this socket; `nil` before the socket opens, and without recovery.
    package private(set) var recovery: SocketRecovery?
    /// The latest packet that the client of a recovered socket has received.
    private(set) var lastOffset: String?

    private let client: SocketClient
    private var state = State.deciding
    private var answers = PendingAnswers()
    private var decided: (() -> Void)?
    /// Makes the events that are kept for the client; `nil` without recovery.
    private var keptEvents: SocketPackets?
    private(set) var wantsReading = false
    private(set) var waitingLimits: (high: Int, low: Int)?

    init(client: SocketClient, eventLoop: any EventLoop, namespace: String, id: String) {
        self.client = client
        self.eventLoop = eventLoop
        self.namespace = namespace
        self.id = id
    }

    /// Calls an action once the server has decided and an accepted session has opened, or once the link has ended. It
    /// is for what a server keeps for a client while it decides.
    ///
    /// - Parameter action: Called once, on the event loop; of several actions only the last one.
    package func whenDecided(_ action: @escaping () -> Void) { decided = action }

    func noteDecision() {
        let action = decided
        decided = nil
        action?()
    }

    // MARK: - Sending

    /// Queues an event for this client only.
    ///
    /// With recovery the event is kept, and the client gets one more argument, the event's offset.
    ///
    /// - Parameters:
    ///   - name: The event's name; none of ``Wire/SocketEvent/reservedNames``.
    ///   - arguments: What it carries.
    package func emit(_ name: String, _ arguments: SocketArguments = []) {
        guard session != nil else { return }
        let event = SocketEvent(name, arguments)
        guard let recovery, let keptEvents else {
            send(.event(event))
            return
        }
        if arguments.attachments.isEmpty {
            emit(keptEvents.event(name, arguments.values))
        } else {
            client.send(recovery.store.append(event, to: recovery.log))
        }
    }

    /// Queues a packet that other clients may get, too.
    ///
    /// - Parameter packet: A packet of this namespace that ``Wire/SocketPackets`` made. It is kept if it has an offset.
    package func emit(_ packet: OutboundMessage) {
        guard session != nil else { return }
        recovery?.keep(packet)
        client.send(packet)
    }

    /// Queues successive packets that other clients may get, too.
    ///
    /// - Parameter run: Packets of this namespace that ``Wire/SocketPackets`` made. Only those with an offset are kept.
    package func emit(_ run: PacketRun) {
        guard session != nil else { return }
        if let recovery { for packet in run.packets { recovery.keep(packet) } }
        client.send(run)
    }

    /// Queues an event that the client must acknowledge. It is not kept for a client that comes back.
    ///
    /// - Parameters:
    ///   - name: The event's name; none of ``Wire/SocketEvent/reservedNames``.
    ///   - arguments: What it carries.
    ///   - timeout: How long the client may take.
    ///   - answered: Called once, with the answer.
    package func emit(
        _ name: String, _ arguments: SocketArguments = [], timeout: TimeAmount,
        answered: @escaping (SocketAnswer) -> Void
    ) {
        guard session != nil else { return answered(.ended) }
        let limit = client.options.maxPendingAnswers
        guard answers.count < limit else { return answered(.tooMany(limit: limit)) }
        let id = answers.wait(answered) { id in
            client.timer(in: timeout) { self.answers.take(id)?(.timedOut) }
        }
        send(.event(SocketEvent(name, arguments, acknowledgement: id)))
    }

    /// Queues the acknowledgement of an event.
    ///
    /// - Parameters:
    ///   - id: The event's id; each is acknowledged once.
    ///   - arguments: The answer.
    /// - Returns: How many bytes it has; 0 when it is dropped.
    @discardableResult
    package func acknowledge(_ id: Int, _ arguments: SocketArguments = []) -> Int {
        guard session != nil else { return 0 }
        return send(.acknowledgement(id: id, arguments))
    }

    @discardableResult
    private func send(_ content: SocketPacket.Content) -> Int {
        client.send(SocketPacket(content, namespace: namespace))
    }

    /// Sends what is queued.
    package func flush() { client.connection.flush() }

    /// Sends a ping, so that the client must answer.
    package func ping() { client.connection.ping() }

    /// How many bytes wait to be sent to the client, by all of its sockets.
    package var waitingBytes: Int { client.connection.waitingBytes }

    // MARK: - Flow

    /// Starts or stops to pass the client's events to the session; a new socket does not pass them.
    ///
    /// The client is read only while all of its sockets want it.
    ///
    /// - Parameter isOn: Whether to start.
    package func setReading(_ isOn: Bool) {
        wantsReading = isOn
        client.updateReading()
    }

    /// Sets the limits of waiting bytes at which ``SocketSession/writabilityChanged(_:)`` is called. Of the limits of
    /// several sockets the largest count.
    ///
    /// - Parameters:
    ///   - high: The number of bytes above which the client becomes unwritable.
    ///   - low: The number of bytes below which it becomes writable again.
    package func limitWaiting(high: Int, low: Int) {
        waitingLimits = (high, low)
        client.updateWaitingLimits()
    }

    // MARK: - Ending

    /// Takes the client out of the namespace; its connection stays, also for its other sockets.
    package func disconnect() {
        guard session != nil else { return }
        send(.disconnect)
        flush()
        client.remove(self, .serverLeft)
    }

    /// Sends all that is queued, and ends the client's connection with all of its sockets.
    ///
    /// - Parameters:
    ///   - code: The reason for programs.
    ///   - reason: The reason for people.
    package func close(_ code: CloseCode, reason: String) {
        guard session != nil else { return }
        client.close(code, reason: reason, .serverClosed)
    }

    /// Ends the client's connection without waiting for the client.
    package func closeNow() {
        guard session != nil else { return }
        client.closeNow()
    }

    /// Ends the client's connection and drops all bytes that wait for the client.
    package func abort() {
        guard session != nil else { return }
        client.abort()
    }

    // MARK: - For the client's connection

    /// The session of an open socket; `nil` before and afterwards.
    var session: (any SocketSession)? { if case .open(let session) = state { session } else { nil } }

    var isDeciding: Bool { if case .deciding = state { true } else { false } }

    /// Why the socket ended; `nil` before.
    var end: SocketEnd? { if case .ended(let end) = state { end } else { nil } }

    /// Gives the link the socket that its client had before.
    func recover(_ recovery: SocketRecovery, after offset: String?) {
        isRecovered = true
        id = recovery.log.socketID
        lastOffset = offset
        use(recovery)
    }

    /// Keeps what the client is sent from now on.
    func use(_ recovery: SocketRecovery) {
        self.recovery = recovery
        keptEvents = SocketPackets(namespace: namespace, offsets: recovery.store.offsets)
    }

    func open(_ session: any SocketSession) { state = .open(session) }

    func answered(_ id: Int, _ arguments: SocketArguments) {
        if let answered = answers.take(id) {
            answered(.arguments(arguments))
        } else {
            _ = session?.receivedControl()
        }
    }

    /// Ends the socket, once, and tells its session.
    func end(_ end: SocketEnd) {
        if case .ended = state { return }
        let session = session
        state = .ended(end)
        for answered in answers.takeAll() { answered(.ended) }
        if let recovery {
            if end.mayReturn { recovery.store.leave(recovery.log) } else { recovery.forget() }
        }
        session?.ended(end)
        noteDecision()
    }
}
