import Synchronization

/// The player and the map that a one-time token is valid for.
package struct Admission: Sendable, Equatable {
    /// The player's number.
    package var playerID: Int
    /// The player's login.
    package var login: String
    /// The map that the token was issued for.
    package var mapID: Int

    /// Makes an admission.
    ///
    /// - Parameters:
    ///   - playerID: The player's number.
    ///   - login: The player's login.
    ///   - mapID: The map.
    package init(playerID: Int, login: String, mapID: Int) {
        self.playerID = playerID
        self.login = login
        self.mapID = mapID
    }
}

/// The one-time tokens that were issued and not yet used in a handshake [M2.3, 1-protocol 1].
///
/// A token is 192 random bits; the table keeps only its hash. It is valid once and for 60 s. Any thread may call the
/// table; when two callers redeem a token at the same time, exactly one succeeds. The table is bounded: expired tokens
/// are removed first, then the oldest one.
final class TokenTable: Sendable {
    private struct Entry {
        var admission: Admission
        var expires: Duration
    }

    private struct State {
        var entries: [[UInt8]: Entry] = [:]
        /// Hashes in the order of issue, which is also the order of expiry; hashes of redeemed tokens are skipped.
        var order: [[UInt8]] = []
        var orderStart = 0
        /// By player, the hash of the token that the player got for another map.
        var moves: [Int: [UInt8]] = [:]
    }

    /// How long a token is valid.
    static let lifetime = Duration.seconds(60)

    private let maxTokens: Int
    private let time: TimeSource
    private let state = Mutex(State())

    init(maxTokens: Int = 50_000, time: TimeSource) {
        self.maxTokens = maxTokens
        self.time = time
    }

    /// Issues a token.
    ///
    /// - Parameters:
    ///   - admission: The player and the map that the token is valid for.
    ///   - isMove: Whether the token is for a player that moves to another map. It becomes invalid when the player
    ///     joins a map.
    /// - Returns: 48 hexadecimal digits.
    func issue(_ admission: Admission, isMove: Bool = false) -> String {
        let token = hex(Sodium.randomBytes(24))
        let hash = Sodium.hash(token.utf8)
        let now = time.monotonic()
        state.withLock { state in
            dropExpired(&state, now: now)
            while state.entries.count >= maxTokens { dropOldest(&state) }
            state.entries[hash] = Entry(admission: admission, expires: now + Self.lifetime)
            state.order.append(hash)
            if isMove {
                forgetMove(of: admission.playerID, &state)
                if state.moves.count >= maxTokens { state.moves = state.moves.filter { state.entries[$1] != nil } }
                state.moves[admission.playerID] = hash
            }
        }
        return token
    }

    /// Invalidates the token for another map that the player got, because the player has joined a map.
    ///
    /// A client that still holds this token has been replaced.
    ///
    /// - Parameter playerID: The player.
    func joined(playerID: Int) { state.withLock { forgetMove(of: playerID, &$0) } }

    private func forgetMove(of playerID: Int, _ state: inout State) {
        guard let hash = state.moves.removeValue(forKey: playerID) else { return }
        state.entries[hash] = nil
    }

    /// Uses up a token: it is invalid afterwards, whatever the result is.
    ///
    /// - Parameters:
    ///   - token: The token that the client sent.
    ///   - playerID: The player that the client claims to be.
    /// - Returns: The admission, or `nil` for an unknown, used or expired token and for another player's.
    func redeem(_ token: String, playerID: Int) -> Admission? {
        let hash = Sodium.hash(token.utf8)
        let now = time.monotonic()
        return state.withLock { state in
            guard let entry = state.entries.removeValue(forKey: hash), entry.expires > now,
                entry.admission.playerID == playerID
            else { return nil }
            return entry.admission
        }
    }

    /// Looks a token up without using it up.
    ///
    /// - Parameters:
    ///   - token: The token that the client sent.
    ///   - playerID: The player that the client claims to be.
    /// - Returns: The admission, or `nil` for an invalid token.
    func admission(_ token: String, playerID: Int) -> Admission? {
        let hash = Sodium.hash(token.utf8)
        let now = time.monotonic()
        return state.withLock { state in
            guard let entry = state.entries[hash], entry.expires > now, entry.admission.playerID == playerID else {
                return nil
            }
            return entry.admission
        }
    }

    /// Invalidates all tokens of a player. O(tokens).
    func revoke(playerID: Int) {
        state.withLock { state in
            state.entries = state.entries.filter { $0.value.admission.playerID != playerID }
            state.moves[playerID] = nil
        }
    }

    /// How many tokens are kept.
    var count: Int { state.withLock { $0.entries.count } }

    private func dropExpired(_ state: inout State, now: Duration) {
        while state.orderStart < state.order.count {
            if let entry = state.entries[state.order[state.orderStart]] {
                guard entry.expires <= now else { break }
                state.entries[state.order[state.orderStart]] = nil
            }
            state.orderStart += 1
        }
        if state.orderStart > 1024, state.orderStart * 2 > state.order.count {
            state.order.removeFirst(state.orderStart)
            state.orderStart = 0
        }
    }

    private func dropOldest(_ state: inout State) {
        while state.orderStart < state.order.count {
            let hash = state.order[state.orderStart]
            state.orderStart += 1
            if state.entries.removeValue(forKey: hash) != nil { return }
        }
    }
}
