package import NIOCore
import Synchronization

/// For how long the whole process was stopped: by a signal (SIGSTOP), a suspended virtual machine, a debugger.
///
/// Clients go on meanwhile: what they send waits in the kernel, and the server seems silent to them. So this time
/// counts for no deadline, and for the rate of commands it counts in full. A pause is noticed by a beat that did not
/// come; any caller notices it, so that what waited is judged rightly before the next beat. A beat that is late because
/// its thread had too much work is no pause: clients that keep the server busy must not stop its deadlines. Any thread
/// may call it.
package final class ServerPauses: Sendable {
    /// How often ``beat()`` is to be called.
    static let interval = TimeAmount.milliseconds(100)
    /// A beat that is later than this counts as a pause; less than that no limit notices.
    static let tolerance = TimeAmount.milliseconds(350)

    private struct Beat {
        var time: NIODeadline
        /// How long its thread had been at work by then, and what tells that.
        var work: TimeAmount
        var clock: @Sendable () -> TimeAmount
    }

    private struct State {
        /// When the server was last seen running; `nil` while nothing beats.
        var last: Beat?
        var total = TimeAmount.zero
    }

    private let now: @Sendable () -> NIODeadline
    private let threadClock: @Sendable () -> @Sendable () -> TimeAmount
    private let state = Mutex(State())

    /// Makes a watch that sees no pauses before the first ``beat()``.
    ///
    /// - Parameters:
    ///   - now: A clock that goes on during a pause.
    ///   - threadClock: Gives a clock of the calling thread's work.
    init(
        now: @escaping @Sendable () -> NIODeadline,
        threadClock: @escaping @Sendable () -> @Sendable () -> TimeAmount
    ) {
        self.now = now
        self.threadClock = threadClock
    }

    /// Makes a watch with the machine's clocks, that sees no pauses before the first beat.
    package convenience init() {
        self.init(now: { .now() }) {
            guard let clock = ThreadClock.current else { return { .zero } }
            return { clock.time }
        }
    }

    /// Says that the server is running; always called on one and the same thread.
    func beat() {
        let (now, clock) = (now(), threadClock())
        state.withLock { state in
            notice(now, &state)
            state.last = Beat(time: now, work: clock(), clock: clock)
        }
    }

    /// Says that no beat will follow for now.
    func end() { state.withLock { $0.last = nil } }

    /// How long all pauses together were so far; never falls.
    package var total: TimeAmount {
        let now = now()
        return state.withLock { state in
            notice(now, &state)
            return state.total
        }
    }

    private func notice(_ now: NIODeadline, _ state: inout State) {
        guard let last = state.last, now - last.time > Self.tolerance else { return }
        let (gap, work) = (now - last.time, last.clock())
        state.last = Beat(time: now, work: work, clock: last.clock)
        // Up to an interval of work may lie before the pause.
        let isBusy = work - last.work > Self.interval + .nanoseconds(gap.nanoseconds / 10)
        if !isBusy { state.total = state.total + gap }
    }

    /// Beats until the task is cancelled.
    ///
    /// - Parameter eventLoop: Where it beats; nothing may block it.
    package func run(on eventLoop: any EventLoop) async {
        let task = eventLoop.scheduleRepeatedTask(initialDelay: .zero, delay: Self.interval) { _ in self.beat() }
        do {
            while true { try await Task.sleep(for: .seconds(3600)) }
        } catch {
            // Cancelled.
        }
        task.cancel()
        end()
    }
}
