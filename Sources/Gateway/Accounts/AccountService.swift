import HTTPTypes
import Storage

/// Registers accounts and checks passwords, within the limits for one login and one address [M2.1, 1-protocol 1].
final class AccountService: Sendable {
    private let storage: any Storage
    private let time: TimeSource
    private let passwords: PasswordGate
    private let registrationThrottle: Throttle

    init(storage: any Storage, configuration: GatewayConfiguration, time: TimeSource) {
        self.storage = storage
        self.time = time
        passwords = PasswordGate(configuration, time: time)
        registrationThrottle = Throttle(configuration.registrationLimit, time: time)
    }

    /// Changes the limits for later attempts.
    func apply(_ configuration: GatewayConfiguration) {
        passwords.apply(configuration)
        registrationThrottle.setLimit(configuration.registrationLimit)
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
        if let wait = registrationThrottle.attempt(origin.key) {
            throw GatewayError.rateLimited("registrations from this address", wait: wait)
        }
        try passwords.requirePlace(for: form, from: origin)
        guard try await storage.account(login: form.login) == nil else { throw GatewayError.taken(form.login) }
        let hash = try await passwords.hash(form, from: origin)
        do throws(StorageError) {
            let account = try await storage.createAccount(
                login: form.login, passwordHash: hash, created: time.unix())
            passwords.succeeded(form, from: origin)
            return account
        } catch {
            if case .loginTaken = error { throw GatewayError.taken(form.login) }
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
        var account: Account?
        let isNormal = try await passwords.check(form, from: origin) {
            account = try await self.storage.account(login: form.login)
            return account?.passwordHash
        }
        // A password is right only if there is an account.
        guard let account else { throw GatewayError(.unauthorized, "bad_credentials", "wrong login or password") }
        if !isNormal { await storeNormalForm(of: form, account, origin) }
        return account
    }

    /// Lets a client with a session log in again without a password.
    ///
    /// - Parameters:
    ///   - account: The session's account.
    ///   - origin: The origin of the request.
    /// - Throws: ``GatewayError`` with code `rate_limited`.
    func renew(_ account: Account, from origin: ClientOrigin) throws(GatewayError) {
        try passwords.renewed(login: account.login, from: origin)
    }

    /// Replaces the hash that an older version made of the password as it was sent, so that the next login of the
    /// account needs one hash again, and may compose the letters in another way.
    private func storeNormalForm(of form: LoginForm, _ account: Account, _ origin: ClientOrigin) async {
        // The login has succeeded. When the queue is full or the store fails, the next login tries this again.
        guard let hash = try? await passwords.hash(form, from: origin) else { return }
        try? await storage.setPasswordHash(hash, ofAccount: account.id)
    }

    /// Stops the threads that hash.
    func shutdown() async { await passwords.shutdown() }
}

extension GatewayError {
    /// A login that another account has.
    ///
    /// - Parameter login: The login.
    /// - Returns: The error, status 409.
    package static func taken(_ login: String) -> GatewayError {
        GatewayError(
            .conflict, "login_taken",
            "the login \"\(login)\" is taken (names that look the same or differ only in case count as the same); choose another",
            field: "login")
    }
}
