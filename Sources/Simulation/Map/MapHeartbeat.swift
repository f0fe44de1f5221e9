import Synchronization

/// When a map should have begun its next tick: tells a map that hangs from one that sleeps. Any thread.
///
/// The time stays that of the current tick while the tick runs, so that a tick that does not end is late too.
final class MapHeartbeat: Sendable {
    /// Not `UInt64.max`: an atomic minimum that compares signed numbers would see −1.
    private static let never = UInt64(Int64.max)

    /// On the monotonic clock, in nanoseconds; `never` while nothing is to be done.
    private let due = Atomic<UInt64>(never)

    /// How long a tick may take, in nanoseconds.
    private let allowance = Atomic<UInt64>(0)

    /// Notes how long the scripts of a tick may take, in nanoseconds: a tick counts as late only after that.
    func allow(_ nanoseconds: UInt64) { allowance.store(nanoseconds, ordering: .releasing) }

    /// Notes when the next tick begins.
    func expect(at time: UInt64) { due.store(time, ordering: .releasing) }

    /// Notes that there is nothing to do until an input arrives.
    func sleep() { due.store(Self.never, ordering: .releasing) }

    /// Notes that an input arrived for a map that sleeps.
    func wake(at time: UInt64) { due.min(time, ordering: .acquiringAndReleasing) }

    /// How long ago the current tick should have ended, in nanoseconds; 0 for a map that is in time or sleeps.
    func lateness(at time: UInt64) -> UInt64 {
        let due = due.load(ordering: .acquiring)
        guard due < time else { return 0 }
        let (late, allowed) = (time - due, allowance.load(ordering: .acquiring))
        return late > allowed ? late - allowed : 0
    }
}
