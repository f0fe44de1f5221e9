package import NIOCore

/// Runs an action after an amount of time; the server's pauses don't count, see ``ServerPauses``.
///
/// It holds the action only until the action runs or the timer is cancelled, so an action may hold the timer's owner.
/// Used on its event loop only.
package final class RunningTimer: NIOScheduledCallbackHandler {
    private let eventLoop: any EventLoop
    private let pauses: () -> TimeAmount
    private var action: (() -> Void)?
    /// When the action runs, on the clock of ``runningNow``.
    private let end: NIODeadline
    private var scheduled: NIOScheduledCallback?

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
        end = eventLoop.now - pauses() + amount
        schedule(in: amount)
    }

    private func schedule(in amount: TimeAmount) {
        // An event loop that has ended schedules nothing, and has closed all its connections.
        scheduled = try? eventLoop.assumeIsolated().scheduleCallback(in: amount, handler: self)
    }

    /// Runs the action, or waits on when the server was paused meanwhile; the event loop calls it.
    package func handleScheduledCallback(eventLoop: some EventLoop) {
        scheduled = nil
        let rest = end - (eventLoop.now - pauses())
        guard rest <= .zero else { return schedule(in: rest) }
        let action = action
        self.action = nil
        action?()
    }

    /// Cancels the timer; the action does not run.
    package func cancel() {
        action = nil
        scheduled?.cancel()
        scheduled = nil
    }
}
