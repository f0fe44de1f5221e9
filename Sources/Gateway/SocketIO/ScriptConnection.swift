import CoreMetrics
import JSONValues
import NIOCore
import Simulation
import Transport
import Wire

/// One connection of a ``ScriptSocket``: what its client sends goes to the map, and what the map sends goes to the
/// client. When the connection breaks and the client may come back, it keeps what the client misses.
///
/// A client that reads too slowly is disconnected: what scripts send can't be left out or put together.
///
/// `@unchecked Sendable`: its `var`s are used on the link's event loop alone. The client's connection calls the
/// `SocketSession` functions there, timers fire there, and ``ScriptSocket`` calls the other functions there. Other
/// threads read `let` properties only.
final class ScriptConnection: SocketSession, @unchecked Sendable {
    private enum Phase {
        /// It waits for nobody's decision yet.
        case new
        /// The map decides whether to accept the client.
        case opening((SocketDecision) -> Void)
        /// The client is back; its former connection still keeps what it missed.
        case returning((SocketDecision) -> Void)
        case open
        /// The connection has ended, and the client may come back.
        case away(SocketRecovery)
        /// The map knows that the client is gone, or has ended the socket, or the client has another connection.
        case ended
    }

    /// What a connection passes to the one on which its client is back.
    enum Handover: Sendable {
        /// The socket.
        case socket
        /// Nothing: the socket has ended.
        case nothing
        /// Nothing: the map takes no sockets any more, and the client should connect anew.
        case retry
    }

    /// What a client is told that comes back to a socket which the game has ended just now.
    static let endedNotice = "the game has ended this socket"
    /// What a client is told whose map takes no sockets any more, or no more now.
    private static let closedNotice = "the game's map takes no clients now; connect again"

    let eventLoop: any EventLoop
    private let link: SocketLink
    private let presence: ScriptPresence
    /// How many connections the client had before.
    private let number: Int
    private let core: GatewayCore
    private let limits: SessionLimits
    private var phase = Phase.new
    private let rates: ClientRates
    private var drainTimer: RunningTimer?
    /// Whether it counts as an open session; it does not when the client has left before it was accepted.
    private var isCounted = false
    /// What the map sent while the former connection kept what the client missed; as little as maps send while two
    /// event loops run a job each.
    private var early: [SocketOutput] = []
    /// Why to end the socket once the former connection has handed over.
    private var ending: SessionEnding?
    /// Takes over from this connection, which does not have the socket yet.
    private var successor: (@Sendable (Handover) -> Void)?
    /// What a further connection of the client gets when this one has ended the socket.
    private var remainder = Handover.nothing
    /// The highest number of an acknowledgement that the client has asked for.
    private var highestAcknowledgement = -1

    /// Makes a connection.
    ///
    /// - Parameters:
    ///   - link: The client's end.
    ///   - presence: The socket on its map.
    ///   - number: How many connections the client had before.
    ///   - rates: The limits of the client's connection.
    ///   - core: The gateway.
    init(
        _ link: SocketLink, _ presence: ScriptPresence, number: Int, _ rates: ClientRates, _ core: GatewayCore
    ) {
        self.link = link
        self.presence = presence
        self.number = number
        self.rates = rates
        self.core = core
        eventLoop = link.eventLoop
        limits = core.configuration.session
    }

    // MARK: - Opening

    /// Waits for the map's decision.
    ///
    /// - Parameter answer: Gets the decision, once.
    func waitForMap(_ answer: @escaping (SocketDecision) -> Void) { phase = .opening(answer) }

    /// Waits until the former connection of the client has handed over.
    ///
    /// - Parameter answer: Gets the decision, once.
    func waitForFormer(_ answer: @escaping (SocketDecision) -> Void) { phase = .returning(answer) }

    /// The former connection has handed over.
    ///
    /// - Parameter handover: What it had.
    func returned(_ handover: Handover) {
        guard case .returning(let answer) = phase else { return }
        switch handover {
        case .socket:
            phase = .open
            // When the link has ended meanwhile, this makes the connection an ended one that keeps what follows.
            answer(.accept(self))
        case .nothing:
            phase = .ended
            presence.leave(because: SocketEnd.serverLeft.reason, connection: number)
            answer(.refuse(SocketRefusal(Self.endedNotice)))
        case .retry:
            phase = .ended
            remainder = .retry
            answer(.retry(reason: Self.closedNotice))
        }
        let outputs = early
        early = []
        for output in outputs { deliver(output) }
        flush()
        if let ending { end(because: ending) }
        if let successor { handOver(successor) }
    }

    func opened() {
        core.metrics.sessionOpened()
        isCounted = true
        link.limitWaiting(high: limits.sendBufferBytes, low: limits.sendBufferBytes / 2)
        link.setReading(true)
    }

    // MARK: - What the map sends

    /// Accepts one output of the map.
    func deliver(_ output: SocketOutput) {
        switch phase {
        case .opening(let answer): decide(output, answer)
        case .returning: early.append(output)
        case .open: send(output)
        case .away(let recovery): keep(output, recovery)
        case .new, .ended: break
        }
    }

    /// Sends what was delivered.
    func flush() { link.flush() }

    private func decide(_ output: SocketOutput, _ answer: (SocketDecision) -> Void) {
        switch output {
        case .accept:
            phase = .open
            answer(.accept(self))
        case .refuse(let message):
            noteEnd()
            answer(.refuse(SocketRefusal(message)))
        case .close:
            noteEnd(leaving: .retry)
            answer(.retry(reason: Self.closedNotice))
        case .packets, .acknowledge, .refuseEvent, .disconnect: break
        }
    }

    /// Notes that the map has ended the socket.
    private func noteEnd(leaving remainder: Handover = .nothing) {
        phase = .ended
        self.remainder = remainder
        presence.ended()
    }

    private func send(_ output: SocketOutput) {
        switch output {
        case .packets(let run):
            link.emit(run)
            presence.traffic?.noteSent(run.bytes)
        case .acknowledge(let id, let arguments): acknowledge(id, arguments)
        case .refuseEvent(let id, let error):
            if let id { acknowledge(id, [error]) }
            countRefusal()
        case .disconnect:
            noteEnd()
            link.disconnect()
        case .close:
            noteEnd(leaving: .retry)
            // Stock clients come back by themselves after the end of the connection, but not after a disconnect packet.
            link.close(.goingAway, reason: Self.closedNotice)
        case .accept, .refuse: break
        }
        // The queue of a client that does not read must not grow until its time is over.
        if link.waitingBytes > Self.patience * limits.sendBufferBytes { link.abort() }
    }

    private func acknowledge(_ id: Int, _ arguments: [JSON]) {
        // The client may have asked on a former connection, and no longer waits.
        let id = marked(id)
        guard id <= highestAcknowledgement else { return }
        presence.traffic?.noteSent(link.acknowledge(id, SocketArguments(arguments)))
    }

    /// How many times the limit of waiting bytes may wait while the client has time to read on.
    private static let patience = 4

    /// Keeps packets for the client, who no longer waits for acknowledgements.
    private func keep(_ output: SocketOutput, _ recovery: SocketRecovery) {
        switch output {
        case .packets(let run): for packet in run.packets { recovery.keep(packet) }
        case .disconnect:
            noteEnd()
            recovery.forget()
        case .close:
            noteEnd(leaving: .retry)
            recovery.forget()
        case .accept, .refuse, .acknowledge, .refuseEvent: break
        }
    }

    /// Ends the socket because an operator or a rule wants it: tells the client why, if it is there, and the map.
    ///
    /// - Parameter ending: What the client is told.
    func end(because ending: SessionEnding) {
        switch phase {
        case .new, .ended: return
        case .returning: return self.ending = ending
        case .opening, .open, .away: break
        }
        let former = phase
        phase = .ended
        // First: the recovery that is forgotten would tell the map why the client had left.
        presence.leave(because: SocketEnd.serverLeft.reason, connection: number)
        let error = (try? JSON(parsing: ending.refusal.json)) ?? .null
        switch former {
        case .opening(let answer): answer(.refuse(SocketRefusal(ending.refusal.text, data: error)))
        case .away(let recovery): recovery.forget()
        default:
            link.emit("error", [error])
            link.disconnect()
        }
    }

    /// Ends this connection's part, because the client has another one; at once, or when this one has taken over from
    /// its own former connection.
    ///
    /// - Parameter taken: Called once, on the event loop, with what this connection had.
    func handOver(_ taken: @escaping @Sendable (Handover) -> Void) {
        if case .returning = phase { return successor = taken }
        let handover = if case .away = phase { Handover.socket } else { remainder }
        phase = .ended
        successor = nil
        taken(handover)
    }

    // MARK: - What the client sends

    func received(_ event: SocketEvent, bytes: Int) {
        guard case .open = phase else { return }
        core.metrics.messagesReceived.increment()
        core.metrics.receivedBytes.increment(by: bytes)
        presence.traffic?.noteReceived(bytes)
        guard rates.countMessage() else { return refuse(event, .rateLimited, rates.excess) }
        guard event.arguments.attachments.isEmpty else {
            return refuse(event, .badParameter, "the game's scripts take no binary data")
        }
        if let id = event.acknowledgement { highestAcknowledgement = max(highestAcknowledgement, id) }
        let isTaken = presence.post(
            event.name, Array(event.arguments.values), acknowledgement: event.acknowledgement.map(marked))
        if !isTaken {
            // No refusal: it is not this client's fault.
            reply(to: event, .busy, "the map has more events than it can take at the moment; send it again")
        }
    }

    /// Turns the client's number of an acknowledgement into one that differs for each of its connections, and back.
    ///
    /// Clients count from 0, some of them anew on each connection, so an answer to a former connection must not look
    /// like one to this connection: its number becomes higher than those that a client counts to. The highest bit stays
    /// 0, as in all numbers of clients.
    private func marked(_ id: Int) -> Int { id ^ (number & 0x7fff) << 48 }

    private func refuse(_ event: SocketEvent, _ code: CommandError.Code, _ message: String) {
        reply(to: event, code, message)
        countRefusal()
    }

    private func reply(to event: SocketEvent, _ code: CommandError.Code, _ message: String) {
        guard let acknowledgement = event.acknowledgement else { return }
        let error: JSONObject = ["error": .string(message), "code": .string(code.rawValue)]
        link.acknowledge(acknowledgement, [.object(error)])
        link.flush()
    }

    private func countRefusal() {
        core.metrics.commandsRefused.increment()
        if rates.countRefusal() {
            link.close(.policyViolation, reason: SessionEnding.tooManyRefusals(limits).refusal.text)
        }
    }

    func receivedControl() -> Bool {
        if rates.countMessage() { return true }
        countRefusal()
        return false
    }

    // MARK: - Signals of the connection

    func heard() {}
    func violated(_ code: CloseCode, _ description: String) {}
    func connectionFailed(_ error: any Error) {}
    func connectionShed() { link.abort() }
    func serverStops() { link.close(.goingAway, reason: SessionEnding.serverStops.refusal.text) }

    func writabilityChanged(_ isWritable: Bool) {
        drainTimer?.cancel()
        drainTimer = nil
        guard !isWritable else { return }
        core.metrics.slowClients.increment()
        let core = core
        drainTimer = RunningTimer(in: limits.drainTimeout, on: eventLoop, pauses: { core.pausedTime }) {
            self.link.abort()
        }
    }

    func ended(_ end: SocketEnd) {
        drainTimer?.cancel()
        if isCounted { core.metrics.sessionEnded() }
        guard case .open = phase else { return }
        guard end.mayReturn, let recovery = link.recovery else {
            phase = .ended
            return presence.leave(because: end.reason, connection: number)
        }
        phase = .away(recovery)
        let (presence, number) = (presence, number)
        recovery.whenGone { presence.leave(because: end.reason, connection: number) }
    }
}
