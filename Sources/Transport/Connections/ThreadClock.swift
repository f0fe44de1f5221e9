import Glibc
import NIOCore

/// How long a thread was at work: its own CPU clock, which any thread may read while that one lives.
struct ThreadClock: Sendable {
    private let id: clockid_t

    /// That of the calling thread; `nil` where the system has none.
    static var current: ThreadClock? {
        var id = clockid_t()
        return pthread_getcpuclockid(pthread_self(), &id) == 0 ? ThreadClock(id: id) : nil
    }

    /// The CPU time that it has used since its start.
    var time: TimeAmount {
        var time = timespec()
        clock_gettime(id, &time)
        return .seconds(Int64(time.tv_sec)) + .nanoseconds(Int64(time.tv_nsec))
    }
}
