import CoreMetrics
import JSONValues
import NIOCore
import Transport

/// One peer's connection for signalling (`docs/net.md`): reads its messages, and tells it what the network says.
///
/// Used on the connection's event loop only; others reach it by its ``PeerLine``.
final class SignalSession: ClientSession {
    private enum Phase {
        /// The peer has not joined yet.
        case new
        /// The peer is in a room.
        case joined(SignalTable<PeerLine>.Membership, room: String)
        /// The connection is being closed.
        case closing
    }

    private let connection: any ClientConnection
    private let network: PeerNetwork
    private let address: String
    private let limits: SessionLimits
    private let pausedTime: () -> TimeAmount

    private var phase = Phase.new
    private var rates: CommandRates
    private var liveness: Liveness
    private var isWritable = true
    /// The entries in the list of servers that the peer keeps up, by port, with the time of the latest refresh.
    private var published: [Int: NIODeadline] = [:]
    private var joinTimer: RunningTimer?
    private var livenessTimer: RunningTimer?
    private var refreshTimer: RunningTimer?
    private var drainTimer: RunningTimer?
    private var closeTimer: RunningTimer?

    /// Makes the session of a connection.
    ///
    /// - Parameters:
    ///   - connection: Carries the messages.
    ///   - network: The network.
    ///   - address: The key of the client's address.
    ///   - limits: The times of pings and closing.
    ///   - pausedTime: Returns the total time of the server's pauses.
    init(
        _ connection: any ClientConnection, network: PeerNetwork, address: String, limits: SessionLimits,
        pausedTime: @escaping () -> TimeAmount
    ) {
        self.connection = connection
        self.network = network
        self.address = address
        self.pausedTime = pausedTime
        var limits = limits
        limits.commandRate = SignalLimits.messageRate
        self.limits = limits
        let (now, paused) = (connection.eventLoop.now, pausedTime())
        rates = CommandRates(limits, now: now, paused: paused)
        liveness = Liveness(limits, now: now - paused)
    }

    private var runningNow: NIODeadline { connection.eventLoop.now - pausedTime() }

    private func timer(in amount: TimeAmount, _ action: @escaping (SignalSession) -> Void) -> RunningTimer {
        RunningTimer(in: amount, on: connection.eventLoop, pauses: pausedTime, { action(self) })
    }

    private var membership: SignalTable<PeerLine>.Membership? {
        if case .joined(let membership, _) = phase { membership } else { nil }
    }

    private var isClosing: Bool { if case .closing = phase { true } else { false } }

    // MARK: - The connection

    func connectionOpened() {
        connection.limitWaiting(high: SignalLimits.sendBufferBytes, low: SignalLimits.sendBufferBytes / 4)
        joinTimer = timer(in: SignalLimits.joinTimeout) {
            $0.close(.policyViolation, reason: "the peer did not join within \(SignalLimits.joinTimeout.seconds) s")
        }
        scheduleLivenessCheck()
        connection.setReading(true)
    }

    func heard() { liveness.heard(now: runningNow) }

    private func scheduleLivenessCheck() {
        livenessTimer = timer(in: limits.pingInterval) { session in
            guard !session.isClosing else { return }
            switch session.liveness.verdict(now: session.runningNow) {
            case .alive: break
            case .quiet: if session.isWritable { session.connection.ping() }
            case .dead: return session.close(.goingAway, reason: "the peer was silent for too long")
            }
            session.scheduleLivenessCheck()
        }
    }

    func receivedControl() -> Bool {
        guard !isClosing else { return false }
        guard rates.countMessage(now: connection.eventLoop.now, paused: pausedTime()) else {
            countRefusal()
            return false
        }
        return isWritable
    }

    func violated(_ code: CloseCode, _ description: String) { close(code, reason: description) }

    func clientCloses() { beginClosing() }

    func writabilityChanged(_ isWritable: Bool) {
        self.isWritable = isWritable
        drainTimer?.cancel()
        drainTimer = nil
        guard !isClosing else { return }
        // A peer that does not read is not heard either, so that answers to its own messages don't pile up.
        connection.setReading(isWritable)
        if !isWritable { drainTimer = timer(in: limits.drainTimeout) { $0.connection.abort() } }
    }

    func connectionShed() { connection.abort() }

    func serverStops() { close(.goingAway, reason: "the server stops") }

    func connectionFailed(_ error: any Error) {}

    func connectionEnded() {
        beginClosing()
        closeTimer?.cancel()
    }

    // MARK: - Messages of the peer

    func received(_ message: [UInt8], isText: Bool) {
        guard !isClosing else { return }
        network.metrics.messages.increment()
        var request: JSONObject?
        do throws(SignalError) {
            // Malformed messages count against the rate as well.
            guard rates.countMessage(now: connection.eventLoop.now, paused: pausedTime()) else {
                throw SignalError(.rateLimited, rates.excess(of: "messages"), retry: 1)
            }
            let members = try Self.parse(message)
            request = members
            try handle(try SignalRequest(members))
        } catch {
            network.metrics.refusals.increment(error.code.rawValue)
            send(error.json(answering: request))
            // Whether an answer comes too late is up to the peer that made the offer: it may replace or end it.
            if error.code != .noOffer { countRefusal() }
        }
        connection.flush()
    }

    private static func parse(_ message: [UInt8]) throws(SignalError) -> JSONObject {
        do throws(JSONError) {
            if let members = try JSON(parsing: message, maxDepth: SignalLimits.maxDepth).object { return members }
        } catch {
            throw SignalError(.badJSON, "the message is not JSON: \(error)")
        }
        throw SignalError(.badJSON, "the message must be an object such as {\"type\":\"join\"}")
    }

    /// Counts a refusal; ends the connection after too many of them.
    private func countRefusal() {
        guard !isClosing, rates.countRefusal(at: connection.eventLoop.now) else { return }
        close(.policyViolation, reason: "\(limits.maxRefusals) refusals within a short time")
    }

    private func handle(_ request: SignalRequest) throws(SignalError) {
        if case .join(let room, let claim) = request { return try join(room, claim) }
        guard case .joined(let membership, let room) = phase else {
            throw SignalError(.notJoined, "send {\"type\":\"join\"} first")
        }
        let key = membership.key
        switch request {
        case .join: return
        case .bind(let port):
            try network.bind(port, by: key)
            send(["type": .string("bound"), "port": .number(Double(port))])
        case .unbind(let port):
            published[port] = nil
            network.unbind(port, by: key)
            send(["type": .string("unbound"), "port": .number(Double(port))])
        case .look(let other, let port):
            var answer: JSONObject = ["type": .string("seen"), "key": .string(other)]
            if let port { answer["port"] = .number(Double(port)) }
            answer["is_there"] = .bool(network.sees(other, port: port, from: key))
            send(answer)
        case .offer(let other, let port, let id, let sdp):
            try network.offer(id, from: key, to: other, port: port, sdp: sdp)
        case .answer(let other, let id, let sdp): try network.settleOffer(id, from: key, to: other, sdp: sdp)
        case .refuse(let other, let id): try network.settleOffer(id, from: key, to: other, sdp: nil)
        case .publish(let entry): try publish(entry, key, room)
        case .withdraw(let port):
            published[port] = nil
            network.withdraw(port, by: key)
            send(["type": .string("withdrawn"), "port": .number(Double(port))])
        case .ice:
            var answer: JSONObject = ["type": .string("ice")]
            for (name, value) in network.ice(for: key).members { answer[name] = value }
            send(answer)
        }
    }

    private func join(_ room: String, _ claim: SignalRequest.Claim?) throws(SignalError) {
        guard case .new = phase else {
            throw SignalError(.alreadyJoined, "the peer is in a room; open another connection for another room")
        }
        let line = PeerLine(self, on: connection.eventLoop)
        let (membership, secret) = try network.join(room: room, claim: claim, address: address, line: line)
        phase = .joined(membership, room: room)
        joinTimer?.cancel()
        joinTimer = nil
        var hello: JSONObject = [
            "type": .string("hello"), "key": .string(membership.key), "secret": .string(secret),
            "room": .string(room),
        ]
        for (name, value) in network.ice(for: membership.key).members { hello[name] = value }
        hello["limits"] = .object([
            "ports": .number(Double(SignalLimits.maxPorts)), "offers": .number(Double(SignalLimits.maxOffers)),
            "sdp_bytes": .number(Double(SignalLimits.maxSDPBytes)),
            "offer_seconds": .number(SignalLimits.offerLifetime.seconds),
            "server_seconds": .number(ServerList.lifetime.seconds),
        ])
        send(hello)
    }

    // MARK: - Entries in the list of servers

    private func publish(_ entry: ServerEntry, _ key: String, _ room: String) throws(SignalError) {
        try network.publish(entry, by: key, room: room, address: address)
        published[entry.port] = runningNow
        if refreshTimer == nil { scheduleRefresh() }
        send([
            "type": .string("published"), "port": .number(Double(entry.port)),
            "expires": .number(ServerList.lifetime.seconds),
        ])
    }

    /// Asks the peer to refresh its entries in time. Browsers slow the timers of hidden pages down to one a minute, but
    /// not what a page does when a message arrives; so the server keeps the time.
    private func scheduleRefresh() {
        refreshTimer = timer(in: SignalLimits.refreshInterval) { session in
            let now = session.runningNow
            session.published = session.published.filter { now - $0.value < TimeAmount(ServerList.lifetime) }
            guard !session.published.isEmpty else {
                session.refreshTimer = nil
                return
            }
            for port in session.published.keys {
                session.send(["type": .string("refresh"), "port": .number(Double(port))])
            }
            session.connection.flush()
            session.scheduleRefresh()
        }
    }

    // MARK: - Messages to the peer

    private func send(_ message: JSONObject) { deliver(JSON.object(message).bytes, flushing: false) }

    /// Sends a message, which is dropped when the peer does not read.
    ///
    /// - Parameters:
    ///   - message: The message.
    ///   - flushing: Whether to send it at once.
    func deliver(_ message: [UInt8], flushing: Bool = true) {
        guard !isClosing, isWritable else { return }
        connection.send(text: message)
        if flushing { connection.flush() }
    }

    /// Ends the connection, because the peer has its key on a newer one.
    func replace() { close(.replaced, reason: "this peer has connected again") }

    // MARK: - Ending

    private func close(_ code: CloseCode, reason: String) {
        guard !isClosing else { return }
        beginClosing()
        connection.close(code, reason: reason)
    }

    private func beginClosing() {
        guard !isClosing else { return }
        let membership = membership
        phase = .closing
        for timer in [joinTimer, livenessTimer, refreshTimer, drainTimer] { timer?.cancel() }
        closeTimer = timer(in: limits.closeTimeout) { $0.connection.closeNow() }
        if let membership { network.leave(membership) }
    }
}

extension TimeAmount {
    /// The whole seconds.
    fileprivate var seconds: Int64 { nanoseconds / 1_000_000_000 }
}
