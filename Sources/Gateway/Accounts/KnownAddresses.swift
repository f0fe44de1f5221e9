import Synchronization

/// From which addresses the owner of a name logged in, the latest ones of the latest names. Any thread may call it.
final class KnownAddresses: Sendable {
    /// Addresses of one name: more than the places that a person plays from.
    static let maxPerLogin = 8

    private struct Login {
        /// The latest last.
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

    /// Whether the name's owner came from this address.
    func contains(_ attempt: LoginAttempt) -> Bool {
        state.withLock { $0.logins[attempt.login]?.addresses.contains(attempt.address) ?? false }
    }

    /// Notes an address; of one name the oldest gives way, of many the names that were noted longest ago.
    ///
    /// - Complexity: O(1); O(n) for each tenth of all names that come new to a full table.
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

    /// How many names are kept.
    var count: Int { state.withLock { $0.logins.count } }
}
