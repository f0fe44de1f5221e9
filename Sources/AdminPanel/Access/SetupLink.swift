import Gateway
import Synchronization

/// The secret of the link with which the first account is made: good once, for an hour. Any thread may call it.
final class SetupLink: Sendable {
    /// How long a link is good.
    static let lifetime = Duration.seconds(3600)

    private struct Offer {
        var hash: [UInt8]
        var expires: Duration
    }

    private let time: TimeSource
    private let offer = Mutex<Offer?>(nil)

    init(time: TimeSource) { self.time = time }

    /// Makes a new secret; the former one is not good any more.
    func renew() -> String {
        let secret = hex(Sodium.randomBytes(24))
        offer.withLock { $0 = Offer(hash: Sodium.hash(secret.utf8), expires: time.monotonic() + Self.lifetime) }
        return secret
    }

    /// Whether a secret is that of the link, and the link is still good.
    func accepts(_ secret: String) -> Bool {
        let hash = Sodium.hash(secret.utf8)
        let now = time.monotonic()
        return offer.withLock { offer in offer.map { Sodium.equal($0.hash, hash) && $0.expires > now } ?? false }
    }

    /// Ends the link after its use.
    func end() { offer.withLock { $0 = nil } }
}
