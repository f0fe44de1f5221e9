import HTTPTypes
import Storage

/// Registers accounts and checks passwords, within the limits for one login and one address [M2.1, 1-protocol 1].
///
/// Cheap checks come first: the limits, then a place in the queue, then a read of the store. Only attempts that pass
/// all of them are hashed.
final class AccountService: Sendable {
    private let storage: any Storage
    private let hasher: PasswordHasher
    private let time: TimeSource
    private let loginLimits: LoginLimits
    private let registrationThrottle: Throttle

    init(storage: any Storage, configuration: GatewayConfiguration, time: TimeSource) {
        self.storage = storage
        self.time = time
        hasher = PasswordHasher(
            cost: configuration.passwordCost, threads: configuration.passwordThreads,
            maxWaiting: configuration.maxWaitingLogins)
        loginLimits = LoginLimits(configuration, time: time)
        registrationThrottle = Throttle(configuration.registrationLimit, time: time)
    }

    /// Changes the limits for later attempts.
    func apply(_ configuration: GatewayConfiguration) {
        loginLimits.apply(configuration)
        registrationThrottle.setLimit(configuration.registrationLimit)
        hasher.maxWaiting = configuration.maxWaitingLogins
    }

    /// Makes an account.
    ///
    /// - Parameters:
    ///   - form: Login and password.
    ///   - origin: The origin of the request.
    /// - Returns: The account.
    /// - Throws: ``GatewayError`` with code `bad_request`, `login_taken`, `rate_limited` or `busy`.
    func register(_ form: LoginForm, from origin: ClientOrigin) async throws -> Account {
        try form.checkRegistration()
        let attempt = LoginAttempt(form, from: origin)
        if let wait = registrationThrottle.attempt(attempt.address) {
            throw GatewayError.rateLimited("registrations from this address", wait: wait)
        }
        try checkPlace(attempt)
        guard try await storage.account(login: form.login) == nil else { throw Self.taken(form.login) }
        let hash = try await hashing { try await self.hasher.hash(form.password, for: attempt.share) }
        do throws(StorageError) {
            let account = try await storage.createAccount(
                login: form.login, passwordHash: hash, created: time.unix())
            loginLimits.succeeded(attempt)
            return account
        } catch {
            if case .loginTaken = error { throw Self.taken(form.login) }
            throw error
        }
    }

    /// Checks a password.
    ///
    /// - Parameters:
    ///   - form: Login and password.
    ///   - origin: The origin of the request.
    /// - Returns: The account.
    /// - Throws: ``GatewayError`` with code `bad_credentials`, `rate_limited` or `busy`.
    func authenticate(_ form: LoginForm, from origin: ClientOrigin) async throws -> Account {
        let attempt = LoginAttempt(form, from: origin)
        let begun = try loginLimits.begin(attempt)
        let account: Account?
        let verdict: PasswordHasher.Verdict
        do {
            (account, verdict) = try await check(form, attempt)
        } catch {
            begun.end(.unchecked)
            throw error
        }
        guard let account, verdict.isRight else {
            begun.end(.failed, hashes: verdict.wasTriedAsSent ? 2 : 1)
            throw GatewayError(.unauthorized, "bad_credentials", "wrong login or password")
        }
        begun.end(.succeeded)
        if verdict.wasTriedAsSent { await storeNormalForm(of: form, account, attempt) }
        return account
    }

    /// Lets a client with a session log in again without a password.
    ///
    /// - Parameters:
    ///   - account: The session's account.
    ///   - origin: The origin of the request.
    /// - Throws: ``GatewayError`` with code `rate_limited`.
    func renew(_ account: Account, from origin: ClientOrigin) throws(GatewayError) {
        try loginLimits.renewed(LoginAttempt(login: account.login, from: origin))
    }

    /// The account, `nil` for an unknown login, and whether the password is right.
    private func check(
        _ form: LoginForm, _ attempt: LoginAttempt
    ) async throws -> (Account?, PasswordHasher.Verdict) {
        try checkPlace(attempt)
        let account = try await storage.account(login: form.login)
        let verdict = try await hashing {
            try await self.hasher.verify(form.password, hash: account?.passwordHash, for: attempt.share)
        }
        return (account, verdict)
    }

    /// Replaces the hash that an older version made of the password as it was sent, so that the next login of the
    /// account needs one hash again, and may compose the letters in another way.
    private func storeNormalForm(of form: LoginForm, _ account: Account, _ attempt: LoginAttempt) async {
        // The login has succeeded. When the queue is full or the store fails, the next login tries this again.
        guard let hash = try? await hasher.hash(form.password, for: attempt.share) else { return }
        try? await storage.setPasswordHash(hash, ofAccount: account.id)
    }

    /// Stops the threads that hash.
    func shutdown() async { await hasher.shutdown() }

    private func checkPlace(_ attempt: LoginAttempt) throws(GatewayError) {
        guard hasher.hasPlace(for: attempt.share) else { throw Self.busy }
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

    private static func taken(_ login: String) -> GatewayError {
        GatewayError(
            .conflict, "login_taken",
            "the login \"\(login)\" is taken (names that look the same or differ only in case count as the same); choose another",
            field: "login")
    }
}

extension LoginAttempt {
    /// The owner of the attempt's hash in the queue of ``PasswordHasher``.
    fileprivate var share: PasswordHasher.Share { .init(address: address, login: login) }
}
