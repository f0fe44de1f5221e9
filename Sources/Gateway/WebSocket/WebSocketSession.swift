import JSONValues
import Logging
package import NIOCore
package import Simulation
import Wire
import World

/// One player's connection: checks what comes in, writes what the map sends, and keeps the memory for it bounded.
///
/// A plain channel handler after the upgrade, the last in its pipeline; each frame is handled on the event loop without
/// a hop. Split by idea: this file holds the state and the life of a session, `+Inbound` the client's messages,
/// `+Outbound` the map's.
///
/// `@unchecked Sendable`: every stored `var` is touched on `eventLoop` only. NIO calls a handler there, `deliver` and
/// `flush` are documented to be called there, timers run there, and everything else enters through `eventLoop.execute`.
package final class WebSocketSession: ChannelInboundHandler, SessionSink, @unchecked Sendable {
    package typealias InboundIn = ByteBuffer
    package typealias OutboundOut = ByteBuffer

    /// Where a session stands.
    enum Phase {
        /// The player's record is being read; nothing is read from the client yet.
        case joining
        /// On the map.
        case open
        /// The server has sent its close frame and waits for the client's.
        case closing
        /// The connection is gone.
        case closed
    }

    /// What a slow client's buffer allows [1-protocol 4.4].
    enum Flow {
        /// Everything is written.
        case live
        /// The buffer is over its limit; deltas are left out until it drains.
        case stale
        /// The buffer has drained; deltas are left out until the fresh snapshot that was asked for.
        case awaitingSnapshot
    }

    package let id: SessionID
    package var playerID: Int { admission.playerID }
    package var acceptsDeflate: Bool { deflate != nil }
    package let thread: SessionThread
    let eventLoop: any EventLoop

    let admission: Admission
    /// The `host` and `port` by which the client reached the server, for `reconnect`.
    let address: PublicAddress
    let limits: SessionLimits
    /// What the client agreed to about compression, if it did.
    let deflate: DeflateAgreement?
    /// Counts what waits on the connection.
    let meter: SendMeter?
    let metrics: GatewayMetrics
    let delegate: any SessionDelegate
    let logger: Logger

    var context: ChannelHandlerContext?
    var phase = Phase.joining
    var flow = Flow.live
    /// The map joined; `nil` before.
    var map: (any MapHandle)?
    var decoder: WebSocketDecoder
    var bucket: TokenBucket
    /// For snapshots that the client asks for.
    var loads: TokenBucket
    /// When the last refusals were, oldest first; at most `limits.maxRefusals`.
    var refusals: [NIODeadline] = []
    /// When something came from the client, as ``runningNow`` was.
    var lastHeard: NIODeadline
    /// Whether the write limit was raised for a snapshot larger than the usual one.
    var isLimitRaised = false
    var isReconnecting = false
    /// Whether the player may come back with this session's token.
    var mayResume = true
    /// Whether the client was told that token.
    var hasResumeToken = false
    /// Whether the client broke the framing: what it sends now can't be read as frames any more.
    var isInputBroken = false
    /// Frames and bytes since the last flush, for the metrics.
    var unflushed = (messages: 0, bytes: 0)

    private var livenessTimer: RunningTimer?
    var drainTimer: RunningTimer?
    private var closeTimer: RunningTimer?

    init(
        id: SessionID, admission: Admission, address: PublicAddress, limits: SessionLimits,
        deflate: DeflateAgreement? = nil, meter: SendMeter? = nil, metrics: GatewayMetrics,
        delegate: any SessionDelegate, eventLoop: any EventLoop, logger: Logger
    ) {
        self.id = id
        self.admission = admission
        self.address = address
        self.limits = limits
        self.deflate = deflate
        self.meter = meter
        self.metrics = metrics
        self.delegate = delegate
        self.eventLoop = eventLoop
        thread = SessionThread(eventLoop)
        self.logger = logger
        decoder = WebSocketDecoder(maxMessageBytes: limits.maxMessageBytes, deflate: deflate)
        let (now, paused) = (eventLoop.now, delegate.pausedTime)
        bucket = TokenBucket(limits.commandRate, now: now.sinceStart, paused: paused.duration)
        loads = TokenBucket(limits.loadRate, now: now.sinceStart, paused: paused.duration)
        lastHeard = now - paused
        meter?.shed = { [weak self] in self?.shed($0) }
    }

    /// The time on a clock that stands still while the server is paused.
    var runningNow: NIODeadline { eventLoop.now - delegate.pausedTime }

    // MARK: - Joining

    package func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        metrics.sessions.count()
        metrics.sessionsOpened.count()
        setWriteLimit(high: limits.sendBufferBytes)
        // Nothing may reach the map before the join, so nothing is read before it.
        setAutoRead(false)
        scheduleLivenessCheck()
        delegate.joiningRecord(for: admission, on: eventLoop).assumeIsolated().whenComplete { result in
            switch result {
            case .success(let record): self.join(record)
            case .failure(let error):
                self.logger.error("can't read a player's record", metadata: ["error": "\(error)"])
                self.end(.internalError, code: "internal", message: "the player could not be loaded; try again")
            }
        }
    }

    private func join(_ record: EntityRecord) {
        guard phase == .joining else { return }
        guard let map = delegate.map(record.mapID) else {
            return end(.internalError, code: "no_map", message: "the player's map \(record.mapID) is not running")
        }
        guard map.isReady, map.post(.join(record, self)) else {
            return end(.tryAgainLater, code: "map_starting", message: "the map is starting or full; try again")
        }
        self.map = map
        phase = .open
        delegate.sessionJoined(self, mapID: map.mapID)
        setAutoRead(true)
        handleReceived()
    }

    // MARK: - Liveness

    private func scheduleLivenessCheck() {
        livenessTimer = timer(in: limits.pingInterval) { $0.checkLiveness() }
    }

    /// Starts a timer for which the server's pauses don't count.
    func timer(in amount: TimeAmount, _ action: @escaping (WebSocketSession) -> Void) -> RunningTimer {
        RunningTimer(in: amount, on: eventLoop, pauses: { self.delegate.pausedTime }, { action(self) })
    }

    private func checkLiveness() {
        guard phase == .open || phase == .joining else { return }
        let silence = runningNow - lastHeard
        if silence >= limits.deadAfter {
            return end(
                .goingAway, code: "timeout",
                message: "nothing was heard for \(limits.deadAfter.nanoseconds / 1_000_000_000) s")
        }
        // A ping behind a full buffer would only add to it; the drain timer watches such a client.
        if silence >= limits.pingInterval, context?.channel.isWritable == true {
            write(WebSocketFrame.make(.ping, []))
            flush()
        }
        scheduleLivenessCheck()
    }

    // MARK: - Ending

    /// Tells the client why, sends a close frame, and closes the connection once the client has answered.
    ///
    /// - Parameters:
    ///   - closeCode: The close frame's code.
    ///   - code: The reason for programs, sent in an error message before the close frame; `nil` sends none.
    ///   - message: The reason for people.
    ///   - halfClose: Whether to end the outgoing direction at once, for a client whose frames can't be read any more.
    func end(_ closeCode: WebSocketCloseCode, code: String?, message: String, halfClose: Bool = false) {
        guard phase == .joining || phase == .open else { return }
        if let code {
            let payload = JSON.object(["error": .string(message), "code": .string(code)])
            write(WebSocketFrame.text(payload.bytes))
        }
        sendClose(closeCode.rawValue, reason: message, halfClose: halfClose)
    }

    /// Sends the server's close frame and starts waiting for the end of the connection.
    func sendClose(_ code: UInt16?, reason: String, halfClose: Bool = false) {
        guard phase == .joining || phase == .open else { return }
        phase = .closing
        leaveMap()
        let written = eventLoop.makePromise(of: Void.self)
        context?.writeAndFlush(Self.wrapOutboundOut(WebSocketFrame.close(code, reason: reason)), promise: written)
        if halfClose {
            written.futureResult.assumeIsolated().whenSuccess { self.context?.close(mode: .output, promise: nil) }
        }
        setAutoRead(true)
        closeTimer = timer(in: limits.closeTimeout) { session in
            if let channel = session.context?.channel { KernelSendBuffer.close(channel) }
        }
    }

    /// Ends the session because the player has a newer one on another map; may be called on any thread.
    func replace() {
        eventLoop.execute {
            self.mayResume = false
            self.end(.replaced, code: "replaced", message: "this player has connected again elsewhere")
        }
    }

    /// Takes the player off the map, once; a full inbox is tried again, as a leave must not get lost.
    private func leaveMap() {
        guard let map else { return }
        self.map = nil
        delegate.sessionEnded(self, mayResume: mayResume)
        post(leave: id, to: map)
    }

    private func post(leave id: SessionID, to map: any MapHandle) {
        guard !map.post(.leave(id)) else { return }
        eventLoop.scheduleTask(in: .milliseconds(50)) { self.post(leave: id, to: map) }
    }

    package func channelInactive(context: ChannelHandlerContext) {
        finish()
        context.fireChannelInactive()
    }

    package func handlerRemoved(context: ChannelHandlerContext) {
        finish()
        self.context = nil
    }

    private func finish() {
        guard phase != .closed else { return }
        phase = .closed
        metrics.sessions.count(-1)
        leaveMap()
        livenessTimer?.cancel()
        drainTimer?.cancel()
        closeTimer?.cancel()
    }

    package func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case is ChannelShouldQuiesceEvent:
            end(.goingAway, code: "shutting_down", message: "the server is stopping")
        case ChannelEvent.inputClosed:
            // Half-closed connections are allowed for HTTP; a WebSocket client that stopped sending is gone.
            context.close(promise: nil)
        default: context.fireUserInboundEventTriggered(event)
        }
    }

    package func errorCaught(context: ChannelHandlerContext, error: any Error) {
        logger.debug("connection failed", metadata: ["error": "\(error)", "player": "\(playerID)"])
        context.close(promise: nil)
    }

    // MARK: - The channel

    private func setAutoRead(_ isOn: Bool) {
        // The option can't fail on a channel that is open; on one that is not, nobody reads.
        try? context?.channel.syncOptions?.setOption(.autoRead, value: isOn)
    }

    func setWriteLimit(high: Int) {
        let mark = ChannelOptions.Types.WriteBufferWaterMark(low: limits.sendBufferBytes / 2, high: high)
        try? context?.channel.syncOptions?.setOption(.writeBufferWaterMark, value: mark)
    }
}

extension TimeAmount {
    /// The same as a duration.
    var duration: Duration { .nanoseconds(nanoseconds) }
}

extension NIODeadline {
    /// The time since the clock's start, as a duration.
    var sinceStart: Duration { .nanoseconds(Int64(bitPattern: uptimeNanoseconds)) }
}
