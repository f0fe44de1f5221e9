import Simulation
import Synchronization

/// The tokens with which a player can reconnect after a broken connection without a new login.
///
/// Each session gets one token of 192 random bits; the table keeps only its hash. A token is valid once, while the
/// session lives (a client often notices a broken connection before the server does) and for ``lifetime`` after its
/// end. The table is bounded by the number of sessions and by `maxEnded`, the tokens of ended sessions. Any thread may
/// call it.
final class ResumeTable: Sendable {
    private struct Entry {
        var admission: Admission
        var session: SessionID
        /// `nil` while the session lives.
        var expires: Duration?
    }

    private struct State {
        var lifetime: Duration
        var entries: [[UInt8]: Entry] = [:]
        var hashes: [SessionID: [UInt8]] = [:]
        /// Hashes of ended sessions in the order in which they expire.
        var ended: [[UInt8]] = []
        var endedStart = 0

        /// The entry of a player's token, if the token is valid at the time `now`.
        func entry(_ hash: [UInt8], of playerID: Int, at now: Duration) -> Entry? {
            guard let entry = entries[hash], entry.admission.playerID == playerID else { return nil }
            return entry.expires.map { $0 > now } ?? true ? entry : nil
        }
    }

    private let maxEnded: Int
    private let time: TimeSource
    private let state: Mutex<State>

    init(lifetime: Duration, maxEnded: Int = 50_000, time: TimeSource) {
        state = Mutex(State(lifetime: lifetime))
        self.maxEnded = maxEnded
        self.time = time
    }

    /// How long a token is valid after its session's end; a change applies to sessions that end later.
    var lifetime: Duration {
        get { state.withLock { $0.lifetime } }
        set { state.withLock { $0.lifetime = newValue } }
    }

    /// Issues a session's token.
    ///
    /// - Parameters:
    ///   - session: The session.
    ///   - admission: The player and the map that the token is valid for.
    /// - Returns: 48 hexadecimal digits.
    func issue(_ session: SessionID, _ admission: Admission) -> String {
        let token = hex(Sodium.randomBytes(24))
        let hash = Sodium.hash(token.utf8)
        state.withLock { state in
            state.entries[hash] = Entry(admission: admission, session: session)
            state.hashes[session] = hash
        }
        return token
    }

    /// Notes the end of a session.
    ///
    /// - Parameters:
    ///   - session: The session.
    ///   - mayResume: Whether its token stays valid for ``lifetime``.
    func ended(_ session: SessionID, mayResume: Bool) {
        let now = time.monotonic()
        state.withLock { state in
            dropExpired(&state, now: now)
            guard let hash = state.hashes.removeValue(forKey: session), state.entries[hash] != nil else { return }
            guard mayResume, state.lifetime > .zero else {
                state.entries[hash] = nil
                return
            }
            state.entries[hash]?.expires = now + state.lifetime
            state.ended.append(hash)
        }
    }

    /// Uses up a token.
    ///
    /// - Parameters:
    ///   - token: The token that the client sent.
    ///   - playerID: The player that the client claims to be; another player's token stays valid.
    /// - Returns: The admission, or `nil` for an unknown, used or expired token.
    func redeem(_ token: String, playerID: Int) -> Admission? {
        let hash = Sodium.hash(token.utf8)
        let now = time.monotonic()
        return state.withLock { state in
            guard let entry = state.entry(hash, of: playerID, at: now) else { return nil }
            state.entries[hash] = nil
            state.hashes[entry.session] = nil
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
        return state.withLock { $0.entry(hash, of: playerID, at: now)?.admission }
    }

    /// Invalidates all tokens of a player. O(tokens).
    func revoke(playerID: Int) {
        state.withLock { state in
            for (hash, entry) in state.entries where entry.admission.playerID == playerID {
                state.entries[hash] = nil
                state.hashes[entry.session] = nil
            }
        }
    }

    /// How many tokens are kept.
    var count: Int { state.withLock { $0.entries.count } }

    private func dropExpired(_ state: inout State, now: Duration) {
        while state.endedStart < state.ended.count {
            let hash = state.ended[state.endedStart]
            let isGood = state.entries[hash]?.expires.map { $0 > now } ?? false
            if isGood, state.ended.count - state.endedStart < maxEnded { break }
            state.entries[hash] = nil
            state.endedStart += 1
        }
        if state.endedStart > 1024, state.endedStart * 2 > state.ended.count {
            state.ended.removeFirst(state.endedStart)
            state.endedStart = 0
        }
    }
}
