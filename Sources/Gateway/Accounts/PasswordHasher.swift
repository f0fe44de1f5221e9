import NIOPosix
import Storage
import Synchronization

/// Hashes and verifies passwords on a few threads of its own, in fair turns, with a bounded queue [1-protocol 1].
///
/// Each hash takes 64 MiB of memory and 80 ms of CPU time, so only as many run at once as there are threads.
final class PasswordHasher: Sendable {
    /// The queue is full, the hasher is stopped, or the memory for a hash can't be allocated.
    struct Busy: Error {}

    typealias Share = FairQueue<Job>.Share

    /// A requested hash.
    struct Job: Sendable {
        /// Computes the hash and returns it to the caller; runs on a thread of the pool.
        var run: @Sendable () -> Void
        /// Makes the caller throw ``Busy``.
        var refuse: @Sendable () -> Void
    }

    private struct State {
        var bound: Int
        var queue = FairQueue<Job>()
        var running = 0
        var isStopped = false
    }

    private let pool: NIOThreadPool
    private let threads: Int
    private let cost: PasswordCost
    private let state: Mutex<State>
    private let computedDecoy = Mutex<String?>(nil)

    init(cost: PasswordCost, threads: Int = 2, maxWaiting: Int = 64) {
        self.cost = cost
        self.threads = threads
        state = Mutex(State(bound: maxWaiting))
        pool = NIOThreadPool(numberOfThreads: threads)
        pool.start()
        // Computed before the first job, so that the start need not wait for it, and no job of an unknown login takes
        // longer than the others.
        pool.submit { _ in _ = self.decoy }
    }

    /// The hash that an unknown login is verified against, so that it takes the same time as a known login.
    var decoy: String {
        computedDecoy.withLock { decoy in
            if let decoy { return decoy }
            let made = Sodium.passwordHash(Sodium.randomBytes(16), cost: cost) ?? ""
            decoy = made
            return made
        }
    }

    /// The most callers that may wait, including those whose hash is being computed.
    var maxWaiting: Int {
        get { state.withLock { $0.bound } }
        set { state.withLock { $0.bound = newValue } }
    }

    /// Whether the queue has a place for a caller now; this may change at any moment.
    ///
    /// - Parameter share: The address and the login of the caller.
    /// - Returns: `false` when ``hash(_:for:)`` and ``verify(_:hash:for:)`` would throw ``Busy`` at once.
    func hasPlace(for share: Share) -> Bool {
        state.withLock { !$0.isStopped && $0.queue.hasPlace(for: share, bound: $0.bound - $0.running) }
    }

    /// Hashes a password, in its normal form, with a fresh salt.
    ///
    /// - Parameters:
    ///   - password: The password.
    ///   - share: The address and the login of the caller.
    /// - Returns: The hash in its text form.
    /// - Throws: ``Busy``.
    func hash(_ password: String, for share: Share) async throws -> String {
        let cost = cost
        return try await run(for: share) { Sodium.passwordHash(Array(passwordForm(password).utf8), cost: cost) }
    }

    /// What ``verify(_:hash:for:)`` found.
    struct Verdict: Equatable {
        /// Whether the password is right.
        var isRight: Bool
        /// Whether the password was also hashed as it was sent, because its normal form is another text and is wrong.
        var wasTriedAsSent: Bool
    }

    /// Whether a password belongs to a hash; takes the same time when there is no hash.
    ///
    /// Older versions hashed a password as it was sent. So a password that is not in its normal form is also tried as
    /// it was sent when the normal form is wrong; for unknown logins too, so that the time tells nothing. This costs a
    /// second hash of 64 MiB and 80 ms for each such failure. It runs after the first on the same thread, so no more
    /// memory is in use at once, and ``LoginLimits`` counts the failure twice.
    ///
    /// - Parameters:
    ///   - password: The password.
    ///   - hash: The account's hash, or `nil` when there is no such account.
    ///   - share: The address and the login of the caller.
    /// - Returns: Whether it is the right password of an account, and in which form.
    /// - Throws: ``Busy``.
    func verify(_ password: String, hash: String?, for share: Share) async throws -> Verdict {
        let given = Array(password.utf8)
        let normal = Array(passwordForm(password).utf8)
        return try await run(for: share) {
            let expected = hash ?? self.decoy
            if Sodium.verify(normal, hash: expected) { return Verdict(isRight: hash != nil, wasTriedAsSent: false) }
            guard normal != given else { return Verdict(isRight: false, wasTriedAsSent: false) }
            return Verdict(isRight: Sodium.verify(given, hash: expected) && hash != nil, wasTriedAsSent: true)
        }
    }

    /// Stops the threads after their current hashes; waiting and later callers throw ``Busy``.
    func shutdown() async {
        let waiting = state.withLock { state in
            state.isStopped = true
            var jobs: [Job] = []
            while let job = state.queue.next() { jobs.append(job) }
            return jobs
        }
        for job in waiting { job.refuse() }
        try? await pool.shutdownGracefully()
    }

    /// How many callers wait for a thread.
    var waitingCount: Int { state.withLock { $0.queue.count } }

    /// Runs work on a thread of the pool when it is the caller's turn.
    ///
    /// - Parameters:
    ///   - share: The address and the login of the caller.
    ///   - work: The work; a `nil` result counts as ``Busy``.
    /// - Returns: The result.
    /// - Throws: ``Busy``.
    func run<T: Sendable>(for share: Share, _ work: @escaping @Sendable () -> T?) async throws -> T {
        try await withCheckedThrowingContinuation { continuation in
            let job = Job(
                run: {
                    if let result = work() {
                        continuation.resume(returning: result)
                    } else {
                        continuation.resume(throwing: Busy())
                    }
                },
                refuse: { continuation.resume(throwing: Busy()) })
            let (refused, next) = state.withLock { state -> (Job?, Job?) in
                if state.isStopped { return (job, nil) }
                let displaced = state.queue.insert(job, for: share, bound: state.bound - state.running)
                return (displaced, startNext(&state))
            }
            refused?.refuse()
            if let next { start(next) }
        }
    }

    /// Counts the next hash as running; `nil` when no thread is free or nothing waits.
    private func startNext(_ state: inout State) -> Job? {
        guard state.running < threads, let job = state.queue.next() else { return nil }
        state.running += 1
        return job
    }

    private func start(_ job: Job) {
        pool.submit { poolState in
            if poolState == .active { job.run() } else { job.refuse() }
            let next = self.state.withLock { state in
                state.running -= 1
                return self.startNext(&state)
            }
            if let next { self.start(next) }
        }
    }
}
