import CoreMetrics
import JSONValues
import NIOCore
import Simulation
import Transport
import Wire

/// A Socket.IO socket whose events are run by the scripts of a map.
///
/// A client that reads too slowly is disconnected: what scripts send can't be left out or put together.
///
/// `@unchecked Sendable`: its `var`s are used on the socket's event loop alone. The client's connection calls the
/// `SocketSession` functions there, the map calls `deliver` and `flush` on `thread`, which is that loop, and timers
/// fire there. Other threads read `let` properties only.
final class ScriptSocket: SocketSession, SocketSink, @unchecked Sendable {
    private enum Phase {
        /// The map decides whether to accept it.
        case opening((SocketDecision) -> Void)
        case open
        /// The map knows that it is gone, or has ended it.
        case ended
    }

    let id: SessionID
    let socketID: String
    let thread: SessionThread
    private let link: SocketLink
    private let map: any MapHandle
    private let core: GatewayCore
    private let limits: SessionLimits
    private var phase = Phase.ended
    private var rates: CommandRates
    private var drainTimer: RunningTimer?
    /// Whether it counts as an open session; it does not when the client has left before it was accepted.
    private var isCounted = false

    /// Makes a socket that the map does not know yet.
    ///
    /// - Parameters:
    ///   - link: The socket.
    ///   - map: The map whose scripts run its events.
    ///   - core: The gateway.
    init(_ link: SocketLink, _ map: any MapHandle, _ core: GatewayCore) {
        self.link = link
        self.map = map
        self.core = core
        limits = core.configuration.session
        id = core.nextSession()
        socketID = link.id
        thread = SessionThread(link.eventLoop)
        rates = CommandRates(limits, now: link.eventLoop.now, paused: core.pausedTime)
    }

    /// Asks the map's scripts whether the client may connect.
    ///
    /// - Parameters:
    ///   - opening: What the scripts learn of the client.
    ///   - answer: Gets the decision, once, on the socket's event loop.
    func open(_ opening: SocketOpening, _ answer: @escaping (SocketDecision) -> Void) {
        phase = .opening(answer)
        guard map.post(.socket(.open(self, opening))) else {
            phase = .ended
            return answer(.refuse(SocketRefusal("the map has too much to do; try again in 2 s")))
        }
    }

    // MARK: - What the map sends

    func deliver(_ output: SocketOutput) {
        switch (output, phase) {
        case (.accept, .opening(let answer)):
            phase = .open
            answer(.accept(self))
        case (.refuse(let message), .opening(let answer)):
            phase = .ended
            answer(.refuse(SocketRefusal(message)))
        case (.packets(let run), .open): link.emit(run)
        case (.acknowledge(let id, let arguments), .open): link.acknowledge(id, SocketArguments(arguments))
        case (.disconnect, .open):
            phase = .ended
            link.disconnect()
        default: break
        }
        // The queue of a client that does not read must not grow until its time is over.
        if link.waitingBytes > Self.patience * limits.sendBufferBytes { link.abort() }
    }

    /// How many times the limit of waiting bytes may wait while the client has time to read on.
    private static let patience = 4

    func flush() { link.flush() }

    // MARK: - What the client sends

    func opened() {
        core.metrics.sessionOpened()
        isCounted = true
        link.limitWaiting(high: limits.sendBufferBytes, low: limits.sendBufferBytes / 2)
        link.setReading(true)
    }

    func received(_ event: SocketEvent) {
        guard case .open = phase else { return }
        core.metrics.messagesReceived.increment()
        guard rates.countMessage(now: link.eventLoop.now, paused: core.pausedTime) else {
            let rate = limits.commandRate
            return refuse(
                event, .rateLimited,
                "more than \(Int(rate.perSecond)) events a second with bursts of \(Int(rate.burst))")
        }
        guard event.arguments.attachments.isEmpty else {
            return refuse(event, .badParameter, "the game's scripts take no binary data")
        }
        let input = SocketInput.event(
            id, name: event.name, arguments: Array(event.arguments.values), acknowledgement: event.acknowledgement)
        guard map.post(.socket(input)) else {
            return refuse(event, .busy, "the map has more events than it can take at the moment; send it again")
        }
    }

    private func refuse(_ event: SocketEvent, _ code: CommandError.Code, _ message: String) {
        if let acknowledgement = event.acknowledgement {
            let error: JSONObject = ["error": .string(message), "code": .string(code.rawValue)]
            link.acknowledge(acknowledgement, [.object(error)])
            link.flush()
        }
        countRefusal()
    }

    private func countRefusal() {
        core.metrics.commandsRefused.increment()
        if rates.countRefusal(at: link.eventLoop.now) {
            link.close(.policyViolation, reason: SessionEnding.tooManyRefusals(limits).refusal.text)
        }
    }

    func receivedControl() -> Bool {
        guard rates.countMessage(now: link.eventLoop.now, paused: core.pausedTime) else {
            countRefusal()
            return false
        }
        return true
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
        drainTimer = RunningTimer(in: limits.drainTimeout, on: link.eventLoop, pauses: { core.pausedTime }) {
            self.link.abort()
        }
    }

    func ended(_ end: SocketEnd) {
        drainTimer?.cancel()
        if isCounted { core.metrics.sessionEnded() }
        guard case .open = phase else { return }
        phase = .ended
        _ = map.post(.socket(.close(id, reason: end.reason)))
    }
}
