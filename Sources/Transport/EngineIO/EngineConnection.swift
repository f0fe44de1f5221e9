import CoreMetrics
package import NIOCore
import Synchronization
package import Wire

/// A client's connection of Engine.IO 4: carries messages over polling requests, and over a WebSocket when the client
/// opens one.
///
/// It lives on the event loop of its first request. Requests that come on other loops, and its WebSocket, use
/// ``run(_:)`` to get there. Each concern has a value of its own: ``EngineOutbox`` (packets to the client),
/// ``EngineInbox`` (packets from it), ``EnginePulse`` (the heartbeat), ``EngineUpgrade``.
///
/// `@unchecked Sendable`: each `var` is used on `eventLoop` only. Sessions use it there; timers run there; polling
/// handlers and WebSockets, which may be on other loops, call ``run(_:)``, and ``beginPost()`` and ``cancelPost()``,
/// which touch no `var`.
package final class EngineConnection: PacketConnection, @unchecked Sendable {
    private enum Phase {
        case open
        /// The close packet is queued, or the WebSocket's close frame; the session sends and gets no more messages.
        case closing
        case ended
    }

    /// The connection's id: who knows it may speak for the client.
    package let sid: String
    package let eventLoop: any EventLoop
    /// The key under which the connection is counted for its client.
    let clientKey: String
    /// The server's options at the handshake.
    let options: EngineOptions

    private let server: EngineServer
    private var session: (any ClientSession)?
    private var phase = Phase.open
    private var isStopping = false
    /// Whether the session takes messages.
    private var isReading = false
    /// Whether ``receive()`` runs.
    private var isReceiving = false
    private var inbox = EngineInbox()
    private var outbox: EngineOutbox
    private let pulse: EnginePulse
    private var upgrade = EngineUpgrade()
    /// The poll that waits for packets.
    private var heldPoll: EngineExchange?
    /// The WebSocket that carries the connection; `nil` while it polls.
    private var socket: EngineWebSocket?
    /// Ends the connection whose WebSocket has ended while its close frame waits in the inbox.
    private var lastTimer: RunningTimer?
    /// Whether a POST request is arriving or has no answer yet.
    private let isPosting = Atomic<Bool>(false)

    /// Makes a connection without a session.
    ///
    /// - Parameters:
    ///   - sid: The connection's id.
    ///   - clientKey: The key under which it is counted for its client.
    ///   - server: Its server.
    ///   - eventLoop: Its event loop; call it there.
    ///   - socket: The WebSocket that carries it; `nil` for polling.
    init(
        sid: String, clientKey: String, server: EngineServer, eventLoop: any EventLoop, socket: EngineWebSocket?
    ) {
        self.sid = sid
        self.clientKey = clientKey
        self.server = server
        self.eventLoop = eventLoop
        self.socket = socket
        options = server.options
        outbox = EngineOutbox(options, memory: server.sendMemory)
        pulse = EnginePulse(options, on: eventLoop, pauses: server.pausedTime)
    }

    /// Runs an action on the connection's event loop: now, if this is it.
    func run(_ action: @escaping @Sendable (EngineConnection) -> Void) {
        if eventLoop.inEventLoop { action(self) } else { eventLoop.execute { action(self) } }
    }

    /// Sets the connection's session; it is kept until the connection ends.
    func serve(_ session: any ClientSession) { self.session = session }

    /// Sends the open packet over a WebSocket (polling has sent it in its answer), and tells the session to begin.
    func begin() {
        pulse.start(isHeldBack: { [weak self] in self?.isHeldBack ?? false }) { [weak self] in self?.beat($0) }
        socket?.send([openPacket])
        session?.connectionOpened()
    }

    /// The open packet.
    var openPacket: EngineOutput { .control(options.openPacket(sid: sid, isPolling: socket == nil)) }

    // MARK: - Heartbeat

    private func beat(_ verdict: EngineHeartbeat.Verdict) {
        switch verdict {
        case .wait: break
        case .ping:
            // First, because a client that gets many packets by polling would see it too late.
            outbox.prepend(.control("2"))
            flush()
        case .dead:
            socket?.close(.goingAway, reason: EngineFailure.pingTimeout.description)
            fail(.pingTimeout)
        }
    }

    /// Whether the client can't send, because the session has not taken what it sent before; not when the session waits
    /// for the client to collect what it is sent.
    private var isHeldBack: Bool { outbox.isWritable && (socket?.isPaused ?? inbox.hasRequest) }

    private func heard() {
        session?.heard()
        pulse.heard()
    }

    // MARK: - Polls

    /// Answers a poll, or keeps it until there are packets.
    func poll(_ request: EngineExchange) {
        pulse.beatIfDue()
        guard phase != .ended else { return request.answer(.refusal(.unknownSID)) }
        guard socket == nil else { return request.answer(.refusal(.badRequest)) }
        guard heldPoll == nil else {
            let violation = EngineViolation(.protocolError, "two polls at the same time")
            request.answer(.refusal(.badRequest(violation.description)))
            endPoll(with: .close)
            return violate(violation)
        }
        heldPoll = request
        answerPoll()
        if upgrade.isProbed { endPoll(with: .control("6")) }
    }

    /// Answers the poll that waits, if packets do.
    private func answerPoll() {
        guard let heldPoll, !outbox.isEmpty else { return }
        self.heldPoll = nil
        let (body, count) = outbox.takeAnswer()
        let size = body.readableBytes
        server.metrics.messagesSent.increment(by: count)
        server.metrics.sentBytes.increment(by: size)
        heldPoll.answer(.packets(body)) { isWritten in self.run { $0.answerEnded(size, isWritten: isWritten) } }
        if phase == .closing, outbox.isEmpty { return end() }
        outbox.reportMemory(wereSent: true, of: self)
        checkPressure()
    }

    private func answerEnded(_ size: Int, isWritten: Bool) {
        outbox.noteWritten(size)
        if isWritten { checkPressure() } else { fail(.answerLost) }
    }

    /// Ends the poll that waits, if one does, with a packet of the protocol.
    private func endPoll(with packet: EngineOutput) {
        guard let heldPoll else { return }
        self.heldPoll = nil
        heldPoll.answer(.packets(EngineOutput.payload(of: [packet])))
    }

    /// The TCP connection of a request ended, or its client sends nothing more over it.
    ///
    /// - Parameters:
    ///   - request: The request, which may have its answer already.
    ///   - isGone: Whether an answer can't be sent any more.
    func requestLost(_ request: EngineExchange, isGone: Bool) {
        if heldPoll === request {
            heldPoll = nil
            request.drop()
            fail(.requestLost)
        } else if isGone, inbox.isWaiting(request) {
            fail(.requestLost)
        }
    }

    // MARK: - Posts

    /// Reserves the connection's one POST request, before its body is read; any thread may call it.
    ///
    /// - Returns: `false` while another one is arriving or has no answer.
    func beginPost() -> Bool { !isPosting.exchange(true, ordering: .sequentiallyConsistent) }

    /// Gives the reservation back, for a request that was refused; any thread may call it.
    func cancelPost() { isPosting.store(false, ordering: .sequentiallyConsistent) }

    /// Ends the connection, because its client sent a request before it had the answer to another one.
    func postsOverlap() { violate(EngineViolation(.protocolError, "two POST requests at the same time")) }

    /// Ends the connection, because a request broke off.
    func postBrokeOff() {
        cancelPost()
        fail(.requestLost)
    }

    /// Takes the packets of a request. It is answered when the session has taken them all.
    func post(_ body: EnginePayload, _ request: EngineExchange) {
        pulse.beatIfDue()
        guard phase != .ended else { return finishPost(request, .refusal(.unknownSID)) }
        guard socket == nil else { return finishPost(request, .refusal(.badRequest)) }
        inbox.add(body, of: request)
        heard()
        receive()
    }

    private func finishPost(_ request: EngineExchange, _ answer: EngineAnswer) {
        cancelPost()
        request.answer(answer)
    }

    // MARK: - Receiving

    package func setReading(_ isOn: Bool) {
        isReading = isOn
        receive()
    }

    /// Handles what has arrived, as long as the session reads.
    private func receive() {
        // The session may call this again from within.
        guard !isReceiving else { return }
        isReceiving = true
        defer { isReceiving = false }
        while phase == .closing || phase == .open && isReading {
            do throws(EngineViolation) {
                guard let item = try inbox.next() else { return }
                switch item {
                case .packet(let packet, let socket):
                    handle(packet)
                    // The client could not answer a ping that was sent while it was held back.
                    if socket?.took(packet.cost) == true { pulse.heard() }
                case .done(let request):
                    finishPost(request, .ok)
                    pulse.heard()
                case .closed: socketClosed()
                }
            } catch {
                return violate(error)
            }
        }
    }

    private func handle(_ packet: EnginePacket) {
        switch packet {
        case .message(let bytes, let isText): if phase == .open { session?.received(bytes, isText: isText) }
        case .pong, .noop, .upgrade: if phase == .open { _ = session?.receivedControl() }
        case .ping: violate(EngineViolation(.protocolError, "only the server sends pings"))
        case .close: clientCloses()
        }
    }

    private func clientCloses() {
        if phase == .open { session?.clientCloses() }
        phase = .closing
        if let socket { return socket.close(.normal, reason: "") }
        if let request = inbox.takeRequest() { finishPost(request, .ok) }
        endPoll(with: .control("6"))
        end()
    }

    /// Tells the session what its client did wrong, and ends the connection.
    private func violate(_ violation: EngineViolation) {
        guard phase != .ended else { return }
        if let request = inbox.takeRequest() {
            finishPost(request, .refusal(.badRequest(violation.description)))
        }
        session?.violated(violation.code, violation.description)
        guard let socket else { return end() }
        guard phase == .open else { return }
        phase = .closing
        socket.discard(violation)
    }

    // MARK: - The WebSocket

    /// A WebSocket was opened with the connection's sid.
    func socketOpened(_ opened: EngineWebSocket) {
        guard phase == .open, socket == nil, !upgrade.isInProgress else {
            return opened.discard(EngineViolation(.policyViolation, "this connection has its WebSocket, or has ended"))
        }
        let timer = RunningTimer(in: options.upgradeTimeout, on: eventLoop, pauses: server.pausedTime) {
            [weak self] in
            self?.abandonUpgrade(EngineViolation(.policyViolation, "the upgrade was not completed in time"))
        }
        upgrade.begin(opened, timer: timer)
    }

    /// A packet arrived over a WebSocket.
    func arrived(_ packet: EnginePacket, over other: EngineWebSocket) {
        if other === socket {
            heard()
            inbox.add(packet, from: other)
            return receive()
        }
        other.took(packet.cost)
        switch upgrade.step(after: packet, over: other) {
        case .ignore: break
        case .probed:
            other.send([.control("3probe")])
            endPoll(with: .control("6"))
        case .completed:
            socket = other
            endPoll(with: .control("6"))
            if let limits = outbox.sessionLimits { other.limitWaiting(high: limits.high, low: limits.low) }
            // What the WebSocket said during the upgrade was not heard.
            other.reportWritability()
            flush()
        case .abandoned: other.discard(EngineViolation(.protocolError, "an upgrade is 2probe, then 5"))
        }
    }

    private func abandonUpgrade(_ reason: EngineViolation) { upgrade.end()?.discard(reason) }

    /// A control frame of the WebSocket arrived.
    func controlArrived(over other: EngineWebSocket) {
        guard other === socket else { return other.tookControl(mayAnswer: true) }
        other.tookControl(mayAnswer: phase == .open && session?.receivedControl() ?? false)
    }

    /// The client broke the rules of the WebSocket, or sent a text that is no packet.
    func socketBroke(_ other: EngineWebSocket, _ violation: EngineViolation) {
        if other === socket { violate(violation) } else if upgrade.end(other) { other.discard(violation) }
    }

    /// The client closes the WebSocket, which sends the answer. The session first takes what came before.
    func socketCloses(_ other: EngineWebSocket) {
        guard other === socket, phase == .open else { return }
        inbox.addClose()
        receive()
    }

    private func socketClosed() {
        if phase == .open {
            phase = .closing
            session?.clientCloses()
        }
        if lastTimer != nil { end() }
    }

    /// The WebSocket's writability changed.
    func socketWritability(_ other: EngineWebSocket, _ isWritable: Bool) {
        guard other === socket else { return }
        outbox.noteSocketWritable(isWritable)
        checkPressure()
    }

    /// The WebSocket must be closed, because too many bytes wait for all clients together.
    func socketShed(_ other: EngineWebSocket) {
        if other === socket { shed() } else { other.abort() }
    }

    /// The server of the WebSocket stops.
    func socketStops(_ other: EngineWebSocket) {
        if other === socket { serverStops() } else { other.closeNow() }
    }

    /// The WebSocket failed; it ends.
    func socketFailed(_ other: EngineWebSocket, _ failure: EngineFailure) {
        if other === socket { session?.connectionFailed(failure) }
    }

    /// The WebSocket has ended.
    func socketEnded(_ other: EngineWebSocket) {
        guard other === socket else {
            _ = upgrade.end(other)
            return
        }
        guard phase == .open, inbox.isClosed else { return end() }
        lastTimer = RunningTimer(in: EngineWebSocket.closeTimeout, on: eventLoop, pauses: server.pausedTime) {
            [weak self] in
            self?.end()
        }
    }

    // MARK: - Sending

    /// Messages are not compressed: a shared packet has one form for all clients.
    package var acceptsDeflate: Bool { false }

    package var waitingBytes: Int { outbox.waitingBytes + (socket?.waitingBytes ?? 0) }

    package func size(of message: OutboundMessage) -> Int { message.size + 1 }

    package func send(_ message: OutboundMessage) { send(.message(message)) }

    package func send(_ bytes: [UInt8], isText: Bool) { send(isText ? .text(bytes) : .binary(bytes)) }

    /// Queues a whole packet whose bytes other connections may send, too; the next ``flush()`` sends it.
    ///
    /// Its WebSocket frame is shared by all who receive it.
    ///
    /// - Parameter packet: A packet of text; its text begins with the packet's type, as in `42["move",{}]`.
    package func send(packet: OutboundMessage) { send(.packet(packet)) }

    /// Queues whole packets, as ``send(packet:)`` for each of them.
    ///
    /// - Parameter run: The packets; a WebSocket on the connection's event loop sends their frames with one write.
    package func send(run: PacketRun) {
        guard phase == .open else { return }
        if let socket, socket.queue(run: run, on: eventLoop) { return }
        for packet in run.packets { outbox.append(.packet(packet)) }
        checkPressure()
    }

    private func send(_ packet: EngineOutput) {
        guard phase == .open else { return }
        // The outbox is empty while the connection has a WebSocket on its own loop, so the order stays.
        if let socket, socket.queue(packet, on: eventLoop) { return }
        outbox.append(packet)
        checkPressure()
    }

    package func flush() {
        guard phase != .ended else { return }
        guard let socket else {
            answerPoll()
            if phase != .ended { outbox.reportMemory(wereSent: false, of: self) }
            return
        }
        guard !outbox.isEmpty else { return socket.flush(on: eventLoop) }
        socket.send(outbox.takeAll())
        outbox.forgetMemory(of: self)
        checkPressure()
    }

    package func ping() {
        if phase == .open { pulse.pingNow() }
    }

    package func limitWaiting(high: Int, low: Int) {
        outbox.limit(high: high, low: low)
        socket?.limitWaiting(high: high, low: low)
        checkPressure()
    }

    private func checkPressure() {
        guard phase == .open, let isWritable = outbox.changedWritability() else { return }
        session?.writabilityChanged(isWritable)
    }

    /// Closes the connection, because too many bytes wait for all clients together.
    func shed() { session?.connectionShed() }

    // MARK: - Ending

    /// Tells the session, once, that the server stops.
    func serverStops() {
        guard phase != .ended, !isStopping else { return }
        isStopping = true
        session?.serverStops()
    }

    package func close(_ code: CloseCode, reason: String) {
        guard phase == .open else { return }
        if let socket {
            flush()
            socket.close(code, reason: reason)
        } else {
            outbox.append(.close)
            abandonUpgrade(EngineViolation(code, reason))
        }
        phase = .closing
        flush()
        receive()
    }

    package func closeNow() {
        socket?.closeNow()
        end()
    }

    package func abort() {
        socket?.abort()
        end()
    }

    private func fail(_ failure: EngineFailure) {
        guard phase != .ended else { return }
        session?.connectionFailed(failure)
        closeNow()
    }

    /// Ends the connection at once: its sid is unknown from now on. A poll that waits gets the close packet.
    private func end() {
        guard phase != .ended else { return }
        phase = .ended
        server.remove(self)
        pulse.stop()
        lastTimer?.cancel()
        lastTimer = nil
        abandonUpgrade(EngineViolation(.goingAway, "the connection has ended"))
        endPoll(with: .close)
        outbox.removeAll()
        outbox.forgetMemory(of: self)
        if let request = inbox.removeAll() { finishPost(request, .refusal(.unknownSID)) }
        socket = nil
        let session = session
        self.session = nil
        session?.connectionEnded()
    }
}
