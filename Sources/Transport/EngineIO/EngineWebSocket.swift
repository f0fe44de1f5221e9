import NIOCore
import Synchronization
import Wire

/// The WebSocket of an Engine.IO connection, as the session of a ``WebSocketConnection``: it opens the connection, or
/// takes it over from polling.
///
/// The WebSocket may be on another event loop than its connection. It reads frames into packets there, and passes them
/// on in their order; the connection sends through it in batches.
///
/// `@unchecked Sendable`: all `var` are used on the WebSocket's event loop only. ``WebSocketConnection`` calls the
/// `ClientSession` functions there; the functions for the connection go there by ``run(_:)``. Everything else is `let`
/// and `Sendable`, but for `socket` and `webSocket`, which are used in these functions alone.
final class EngineWebSocket: ClientSession, @unchecked Sendable {
    /// What a request begins with: a handshake, or the sid of a connection.
    enum Start: Sendable {
        case open(EngineHandshake)
        case upgrade(EngineConnection)
    }

    /// How long a client may take to answer a close frame when no session waits for it.
    static let closeTimeout = TimeAmount.seconds(1)

    let eventLoop: any EventLoop
    private let socket: any ClientConnection
    /// The same, when it can send several frames at once.
    private let webSocket: WebSocketConnection?
    private let server: EngineServer
    /// What the WebSocket begins with; `nil` once it has.
    private var start: Start?
    private let credit = EngineCredit()
    private let published = Atomic<Int>(0)
    /// Whether pings may be answered, as the session said at the last control frame; the connection's loop writes it.
    private let mayAnswerPings = Atomic<Bool>(true)
    private var connection: EngineConnection?
    private var isWritable = true
    private var isBroken = false
    private var isEnded = false
    private var closeTimer: RunningTimer?

    init(_ socket: any ClientConnection, server: EngineServer, start: Start) {
        self.socket = socket
        webSocket = socket as? WebSocketConnection
        self.server = server
        self.start = start
        eventLoop = socket.eventLoop
    }

    /// Runs an action on the WebSocket's event loop: now, if this is it.
    private func run(_ action: @escaping @Sendable (EngineWebSocket) -> Void) {
        if eventLoop.inEventLoop { action(self) } else { eventLoop.execute { action(self) } }
    }

    // MARK: - ClientSession

    func connectionOpened() {
        defer { start = nil }
        switch start {
        case nil: break
        case .open(let handshake):
            do throws(EngineRefusal) {
                let connection = try server.open(handshake, on: eventLoop, socket: self)
                self.connection = connection
                connection.begin()
                socket.setReading(true)
            } catch {
                discard(EngineViolation(.tryAgainLater, error.message))
            }
        case .upgrade(let connection):
            self.connection = connection
            socket.setReading(true)
            connection.run { $0.socketOpened(self) }
        }
    }

    func heard() {}

    func received(_ message: [UInt8], isText: Bool) {
        guard !isBroken else { return }
        let packet: EnginePacket
        do throws(EngineViolation) {
            packet = isText ? try EnginePacket(text: message) : .message(message, isText: false)
        } catch {
            return broke(error)
        }
        if credit.add(packet.cost) { socket.setReading(false) }
        connection?.run { $0.arrived(packet, over: self) }
    }

    func receivedControl() -> Bool {
        guard !isBroken else { return false }
        if credit.add(EnginePacket.overhead) { socket.setReading(false) }
        // On another loop the answer to this frame depends on the session's verdict about an earlier one.
        connection?.run { $0.controlArrived(over: self) }
        return isWritable && mayAnswerPings.load(ordering: .relaxed)
    }

    func violated(_ code: CloseCode, _ description: String) { broke(EngineViolation(code, description)) }

    private func broke(_ violation: EngineViolation) {
        isBroken = true
        connection?.run { $0.socketBroke(self, violation) }
    }

    func clientCloses() { connection?.run { $0.socketCloses(self) } }

    func writabilityChanged(_ isWritable: Bool) {
        self.isWritable = isWritable
        publishWaiting()
        connection?.run { $0.socketWritability(self, isWritable) }
    }

    func connectionShed() {
        guard let connection else { return socket.abort() }
        connection.run { $0.socketShed(self) }
    }

    func serverStops() {
        guard let connection else { return socket.closeNow() }
        connection.run { $0.socketStops(self) }
    }

    func connectionFailed(_ error: any Error) {
        let failure = EngineFailure.socketFailed("\(error)")
        connection?.run { $0.socketFailed(self, failure) }
    }

    func connectionEnded() {
        isEnded = true
        closeTimer?.cancel()
        closeTimer = nil
        connection?.run { $0.socketEnded(self) }
        connection = nil
    }

    // MARK: - What the connection does with it; on any thread

    /// How many bytes wait on the WebSocket, as of its last flush.
    var waitingBytes: Int {
        eventLoop.inEventLoop ? socket.waitingBytes : published.load(ordering: .relaxed)
    }

    private func publishWaiting() { published.store(socket.waitingBytes, ordering: .relaxed) }

    /// Queues a packet at once, which saves a batch, if the connection is on the WebSocket's event loop.
    ///
    /// - Parameters:
    ///   - packet: The packet; ``flush(on:)`` sends it.
    ///   - loop: The event loop of the connection.
    /// - Returns: Whether it was queued.
    func queue(_ packet: EngineOutput, on loop: any EventLoop) -> Bool {
        guard loop === eventLoop else { return false }
        packet.send(on: socket)
        return true
    }

    /// Queues packets at once, as ``queue(_:on:)`` does, with one buffer for all of them if the WebSocket can.
    ///
    /// - Parameters:
    ///   - run: The packets; ``flush(on:)`` sends them.
    ///   - loop: The event loop of the connection.
    /// - Returns: Whether they were queued.
    func queue(run: PacketRun, on loop: any EventLoop) -> Bool {
        guard loop === eventLoop else { return false }
        if let webSocket {
            webSocket.send(run: run)
        } else {
            for packet in run.packets { socket.send(packet) }
        }
        return true
    }

    /// Sends what ``queue(_:on:)`` has queued.
    ///
    /// - Parameter loop: The event loop of the connection.
    func flush(on loop: any EventLoop) { if loop === eventLoop { socket.flush() } }

    /// Sends packets in their order.
    func send(_ packets: [EngineOutput]) {
        guard !packets.isEmpty else { return }
        run { socket in
            for packet in packets { packet.send(on: socket.socket) }
            socket.socket.flush()
            socket.publishWaiting()
        }
    }

    /// Records that the connection took a packet or a control frame.
    ///
    /// - Parameter cost: Its bytes, as they were counted.
    /// - Returns: Whether the WebSocket had stopped to read, and reads on now.
    @discardableResult
    func took(_ cost: Int) -> Bool {
        guard credit.take(cost) else { return false }
        run { if !$0.isBroken { $0.socket.setReading(true) } }
        return true
    }

    /// Records that the connection took a control frame.
    ///
    /// - Parameter mayAnswer: Whether the session lets pings be answered.
    func tookControl(mayAnswer: Bool) {
        mayAnswerPings.store(mayAnswer, ordering: .relaxed)
        took(EnginePacket.overhead)
    }

    /// Whether the WebSocket does not read, because the connection has not taken what it has read.
    var isPaused: Bool { credit.isPaused }

    /// Tells the connection whether the WebSocket is writable now.
    func reportWritability() {
        run { socket in
            let isWritable = socket.isWritable
            socket.connection?.run { $0.socketWritability(socket, isWritable) }
        }
    }

    /// Sets the limits of bytes that wait on the WebSocket.
    func limitWaiting(high: Int, low: Int) { run { $0.socket.limitWaiting(high: high, low: low) } }

    /// Sends a close frame; the caller limits the wait for the answer.
    func close(_ code: CloseCode, reason: String) { run { $0.socket.close(code, reason: reason) } }

    /// Closes a WebSocket that is of no use, without a session that waits for its end.
    func discard(_ reason: EngineViolation) {
        run { socket in
            guard !socket.isEnded else { return }
            socket.isBroken = true
            socket.socket.close(reason.code, reason: reason.description)
            socket.closeTimer = RunningTimer(
                in: Self.closeTimeout, on: socket.eventLoop, pauses: socket.server.pausedTime
            ) { socket.socket.closeNow() }
        }
    }

    /// Ends the WebSocket without waiting for the client.
    func closeNow() { run { $0.socket.closeNow() } }

    /// Ends the WebSocket and drops all bytes that wait for the client.
    func abort() { run { $0.socket.abort() } }
}
