import Glibc
import NIOCore

/// The CPU clock of a thread; any thread may read it while that thread lives.
struct ThreadClock: Sendable {
    private let id: clockid_t

    /// The clock of the calling thread; `nil` when the system does not offer one.
    static var current: ThreadClock? {
        var id = clockid_t()
        return pthread_getcpuclockid(pthread_self(), &id) == 0 ? ThreadClock(id: id) : nil
    }

    /// The CPU time that the thread has used since its start.
    var time: TimeAmount {
        var time = timespec()
        clock_gettime(id, &time)
        return .seconds(Int64(time.tv_sec)) + .nanoseconds(Int64(time.tv_nsec))
    }
}
