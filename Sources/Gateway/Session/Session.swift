import CoreMetrics
import GameRules
import JSONValues
import Logging
package import NIOCore
package import Simulation
package import Transport
package import Wire
import World

/// The rules of one client's session, the same over every transport: joining and leaving a map, how fast the client may
/// send, which messages are left out when it reads slowly, and the code with which its connection is closed.
///
/// The session decides; its ``ClientConnection`` moves the bytes. Each rule that has state keeps it in a value type of
/// its own: ``CommandRates``, ``SendFlow``, ``Liveness``, ``ResumeOffer``, ``MapWait``.
///
/// `@unchecked Sendable`: after `init` each stored `var` is used on `eventLoop` alone. The connection calls the
/// `ClientSession` functions there; the map calls `deliver` and `flush` on `thread`, which is that loop; futures
/// complete there, timers fire there, and the loop itself calls `handleScheduledCallback`. `replace`, `end(because:)`
/// and `lookAgain`, the only functions that other threads call, do nothing but `eventLoop.execute`. Other threads read
/// `let` properties only.
package final class Session: ClientSession, SessionSink, NIOScheduledCallbackHandler, @unchecked Sendable {
    /// The phase of a session's life.
    private enum Phase {
        /// The player's record is being read; nothing is read from the client yet.
        case joining
        /// The player's map does not take players now; the client knows why, and joins when it does.
        case waiting
        /// On the map.
        case open
        /// The connection is being closed.
        case closing
        /// The connection has ended.
        case closed
    }

    package let id: SessionID
    package var playerID: Int { admission.playerID }
    package let acceptsDeflate: Bool
    package let isCompact: Bool
    package let takesPatches: Bool
    package var hasFastLane: Bool { datagrams != nil }
    package let packets: SocketPackets?
    package let thread: SessionThread
    /// The player that was admitted, and its map.
    let admission: Admission
    /// The client's address; `nil` for a connection without one.
    let clientAddress: IPAddress?
    package let traffic: TrafficMeter? = TrafficMeter()

    /// The `host` and `port` by which the client reached the server, for `reconnect`.
    private let address: PublicAddress
    private let limits: SessionLimits
    private let connection: any ClientConnection
    /// The connection, if it has a lane for datagrams.
    private let datagrams: (any DatagramConnection)?
    private let eventLoop: any EventLoop
    private let metrics: GatewayMetrics
    private let delegate: any SessionDelegate
    private let logger: Logger

    private var phase = Phase.joining
    /// The map joined; `nil` before, and after the end.
    private var map: (any MapHandle)?
    /// Whether the client was sent to another map; its further commands don't reach this map.
    private var isReconnecting = false
    /// Whether the connection ends because the server stops.
    private var isServerStopping = false
    private var rates: CommandRates
    private var flow: SendFlow
    private var liveness: Liveness
    private var resumeOffer = ResumeOffer()
    private var livenessCheck: NIOScheduledCallback?
    private var drainTimer: RunningTimer?
    private var closeTimer: RunningTimer?
    private var mapWait = MapWait()

    init(
        id: SessionID, admission: Admission, clientAddress: IPAddress? = nil, address: PublicAddress,
        takesPatches: Bool = false, limits: SessionLimits, connection: any ClientConnection, metrics: GatewayMetrics,
        delegate: any SessionDelegate, logger: Logger
    ) {
        self.id = id
        self.admission = admission
        self.clientAddress = clientAddress
        self.address = address
        self.takesPatches = takesPatches
        self.limits = limits
        self.connection = connection
        datagrams = connection as? any DatagramConnection
        self.metrics = metrics
        self.delegate = delegate
        self.logger = logger
        eventLoop = connection.eventLoop
        thread = SessionThread(connection.eventLoop)
        acceptsDeflate = connection.acceptsDeflate
        isCompact = connection.isCompact
        packets = connection.packets
        let (now, paused) = (connection.eventLoop.now, delegate.pausedTime)
        rates = CommandRates(limits, now: now, paused: paused)
        flow = SendFlow(limit: limits.sendBufferBytes)
        liveness = Liveness(limits, now: now - paused)
    }

    /// Whether the client can be sent something, and is heard.
    private var isTalking: Bool { phase == .open || phase == .waiting }

    /// Whether the session has not begun to end.
    private var isAlive: Bool { isTalking || phase == .joining }

    /// The time on a clock that stands still while the server is paused.
    private var runningNow: NIODeadline { eventLoop.now - delegate.pausedTime }

    /// Starts a timer for which the server's pauses don't count.
    private func timer(in amount: TimeAmount, _ action: @escaping (Session) -> Void) -> RunningTimer {
        RunningTimer(in: amount, on: eventLoop, pauses: { self.delegate.pausedTime }, { action(self) })
    }

    // MARK: - Joining

    package func connectionOpened() {
        metrics.sessionOpened()
        limitWaiting(to: limits.sendBufferBytes)
        scheduleLivenessCheck()
        delegate.sessionWaits(self, forMap: admission.mapID)
        // No command may reach the map before the join, so the connection starts to read after it.
        readRecord()
    }

    private func readRecord() {
        delegate.joiningRecord(for: admission, on: eventLoop).assumeIsolated().whenComplete { result in
            switch result {
            case .success(let record): self.join(record)
            case .failure(let error):
                self.logger.error("can't read a player's record", metadata: ["error": "\(error)"])
                // Of two reads at once, the other one may have let the player in.
                if self.phase != .open { self.end(.notLoaded) }
            }
        }
    }

    private func join(_ record: EntityRecord) {
        guard phase == .joining || phase == .waiting else { return }
        if let ending = delegate.ending(of: self) { return end(ending) }
        let state = delegate.state(ofMap: record.mapID)
        if let obstacle = state.obstacle(toJoining: record.mapID) { return wait(for: record.mapID, because: obstacle) }
        guard let map = state.handle else { return end(.noMap(record.mapID)) }
        let muted = delegate.mutedUntil(playerID)
        if let muted { _ = map.post(.mute(player: playerID, until: muted)) }
        guard map.post(.join(record, self)) else { return end(.mapFull) }
        self.map = map
        phase = .open
        mapWait.end()
        delegate.sessionJoined(self, mapID: map.mapID)
        // Again, because an operator may have banned or muted the player in between.
        if let ending = delegate.ending(of: self) { return end(ending) }
        let until = delegate.mutedUntil(playerID)
        if until != muted { _ = map.post(.mute(player: playerID, until: until)) }
        connection.setReading(true)
    }

    // MARK: - Waiting for a map

    /// Waits for the map, which has stopped with the player on it.
    private func pause(_ mapID: Int, because reason: String) {
        guard !isReconnecting else { return }
        map = nil
        // First, so that an operator finds the session at any time.
        delegate.sessionWaits(self, forMap: mapID)
        // The token for coming back names no session on a map any more; the next snapshot has another.
        delegate.sessionEnded(self, mayResume: false)
        resumeOffer = ResumeOffer()
        wait(for: mapID, because: MapState.closed(mapID, because: reason))
    }

    /// Waits until the map takes the player, who keeps its place; the client is told why, and goes on being heard.
    private func wait(for mapID: Int, because reason: String) {
        phase = .waiting
        if let notice = mapWait.notice(ofMap: mapID, reason) {
            delegate.sessionWaits(self, forMap: mapID)
            connection.send(text: notice)
            connection.flush()
            connection.setReading(true)
        }
        let nextLook = timer(in: MapWait.interval) { session in
            guard session.phase == .waiting else { return }
            if let obstacle = session.delegate.state(ofMap: mapID).obstacle(toJoining: mapID) {
                session.wait(for: mapID, because: obstacle)
            } else {
                session.readRecord()
            }
        }
        mapWait.wait(nextLook)
    }

    /// Looks now where a player who waits for a map is, because an operator has moved the player; may be called on any
    /// thread.
    func lookAgain() { eventLoop.execute { if self.phase == .waiting { self.readRecord() } } }

    // MARK: - Liveness

    package func heard() { liveness.heard(now: runningNow) }

    /// Looks at the client again after `limits.pingInterval`. Every session waits for this nearly always, so it is the
    /// loop's form of a timer that allocates nothing. ``Liveness`` itself leaves out the server's pauses.
    private func scheduleLivenessCheck() {
        // An event loop that has ended schedules nothing, and has closed all its connections.
        livenessCheck = try? eventLoop.scheduleCallback(in: limits.pingInterval, handler: self)
    }

    /// Checks whether the client is still connected.
    package func handleScheduledCallback(eventLoop: some EventLoop) {
        guard isAlive else { return }
        switch liveness.verdict(now: runningNow) {
        case .alive: break
        // When the send buffer is full, a ping would only make it longer; the drain timer watches such a client.
        case .quiet: if flow.isWritable { connection.ping() }
        case .dead: return end(.timeout(after: limits.deadAfter))
        }
        scheduleLivenessCheck()
    }

    // MARK: - Messages from the client

    package func received(_ message: [UInt8], isText: Bool) {
        guard isTalking else { return }
        metrics.messagesReceived.increment()
        metrics.receivedBytes.increment(by: message.count)
        traffic?.noteReceived(message.count)
        map?.traffic?.noteReceived(message.count)
        receive(message, isPacked: isCompact && !isText)
    }

    /// Checks one message in the protocol's order and gives it to the map.
    private func receive(_ bytes: [UInt8], isPacked: Bool) {
        let (now, paused) = (eventLoop.now, delegate.pausedTime)
        let command: Command
        do throws(CommandError) {
            command =
                isPacked
                ? try Command.parse(messagePack: bytes, maxDepth: limits.maxJSONDepth)
                : try Command.parse(bytes, maxDepth: limits.maxJSONDepth)
        } catch {
            // Malformed messages count against the command rate as well.
            _ = rates.countMessage(now: now, paused: paused)
            return refuse(error)
        }
        if let refusal = rates.refusal(of: command, now: now, paused: paused) { return refuse(refusal) }
        if phase == .waiting { return reply(mapWait.refusal(of: command)) }
        guard let map, !isReconnecting else { return }
        let hasTimes = command.unixtime != nil || command.ping != nil
        let input: MapInput =
            command.isLoad && !hasTimes ? .reload(id) : .command(id, command, receivedAt: delegate.unixTime)
        guard map.post(input) else {
            return reply(
                CommandError(
                    .busy, "the map has more commands than it can take at the moment; send it again",
                    action: command.action, commandID: command.commandID))
        }
    }

    package func receivedControl() -> Bool {
        guard isTalking else { return false }
        guard rates.countMessage(now: eventLoop.now, paused: delegate.pausedTime) else {
            countRefusal()
            return false
        }
        // A client that does not read gets no answers to its pings either: they would pile up.
        return flow.isWritable
    }

    package func violated(_ code: CloseCode, _ description: String) {
        resumeOffer.withdraw()
        let reason =
            switch code {
            case .tooBig: CommandError.Code.tooBig.rawValue
            case .badData: CommandError.Code.badJSON.rawValue
            default: "bad_frame"
            }
        if isTalking { end(.violation(code, code: reason, description)) }
    }

    private func refuse(_ error: CommandError) {
        reply(error)
        countRefusal()
    }

    private func reply(_ error: CommandError) {
        guard flow.isWritable else { return }
        connection.send(text: error.payload)
        connection.flush()
    }

    /// Counts a refusal; ends the session after too many of them (``SessionLimits/maxRefusals``).
    private func countRefusal() {
        guard isTalking else { return }
        metrics.commandsRefused.increment()
        if rates.countRefusal(at: eventLoop.now) { end(.tooManyRefusals(limits)) }
    }

    // MARK: - Messages from the map

    package func deliver(_ message: OutboundMessage) {
        guard phase == .open else { return }
        switch message.kind {
        case .snapshot:
            let snapshot = withResume(message)
            let size = connection.size(of: snapshot)
            if carryOut(flow.verdict(onSnapshot: size)) { send(snapshot) }
        case .delta, .direct, .notice:
            if carryOut(flow.verdict(waiting: connection.waitingBytes)) { send(message) }
        case .positions:
            // Those of a client that missed a delta are of no use, but do no harm: it drops what it does not know.
            let bytes = message.bytes
            if datagrams?.sendDatagram(bytes, isText: !isCompact) == true { noteSent(bytes.count) }
        case .error:
            if carryOut(flow.verdict(waiting: connection.waitingBytes)) { send(message) }
            countRefusal()
        case .replaced: close(after: message, .replaced, reason: "this player has connected again")
        case .refused: close(after: message, .tryAgainLater, reason: "the map does not have this player")
        case .kicked: close(after: message, .kicked, reason: "an operator ended this session")
        case .paused(let mapID, let reason): pause(mapID, because: reason)
        case .reconnect(let mapID): reconnect(to: mapID)
        }
    }

    private func send(_ message: OutboundMessage) {
        connection.send(message)
        noteSent(connection.size(of: message))
    }

    private func noteSent(_ size: Int) {
        traffic?.noteSent(size)
        map?.traffic?.noteSent(size)
    }

    /// A snapshot that tells the client how to come back.
    private func withResume(_ snapshot: OutboundMessage) -> OutboundMessage {
        let member = resumeOffer.member(seconds: delegate.resumeSeconds) { delegate.resumeToken(for: self) }
        return member.map { snapshot.adding(member: $0) } ?? snapshot
    }

    package func flush() { connection.flush() }

    /// Sets the limit of waiting bytes. Above `high` the connection is unwritable; it is writable again below half of
    /// the usual limit, `sendBufferBytes / 2`.
    private func limitWaiting(to high: Int) {
        connection.limitWaiting(high: high, low: limits.sendBufferBytes / 2)
    }

    /// Does what `verdict` requires, except sending the message.
    ///
    /// - Returns: Whether the message is to be sent.
    private func carryOut(_ verdict: SendFlow.Verdict) -> Bool {
        switch verdict {
        case .send(let limit):
            if let limit { limitWaiting(to: limit) }
            return true
        case .leaveOut: break
        // The buffer is full, so neither an error message nor a close frame would arrive: the timer resets the
        // connection.
        case .becameSlow:
            metrics.slowClients.increment()
            drainTimer = timer(in: limits.drainTimeout) { $0.connection.abort() }
        }
        metrics.messagesDropped.increment()
        return false
    }

    package func writabilityChanged(_ isWritable: Bool) {
        guard flow.noteWritability(isWritable: isWritable) else { return }
        drainTimer?.cancel()
        drainTimer = nil
        // A map takes such a wish always.
        if phase == .open, flow.isAwaitingSnapshot, !isReconnecting { _ = map?.post(.reload(id)) }
    }

    private func reconnect(to mapID: Int) {
        guard !isReconnecting else { return }
        isReconnecting = true
        resumeOffer.withdraw()
        var admission = admission
        admission.mapID = mapID
        let address = delegate.address(ofMap: mapID, reachedBy: address)
        let payload = JSON.object([
            "action": .string("reconnect"), "map_id": .number(Double(mapID)), "host": .string(address.host),
            "port": .number(Double(address.port)), "token": .string(delegate.reconnectToken(for: admission)),
        ])
        connection.send(text: payload.bytes)
        _ = timer(in: limits.reconnectLinger) { session in
            session.end(.normal, message: "the player is on map \(mapID)")
        }
    }

    // MARK: - Ending

    /// Ends the session because an operator or a rule wants it; may be called on any thread.
    func end(because ending: SessionEnding) { eventLoop.execute { self.end(ending) } }

    /// Tells the client why, and closes the connection once the client has answered. A client that should not come back
    /// by itself can't use its token for coming back either.
    private func end(_ ending: SessionEnding) {
        guard isAlive else { return }
        if ending.refusal.comingBack == .unwelcome { resumeOffer.withdraw() }
        connection.send(text: ending.refusal.json)
        end(ending.closeCode, message: ending.refusal.text)
    }

    /// Closes the connection once the client has answered; the reason stands only in the close frame.
    private func end(_ closeCode: CloseCode, message: String) {
        guard isAlive else { return }
        beginClosing()
        connection.close(closeCode, reason: message)
    }

    /// Sends a message of the map that says why the session ends, then closes the connection. The resume token becomes
    /// invalid.
    private func close(after message: OutboundMessage, _ code: CloseCode, reason: String) {
        resumeOffer.withdraw()
        connection.send(message)
        beginClosing()
        connection.close(code, reason: reason)
    }

    package func clientCloses() { beginClosing() }

    /// Takes the player off the map and starts to wait for the end of the connection.
    private func beginClosing() {
        guard isAlive else { return }
        phase = .closing
        leaveMap()
        closeTimer = timer(in: limits.closeTimeout) { $0.connection.closeNow() }
    }

    /// Ends the session because the player has a newer one on another map; may be called on any thread.
    func replace() { end(because: .replaced) }

    package func serverStops() {
        isServerStopping = true
        end(.serverStops)
    }

    /// Closes with a reason when no bytes wait on this connection; otherwise aborts it, because the reason could not
    /// arrive.
    package func connectionShed() {
        guard isTalking, connection.waitingBytes == 0 else { return connection.abort() }
        end(.shed)
    }

    package func connectionFailed(_ error: any Error) {
        logger.debug("connection failed", metadata: ["error": "\(error)", "player": "\(playerID)"])
    }

    package func connectionEnded() {
        guard phase != .closed else { return }
        phase = .closed
        metrics.sessionEnded()
        leaveMap()
        livenessCheck?.cancel()
        livenessCheck = nil
        drainTimer?.cancel()
        closeTimer?.cancel()
        mapWait.end()
    }

    /// Takes the player off the map, once, or ends the waiting for one. While the map's inbox is full, the leave is
    /// posted again every 50 ms, because it must not get lost.
    private func leaveMap() {
        guard let map else { return delegate.sessionWaitsNoMore(self) }
        self.map = nil
        delegate.sessionEnded(self, mayResume: resumeOffer.isOpen)
        post(leaving: isServerStopping ? .leaveAtStop(id) : .leave(id), to: map)
    }

    private func post(leaving input: MapInput, to map: any MapHandle) {
        guard !map.post(input) else { return }
        eventLoop.scheduleTask(in: .milliseconds(50)) { self.post(leaving: input, to: map) }
    }
}
