import HTTPTypes
import Storage

/// Registers accounts and checks passwords, within the limits for one login and one address [M2.1, 1-protocol 1].
final class AccountService: Sendable {
    private let storage: any Storage
    private let hasher: PasswordHasher
    private let time: TimeSource
    private let loginThrottle: Throttle
    private let addressThrottle: Throttle
    private let registrationThrottle: Throttle

    init(storage: any Storage, configuration: GatewayConfiguration, time: TimeSource) {
        self.storage = storage
        self.time = time
        hasher = PasswordHasher(
            cost: configuration.passwordCost, threads: configuration.passwordThreads,
            maxWaiting: configuration.maxWaitingLogins)
        loginThrottle = Throttle(configuration.loginLimit, time: time)
        addressThrottle = Throttle(configuration.addressLimit, time: time)
        registrationThrottle = Throttle(configuration.registrationLimit, time: time)
    }

    /// Takes other limits, for the attempts that come from now on.
    func take(_ configuration: GatewayConfiguration) {
        loginThrottle.setLimit(configuration.loginLimit)
        addressThrottle.setLimit(configuration.addressLimit)
        registrationThrottle.setLimit(configuration.registrationLimit)
        hasher.maxWaiting = configuration.maxWaitingLogins
    }

    /// Makes an account.
    ///
    /// - Parameters:
    ///   - form: Login and password.
    ///   - address: Who asks.
    /// - Returns: The account.
    /// - Throws: ``GatewayError`` with code `bad_request`, `login_taken`, `rate_limited` or `busy`.
    func register(_ form: LoginForm, from address: String) async throws -> Account {
        try form.checkRegistration()
        try count(registrationThrottle, address, "registrations from this address")
        guard try await storage.account(login: form.login) == nil else { throw Self.taken(form.login) }
        let hash = try await hashing { try await self.hasher.hash(form.password) }
        do throws(StorageError) {
            return try await storage.createAccount(login: form.login, passwordHash: hash, created: time.unix())
        } catch {
            if case .loginTaken = error { throw Self.taken(form.login) }
            throw error
        }
    }

    /// Checks a password.
    ///
    /// - Parameters:
    ///   - form: Login and password.
    ///   - address: Who asks.
    /// - Returns: The account.
    /// - Throws: ``GatewayError`` with code `bad_credentials`, `rate_limited` or `busy`.
    func authenticate(_ form: LoginForm, from address: String) async throws -> Account {
        let login = form.login.lowercased()
        try count(addressThrottle, address, "attempts from this address")
        try count(loginThrottle, login, "attempts for this login")
        let account = try await storage.account(login: form.login)
        let isRight = try await hashing { try await self.hasher.verify(form.password, hash: account?.passwordHash) }
        guard isRight, let account else {
            throw GatewayError(.unauthorized, "bad_credentials", "wrong login or password")
        }
        addressThrottle.forgive(address)
        loginThrottle.forgive(login)
        return account
    }

    /// Stops the threads that hash.
    func shutdown() async { await hasher.shutdown() }

    private func count(_ throttle: Throttle, _ key: String, _ what: String) throws(GatewayError) {
        guard let wait = throttle.attempt(key) else { return }
        throw GatewayError(.tooManyRequests, "rate_limited", "too many \(what); try again in \(wait) s", retry: wait)
    }

    private func hashing<T>(_ work: () async throws -> T) async throws -> T {
        do {
            return try await work()
        } catch is PasswordHasher.Busy {
            throw GatewayError(.serviceUnavailable, "busy", "too many logins at once; try again in 2 s", retry: 2)
        }
    }

    private static func taken(_ login: String) -> GatewayError {
        GatewayError(
            .conflict, "login_taken",
            "the login \"\(login)\" is taken (upper and lower case count as the same); choose another", field: "login")
    }
}
