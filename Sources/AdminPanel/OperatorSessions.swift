import Gateway
import Synchronization

/// The sessions of operators in the panel: hashes of their cookies, in memory, for twelve hours. Any thread may call
/// it.
final class OperatorSessions: Sendable {
    static let lifetime = Duration.seconds(12 * 3600)
    private static let maxSessions = 100

    private let time: TimeSource
    private let sessions = Mutex<[[UInt8]: Duration]>([:])

    init(time: TimeSource) { self.time = time }

    /// Begins a session and returns the cookie's value; when there are too many, the oldest one ends.
    func begin() -> String {
        let secret = hex(Sodium.randomBytes(24))
        let now = time.monotonic()
        sessions.withLock { sessions in
            sessions = sessions.filter { $0.value > now }
            if sessions.count >= Self.maxSessions, let oldest = sessions.min(by: { $0.value < $1.value }) {
                sessions[oldest.key] = nil
            }
            sessions[Sodium.hash(secret.utf8)] = now + Self.lifetime
        }
        return secret
    }

    /// Whether a cookie's value belongs to a session.
    func contains(_ secret: some StringProtocol) -> Bool {
        let hash = Sodium.hash(secret.utf8)
        let now = time.monotonic()
        return sessions.withLock { $0[hash].map { $0 > now } ?? false }
    }

    /// Ends a session.
    func end(_ secret: some StringProtocol) {
        let hash = Sodium.hash(secret.utf8)
        sessions.withLock { $0[hash] = nil }
    }
}
