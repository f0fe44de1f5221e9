import HTTPTypes

/// Hashes and checks passwords on a few threads, within the limits for one login and one address [1-protocol 1].
///
/// Cheap checks come first: the limits, then a place in the queue, then a read of the store. Only attempts that pass
/// all of them are hashed. Any task may call it; ``shutdown()`` must be called at the end.
package final class PasswordGate: Sendable {
    private let hasher: PasswordHasher
    private let limits: LoginLimits

    /// Starts the threads.
    ///
    /// - Parameters:
    ///   - configuration: The limits, the cost of a hash, and how many threads hash.
    ///   - time: The clock of the limits.
    package init(_ configuration: GatewayConfiguration, time: TimeSource) {
        hasher = PasswordHasher(
            cost: configuration.passwordCost, threads: configuration.passwordThreads,
            maxWaiting: configuration.maxWaitingLogins)
        limits = LoginLimits(configuration, time: time)
    }

    /// Changes the limits for later attempts.
    func apply(_ configuration: GatewayConfiguration) {
        limits.apply(configuration)
        hasher.maxWaiting = configuration.maxWaitingLogins
    }

    /// Stops the threads after their current hashes; waiting and later callers get the error `busy`.
    package func shutdown() async { await hasher.shutdown() }

    /// Checks a password; takes the same time for an unknown login.
    ///
    /// - Parameters:
    ///   - form: Login and password.
    ///   - origin: The origin of the request.
    ///   - storedHash: Reads the hash of the login's password; `nil` for an unknown login.
    /// - Returns: Whether the hash is of the password's normal form; else it should be replaced.
    /// - Throws: ``GatewayError`` with code `bad_credentials`, `rate_limited` or `busy`; the error of `storedHash`.
    package func check(
        _ form: LoginForm, from origin: ClientOrigin, storedHash: () async throws -> String?
    ) async throws -> Bool {
        let attempt = LoginAttempt(form, from: origin)
        let begun = try limits.begin(attempt)
        let verdict: PasswordHasher.Verdict
        do {
            try requirePlace(attempt)
            let hash = try await storedHash()
            verdict = try await hashing {
                try await self.hasher.verify(form.password, hash: hash, for: attempt.share)
            }
        } catch {
            begun.end(.unchecked)
            throw error
        }
        guard verdict.isRight else {
            begun.end(.failed, hashes: verdict.wasTriedAsSent ? 2 : 1)
            throw GatewayError(.unauthorized, "bad_credentials", "wrong login or password")
        }
        begun.end(.succeeded)
        return !verdict.wasTriedAsSent
    }

    /// Hashes a password.
    ///
    /// - Parameters:
    ///   - form: Login and password.
    ///   - origin: The origin of the request.
    /// - Returns: The hash in its text form.
    /// - Throws: ``GatewayError`` with code `busy`.
    package func hash(_ form: LoginForm, from origin: ClientOrigin) async throws -> String {
        let attempt = LoginAttempt(form, from: origin)
        return try await hashing { try await self.hasher.hash(form.password, for: attempt.share) }
    }

    /// Checks whether a hash could be computed soon.
    ///
    /// - Throws: ``GatewayError`` with code `busy`.
    func requirePlace(for form: LoginForm, from origin: ClientOrigin) throws(GatewayError) {
        try requirePlace(LoginAttempt(form, from: origin))
    }

    private func requirePlace(_ attempt: LoginAttempt) throws(GatewayError) {
        guard hasher.hasPlace(for: attempt.share) else { throw Self.busy }
    }

    /// Remembers the address as one from which the login's owner came.
    func succeeded(_ form: LoginForm, from origin: ClientOrigin) { limits.succeeded(LoginAttempt(form, from: origin)) }

    /// Remembers an address as one from which a login's owner came.
    ///
    /// - Parameters:
    ///   - login: The user name.
    ///   - address: The key of the client's network; see ``ClientOrigin/key``.
    package func remember(login: String, address: String) {
        limits.succeeded(LoginAttempt(login: login, address: address))
    }

    /// Counts a login without a password.
    ///
    /// - Throws: ``GatewayError`` with code `rate_limited`.
    func renewed(login: String, from origin: ClientOrigin) throws(GatewayError) {
        try limits.renewed(LoginAttempt(login: login, from: origin))
    }

    private func hashing<T>(_ work: () async throws -> T) async throws -> T {
        do {
            return try await work()
        } catch is PasswordHasher.Busy {
            throw Self.busy
        }
    }

    private static let busy = GatewayError(
        .serviceUnavailable, "busy", "too many logins at once; try again in 2 s", retry: 2)
}

extension LoginAttempt {
    /// The owner of the attempt's hash in the queue of ``PasswordHasher``.
    fileprivate var share: PasswordHasher.Share { .init(address: address, login: login) }
}
