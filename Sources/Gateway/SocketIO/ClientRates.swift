import NIOCore

/// Limits how fast one client may send events to scripts, and how often it may be refused. It belongs to the client's
/// connection, so that nothing begins anew when the client leaves the namespace and comes again. Used on the
/// connection's event loop only.
final class ClientRates {
    private var rates: CommandRates
    private let eventLoop: any EventLoop
    private let core: GatewayCore

    /// Starts with full buckets.
    ///
    /// - Parameters:
    ///   - core: Has the limits of sessions, and the time of the server's pauses.
    ///   - eventLoop: The event loop of the client's connection.
    init(_ core: GatewayCore, on eventLoop: any EventLoop) {
        self.core = core
        self.eventLoop = eventLoop
        rates = CommandRates(core.configuration.session, now: eventLoop.now, paused: core.pausedTime)
    }

    /// Counts an event, a ping or a pong.
    ///
    /// - Returns: Whether it is within the rate.
    func countMessage() -> Bool { rates.countMessage(now: eventLoop.now, paused: core.pausedTime) }

    /// The refusal of an event that was not within the rate.
    var excess: String { rates.excess(of: "events") }

    /// Counts a refusal.
    ///
    /// - Returns: Whether the client was refused too often, so that its connection must end.
    func countRefusal() -> Bool { rates.countRefusal(at: eventLoop.now) }
}
