import Synchronization
import World

/// The accounts that were made or read since the start, in case the database is lost while the game runs.
///
/// It may be used on any thread.
final class KnownAccounts: Sendable {
    /// The most accounts that are remembered: about 20 MB of memory.
    static let maxCount = 65_536

    private struct State {
        var accounts: [Int: Account] = [:]
        var highest: [EntityKind: Int] = [:]
    }

    private let state = Mutex(State())

    /// Remembers an account; when there are ``maxCount`` already, an arbitrary one is dropped.
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

    /// Forgets an account that was erased; its number stays used.
    func forget(account id: Int) { state.withLock { $0.accounts[id] = nil } }

    /// Remembers the number of an entity, so that it is not used again for its kind.
    func note(_ kind: EntityKind, _ id: Int) { state.withLock { $0.highest[kind] = max($0.highest[kind] ?? 0, id) } }

    /// The accounts, in no order.
    var accounts: [Account] { state.withLock { Array($0.accounts.values) } }

    /// The highest number that each kind had.
    var highest: [EntityKind: Int] { state.withLock { $0.highest } }
}
