import Synchronization
import World

/// The accounts that were made or asked for since the start, for the case that the database is lost under play. Any
/// thread.
final class KnownAccounts: Sendable {
    /// The most that are remembered: about 20 MB.
    static let maxCount = 65_536

    private struct State {
        var accounts: [Int: Account] = [:]
        var highest: [EntityKind: Int] = [:]
    }

    private let state = Mutex(State())

    /// Remembers an account; when there are too many, another one is forgotten.
    func note(_ account: Account) {
        state.withLock { state in
            if state.accounts.count >= Self.maxCount, state.accounts[account.id] == nil,
                let other = state.accounts.keys.first
            {
                state.accounts[other] = nil
            }
            state.accounts[account.id] = account
            state.highest[.players] = max(state.highest[.players] ?? 0, account.id)
        }
    }

    /// Remembers a number that an entity of a kind had: it is not used again.
    func note(_ kind: EntityKind, _ id: Int) { state.withLock { $0.highest[kind] = max($0.highest[kind] ?? 0, id) } }

    /// The accounts, in no order.
    var accounts: [Account] { state.withLock { Array($0.accounts.values) } }

    /// The highest number that each kind had.
    var highest: [EntityKind: Int] { state.withLock { $0.highest } }
}
