package import NIOCore
import Synchronization

/// Measures how long the whole process was paused: by a signal (SIGSTOP), a suspended virtual machine or a debugger.
///
/// Clients continue during a pause: what they send waits in the kernel, and the server seems silent to them. So a pause
/// does not count for deadlines, but clients may send the commands of that time afterwards. A pause is detected by a
/// missing beat. Any call of ``total`` detects it, so that input which waited is judged correctly even before the next
/// beat. A beat that is late because its thread had too much work is not a pause: clients that keep the server busy
/// must not stop its deadlines. Any thread may call it.
package final class ServerPauses: Sendable {
    /// The interval between two calls of ``beat()``.
    static let interval = TimeAmount.milliseconds(100)
    /// A gap between beats that is longer than this counts as a pause; a shorter one does not matter for any limit.
    static let tolerance = TimeAmount.milliseconds(350)

    private struct Beat {
        var time: NIODeadline
        /// The CPU time of the beat's thread at that moment, and the clock that reads it.
        var work: TimeAmount
        var clock: @Sendable () -> TimeAmount
    }

    private struct State {
        /// The latest beat, or the latest detection of a pause; `nil` before the first beat and after ``end()``.
        var last: Beat?
        var total = TimeAmount.zero
    }

    private let now: @Sendable () -> NIODeadline
    private let threadClock: @Sendable () -> @Sendable () -> TimeAmount
    private let state = Mutex(State())

    /// Makes a watch; it detects no pauses before the first ``beat()``.
    ///
    /// - Parameters:
    ///   - now: A clock that goes on during a pause.
    ///   - threadClock: Returns a clock of the calling thread's CPU time.
    init(
        now: @escaping @Sendable () -> NIODeadline,
        threadClock: @escaping @Sendable () -> @Sendable () -> TimeAmount
    ) {
        self.now = now
        self.threadClock = threadClock
    }

    /// Makes a watch with the machine's clocks; it detects no pauses before the first beat.
    package convenience init() {
        self.init(now: { .now() }) {
            guard let clock = ThreadClock.current else { return { .zero } }
            return { clock.time }
        }
    }

    /// Records that the server is running; always call it on the same thread.
    func beat() {
        let (now, clock) = (now(), threadClock())
        state.withLock { state in
            notice(now, &state)
            state.last = Beat(time: now, work: clock(), clock: clock)
        }
    }

    /// Stops the detection until the next beat.
    func end() { state.withLock { $0.last = nil } }

    /// The total time of all pauses so far; it never decreases.
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
        // The thread may have worked for up to one interval before the pause.
        let isBusy = work - last.work > Self.interval + .nanoseconds(gap.nanoseconds / 10)
        if !isBusy { state.total = state.total + gap }
    }

    /// Calls ``beat()`` every ``interval`` until the task is cancelled.
    ///
    /// - Parameter eventLoop: The event loop that beats; nothing may block it.
    package func run(on eventLoop: any EventLoop) async {
        let task = eventLoop.scheduleRepeatedTask(initialDelay: .zero, delay: Self.interval) { _ in self.beat() }
        do {
            while true { try await Task.sleep(for: .seconds(3600)) }
        } catch {
            // The task was cancelled.
        }
        task.cancel()
        end()
    }
}
