import Glibc
import Synchronization

/// How many connections each address has, with a bound, so that nobody can take them all. Any thread.
final class ConnectionLimit: Sendable {
    private let maxPerAddress: Int
    private let counts = Mutex<[String: Int]>([:])

    init(maxPerAddress: Int) { self.maxPerAddress = maxPerAddress }

    /// Counts a connection.
    ///
    /// - Parameter address: Where it comes from.
    /// - Returns: `false`, without counting it, when the address has as many as it may have.
    func open(_ address: String) -> Bool {
        counts.withLock { counts in
            let count = counts[address, default: 0]
            guard count < maxPerAddress else { return false }
            counts[address] = count + 1
            return true
        }
    }

    /// Forgets a connection that was counted.
    ///
    /// - Parameter address: Where it came from.
    func close(_ address: String) {
        counts.withLock { counts in
            guard let count = counts[address] else { return }
            counts[address] = count > 1 ? count - 1 : nil
        }
    }

    /// Lets the process have as many open files, and so connections, as the system allows it.
    ///
    /// Shells start programs with 1,024, which is too few for a thousand players.
    static func raiseFileLimit() {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
        limit.rlim_cur = limit.rlim_max
        // When it may not, the lower limit stays; connections beyond it wait until others end.
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }
}
