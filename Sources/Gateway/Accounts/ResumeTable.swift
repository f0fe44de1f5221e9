import Simulation
import Synchronization

/// The tokens with which a player whose connection broke comes back without a new login.
///
/// Each session gets one token, 192 random bits of which only the hash is kept. It is good once, while the session
/// lives (a client often notices a broken connection before the server does) and for a time after its end. The table is
/// bounded by the sessions and by how many ended ones it keeps. Any thread may call it.
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

        /// A player's entry that is good at a time.
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

    /// How long after its session's end a token is good; for sessions that end from now on.
    var lifetime: Duration {
        get { state.withLock { $0.lifetime } }
        set { state.withLock { $0.lifetime = newValue } }
    }

    /// Issues a session's token.
    ///
    /// - Parameters:
    ///   - session: The session.
    ///   - admission: The player that comes back with it.
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
    ///   - mayResume: Whether its token stays good for the lifetime.
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

    /// Takes a token.
    ///
    /// - Parameters:
    ///   - token: What the client sent.
    ///   - playerID: The player it says it is; another player's token stays as it is.
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

    /// Looks a token up, which stays good.
    ///
    /// - Parameters:
    ///   - token: What the client sent.
    ///   - playerID: The player it says it is.
    /// - Returns: The player it admits; `nil` for one that is not good.
    func admission(_ token: String, playerID: Int) -> Admission? {
        let hash = Sodium.hash(token.utf8)
        let now = time.monotonic()
        return state.withLock { $0.entry(hash, of: playerID, at: now)?.admission }
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
