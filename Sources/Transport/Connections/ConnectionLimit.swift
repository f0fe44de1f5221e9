import Synchronization

/// How many connections each address has, with a bound, so that no client can take them all. Any thread.
package final class ConnectionLimit: Sendable {
    private let maxPerAddress: @Sendable () -> Int
    private let counts = Mutex<[String: Int]>([:])

    /// Makes a limit that counts nothing yet.
    ///
    /// - Parameter maxPerAddress: How many connections one address may have now.
    package init(maxPerAddress: @escaping @Sendable () -> Int) { self.maxPerAddress = maxPerAddress }

    /// Counts a connection.
    ///
    /// - Parameter address: Where it comes from.
    /// - Returns: `false`, without counting it, when the address has as many as it may have.
    func open(_ address: String) -> Bool {
        let maxPerAddress = maxPerAddress()
        return counts.withLock { counts in
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
}
