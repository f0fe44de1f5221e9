import Synchronization

/// The addresses from which each login's owner logged in: the latest addresses of the latest logins. Any thread may
/// call it.
final class KnownAddresses: Sendable {
    /// The most addresses of one login; more than the number of places that a person usually plays from.
    static let maxPerLogin = 8

    private struct Login {
        /// The latest address is the last one.
        var addresses: [String] = []
        var turn: UInt64 = 0
    }

    private struct State {
        var logins: [String: Login] = [:]
        var turn: UInt64 = 0
    }

    private let maxLogins: Int
    private let state = Mutex(State())

    init(maxLogins: Int = 20_000) { self.maxLogins = maxLogins }

    /// Whether the login's owner came from this address before.
    func contains(_ attempt: LoginAttempt) -> Bool {
        state.withLock { $0.logins[attempt.login]?.addresses.contains(attempt.address) ?? false }
    }

    /// Remembers an address. A full login forgets its oldest address; a full table forgets the logins that were not
    /// used for the longest time.
    ///
    /// - Complexity: O(1), but O(n log n) when a new login finds the table full; this removes a tenth of the logins.
    func insert(_ attempt: LoginAttempt) {
        state.withLock { state in
            if state.logins[attempt.login] == nil, state.logins.count >= maxLogins {
                let oldest = state.logins.values.map(\.turn).sorted()[state.logins.count / 10]
                state.logins = state.logins.filter { $0.value.turn > oldest }
            }
            state.turn += 1
            var login = state.logins[attempt.login] ?? Login()
            login.addresses.removeAll { $0 == attempt.address }
            if login.addresses.count >= Self.maxPerLogin { login.addresses.removeFirst() }
            login.addresses.append(attempt.address)
            login.turn = state.turn
            state.logins[attempt.login] = login
        }
    }

    /// How many logins are kept.
    var count: Int { state.withLock { $0.logins.count } }
}
