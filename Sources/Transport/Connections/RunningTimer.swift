package import NIOCore

/// Does something once an amount of time has passed in which the server ran: its own pauses don't count.
///
/// Used on its event loop only.
package final class RunningTimer {
    private let eventLoop: any EventLoop
    private let pauses: () -> TimeAmount
    private let action: () -> Void
    private var scheduled: Scheduled<Void>?

    /// Starts a timer.
    ///
    /// - Parameters:
    ///   - amount: How long it runs.
    ///   - eventLoop: Where; called on it.
    ///   - pauses: How long the server's pauses were so far.
    ///   - action: What to do then.
    package init(
        in amount: TimeAmount, on eventLoop: any EventLoop, pauses: @escaping () -> TimeAmount,
        _ action: @escaping () -> Void
    ) {
        self.eventLoop = eventLoop
        self.pauses = pauses
        self.action = action
        start(amount)
    }

    /// The time on a clock that stands still during pauses.
    private var runningNow: NIODeadline { eventLoop.now - pauses() }

    private func start(_ amount: TimeAmount) {
        let end = runningNow + amount
        scheduled = eventLoop.assumeIsolated().scheduleTask(in: amount) {
            let rest = end - self.runningNow
            if rest > .zero { self.start(rest) } else { self.action() }
        }
    }

    /// Ends it without the action.
    package func cancel() { scheduled?.cancel() }
}
