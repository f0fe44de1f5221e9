package import NIOCore

/// Runs an action after an amount of time; the server's pauses don't count, see ``ServerPauses``.
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
    ///   - amount: The time until the action.
    ///   - eventLoop: The event loop of the action; call the initializer on it.
    ///   - pauses: Returns the total time of the server's pauses so far.
    ///   - action: The action.
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

    /// Cancels the timer; the action does not run.
    package func cancel() { scheduled?.cancel() }
}
