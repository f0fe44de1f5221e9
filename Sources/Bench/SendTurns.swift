import NIOCore

/// Lets players send in turn, evenly spread over time. Used on its event loop only.
final class SendTurns {
    /// Sends that are due within this time are made together, so that the loop does not wake up for each of them.
    private static let granularityNanoseconds: UInt64 = 500_000

    private let eventLoop: any EventLoop
    private let players: Int
    private let begin: UInt64
    private let interval: Double
    private let send: (_ player: Int, _ lateNanoseconds: Int64) -> Void
    private var count = 0
    private var timer: Scheduled<Void>?
    /// Cancelling `timer` alone is not enough: a task that the loop has already picked up still runs.
    private var isRunning = true

    /// Begins; the first player sends at once, or a part of the pause between two sends later.
    ///
    /// - Parameters:
    ///   - eventLoop: The loop on which this is called.
    ///   - players: How many players there are, at least 1.
    ///   - perSecond: How often each sends a second; above 0.
    ///   - offset: A part of the pause between two sends, 0 to 1, so that the players of several loops interleave.
    ///   - send: Lets a player send; it gets the player's number from 0, and how long ago this was due.
    init(
        on eventLoop: any EventLoop, players: Int, perSecond: Double, offset: Double = 0,
        send: @escaping (_ player: Int, _ lateNanoseconds: Int64) -> Void
    ) {
        (self.eventLoop, self.players, self.send) = (eventLoop, players, send)
        interval = 1e9 / perSecond / Double(players)
        begin = NIODeadline.now().uptimeNanoseconds + UInt64(interval * offset)
        sendDue()
    }

    /// Ends it.
    func stop() {
        isRunning = false
        timer?.cancel()
    }

    /// Makes the sends that are due.
    ///
    /// Send k belongs to player k modulo the number of players and is due at `begin + k × interval`, so that delays
    /// never add up.
    private func sendDue() {
        eventLoop.assertInEventLoop()
        guard isRunning else { return }
        let now = NIODeadline.now().uptimeNanoseconds
        var due = dueTime(count)
        while due <= now {
            send(count % players, Int64(clamping: now - due))
            count += 1
            due = dueTime(count)
        }
        let next = max(due, now + Self.granularityNanoseconds)
        timer = eventLoop.assumeIsolated().scheduleTask(deadline: .uptimeNanoseconds(next)) { self.sendDue() }
    }

    private func dueTime(_ count: Int) -> UInt64 { begin + UInt64(Double(count) * interval) }
}
