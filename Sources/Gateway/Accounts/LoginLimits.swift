import Storage

/// An attempt to log in.
struct LoginAttempt: Sendable, Hashable {
    /// The login's key, so that all spellings of one account's login count together.
    let login: String
    /// The key of the client's network.
    let address: String

    init(_ form: LoginForm, from origin: ClientOrigin) { self.init(login: form.login, from: origin) }

    init(login: String, from origin: ClientOrigin) { self.init(login: login, address: origin.key) }

    init(login: String, address: String) {
        self.login = loginKey(login)
        self.address = address
    }

    /// The key of the pair of login and address.
    fileprivate var pair: String { "\(address) \(login)" }
}

/// Limits how often a client may guess passwords.
///
/// A failure counts against three limits: the pair of login and address, so that guessing does not lock out an owner at
/// another address; the address, for all logins; and the login, for all addresses. The last two don't apply to an
/// address from which the login's owner came before, so that neither other clients of that address nor strangers can
/// lock out the owner. A success counts only against the limit of successes of the pair. Any thread may call it; all
/// tables are bounded.
final class LoginLimits: Sendable {
    /// How an attempt ended.
    enum Outcome {
        case succeeded
        /// The password was wrong.
        case failed
        /// The password was not checked.
        case unchecked
    }

    private let failures: Throttle
    private let addressFailures: Throttle
    private let loginFailures: Throttle
    private let successes: Throttle
    private let known = KnownAddresses()

    init(_ configuration: GatewayConfiguration, time: TimeSource) {
        failures = Throttle(configuration.loginLimit, time: time)
        addressFailures = Throttle(configuration.addressLimit, time: time)
        loginFailures = Throttle(configuration.unknownAddressLoginLimit, time: time)
        successes = Throttle(configuration.successfulLoginLimit, time: time)
    }

    /// Changes the limits for later attempts.
    func apply(_ configuration: GatewayConfiguration) {
        failures.setLimit(configuration.loginLimit)
        addressFailures.setLimit(configuration.addressLimit)
        loginFailures.setLimit(configuration.unknownAddressLoginLimit)
        successes.setLimit(configuration.successfulLoginLimit)
    }

    /// Counts an attempt in advance, both as failed and as succeeded; ``Begun/end(_:)`` takes back the wrong count.
    ///
    /// - Parameter attempt: The attempt.
    /// - Returns: The counted attempt.
    /// - Throws: ``GatewayError`` with code `rate_limited`; then nothing was counted.
    func begin(_ attempt: LoginAttempt) throws(GatewayError) -> Begun {
        var begun = Begun(limits: self, attempt: attempt)
        try begun.count(.failures, failures, attempt.pair, "failed attempts for this login from this address")
        try begun.count(.success, successes, attempt.pair, "logins of this name from this address")
        guard !known.contains(attempt) else { return begun }
        try begun.count(.failures, addressFailures, attempt.address, "failed attempts from this address")
        try begun.count(.failures, loginFailures, attempt.login, "failed attempts for this login")
        return begun
    }

    /// Counts a token that a session gets without a password as a successful login.
    ///
    /// - Parameter attempt: The login and the address.
    /// - Throws: ``GatewayError`` with code `rate_limited`.
    func renewed(_ attempt: LoginAttempt) throws(GatewayError) {
        guard let wait = successes.attempt(attempt.pair) else { return }
        throw .rateLimited("logins of this name from this address", wait: wait)
    }

    /// Remembers the address as one from which the login's owner came.
    func succeeded(_ attempt: LoginAttempt) { known.insert(attempt) }

    /// An attempt whose outcome is not known yet.
    struct Begun {
        fileprivate enum Kind { case failures, success }

        fileprivate let limits: LoginLimits
        fileprivate let attempt: LoginAttempt
        private var taken: [(kind: Kind, throttle: Throttle, key: String)] = []

        fileprivate init(limits: LoginLimits, attempt: LoginAttempt) {
            self.limits = limits
            self.attempt = attempt
        }

        fileprivate mutating func count(
            _ kind: Kind, _ throttle: Throttle, _ key: String, _ what: String
        ) throws(GatewayError) {
            if let wait = throttle.attempt(key) {
                end(.unchecked)
                throw GatewayError.rateLimited(what, wait: wait)
            }
            taken.append((kind, throttle, key))
        }

        /// Ends the attempt; call it once.
        ///
        /// - Parameters:
        ///   - outcome: How it ended.
        ///   - hashes: How many hashes a failed attempt cost; it counts as that many failures.
        func end(_ outcome: Outcome, hashes: Int = 1) {
            for (kind, throttle, key) in taken {
                switch (outcome, kind) {
                case (.succeeded, .success): break
                case (.failed, .failures):
                    for _ in 1..<hashes { _ = throttle.attempt(key) }
                default: throttle.forgive(key)
                }
            }
            if outcome == .succeeded { limits.succeeded(attempt) }
        }
    }
}
