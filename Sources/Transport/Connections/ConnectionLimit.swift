import Synchronization

/// Counts and bounds the connections of each address, so that no client can use all of them. Any thread may call it.
package final class ConnectionLimit: Sendable {
    private let maxPerAddress: @Sendable () -> Int
    private let counts = Mutex<[String: Int]>([:])

    /// Makes a limit that counts nothing yet.
    ///
    /// - Parameter maxPerAddress: Returns the most connections that one address may have now.
    package init(maxPerAddress: @escaping @Sendable () -> Int) { self.maxPerAddress = maxPerAddress }

    /// Counts a connection.
    ///
    /// - Parameter address: The key of the client's address.
    /// - Returns: `false` when the address has reached the limit; the connection is not counted then.
    package func open(_ address: String) -> Bool {
        let maxPerAddress = maxPerAddress()
        return counts.withLock { counts in
            let count = counts[address, default: 0]
            guard count < maxPerAddress else { return false }
            counts[address] = count + 1
            return true
        }
    }

    /// Removes a counted connection.
    ///
    /// - Parameter address: The key of the client's address, as in ``open(_:)``.
    package func close(_ address: String) {
        counts.withLock { counts in
            guard let count = counts[address] else { return }
            counts[address] = count > 1 ? count - 1 : nil
        }
    }
}
