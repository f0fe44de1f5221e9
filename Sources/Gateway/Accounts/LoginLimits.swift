import Storage

/// A try to log in.
struct LoginAttempt: Sendable, Hashable {
    /// The key of the name: all spellings that log in to one account count together.
    let login: String
    /// The key of the client's network.
    let address: String

    init(_ form: LoginForm, from origin: ClientOrigin) {
        login = loginKey(form.login)
        address = origin.key
    }

    /// The key of the name and the address together.
    fileprivate var pair: String { "\(address) \(login)" }
}

/// How often passwords may be guessed.
///
/// Failures count for the name and address together, so that guessing does not lock out an owner at another address;
/// for the address, whatever the name; and for the name, whatever the address. The last two don't count for an address
/// from which the name's owner came before, so that neither its neighbours nor any number of strangers take its turns.
/// What succeeds counts for the name and address alone. Any thread may call it; all tables are bounded.
final class LoginLimits: Sendable {
    /// How an attempt ended.
    enum Outcome {
        case succeeded
        /// The password was wrong.
        case failed
        /// It was not checked.
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
        loginFailures = Throttle(configuration.strangerLimit, time: time)
        successes = Throttle(configuration.reloginLimit, time: time)
    }

    /// Sets other limits, for the attempts that come from now on.
    func apply(_ configuration: GatewayConfiguration) {
        failures.setLimit(configuration.loginLimit)
        addressFailures.setLimit(configuration.addressLimit)
        loginFailures.setLimit(configuration.strangerLimit)
        successes.setLimit(configuration.reloginLimit)
    }

    /// Counts an attempt in advance, as failed and as succeeded; ``Begun/end(_:)`` takes back what it was not.
    ///
    /// - Parameter attempt: The attempt.
    /// - Returns: What was counted.
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

    /// Notes an address from which a name's owner came.
    func succeeded(_ attempt: LoginAttempt) { known.insert(attempt) }

    /// An attempt whose outcome is open.
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

        /// Ends the attempt; to be called once.
        ///
        /// - Parameter outcome: How it ended.
        func end(_ outcome: Outcome) {
            for (kind, throttle, key) in taken {
                switch (outcome, kind) {
                case (.succeeded, .success), (.failed, .failures): break
                default: throttle.forgive(key)
                }
            }
            if outcome == .succeeded { limits.succeeded(attempt) }
        }
    }
}
