import NIOPosix
import Synchronization

/// Hashes and verifies passwords on a few threads of its own, with a bound on those who wait [1-protocol 1].
///
/// Each hash takes 64 MiB and a core for 80 ms, so no more run at once than there are threads.
final class PasswordHasher: Sendable {
    /// More callers wait than the bound allows; or the memory for a hash is not to be had.
    struct Busy: Error {}

    private let pool: NIOThreadPool
    private let cost: PasswordCost
    private let bound: Atomic<Int>
    private let waiting = Atomic<Int>(0)
    /// What an unknown login is verified against, so that it costs the same time as a known one.
    let decoy: String

    init(cost: PasswordCost, threads: Int = 2, maxWaiting: Int = 64) {
        self.cost = cost
        bound = Atomic(maxWaiting)
        pool = NIOThreadPool(numberOfThreads: threads)
        pool.start()
        decoy = Sodium.passwordHash(Sodium.randomBytes(16), cost: cost) ?? ""
    }

    /// How many callers may wait.
    var maxWaiting: Int {
        get { bound.load(ordering: .relaxed) }
        set { bound.store(newValue, ordering: .relaxed) }
    }

    /// Hashes a password with a fresh salt.
    ///
    /// - Parameter password: The password.
    /// - Returns: The hash in its text form.
    /// - Throws: ``Busy``.
    func hash(_ password: String) async throws -> String {
        let cost = cost
        return try await run { Sodium.passwordHash(Array(password.utf8), cost: cost) }
    }

    /// Whether a password belongs to a hash; takes the same time when there is no hash.
    ///
    /// - Parameters:
    ///   - password: The password.
    ///   - hash: The account's hash, or `nil` when there is no such account.
    /// - Returns: `true` for the right password of an account.
    /// - Throws: ``Busy``.
    func verify(_ password: String, hash: String?) async throws -> Bool {
        let decoy = decoy
        return try await run { Sodium.verify(Array(password.utf8), hash: hash ?? decoy) && hash != nil }
    }

    /// Stops the threads once they are done; later calls fail.
    func shutdown() async { try? await pool.shutdownGracefully() }

    private func run<T: Sendable>(_ work: @escaping @Sendable () -> T?) async throws -> T {
        guard waiting.add(1, ordering: .relaxed).newValue <= maxWaiting else {
            waiting.subtract(1, ordering: .relaxed)
            throw Busy()
        }
        defer { waiting.subtract(1, ordering: .relaxed) }
        guard let result = try await pool.runIfActive({ work() }) else { throw Busy() }
        return result
    }
}
