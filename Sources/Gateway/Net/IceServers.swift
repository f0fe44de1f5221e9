import GameRules
import JSONValues
import NIOCore
import Transport

/// The STUN and TURN servers that peers get, with the credentials of each peer [T6, T8].
///
/// A TURN server that shares a secret with this server (coturn: `use-auth-secret`) accepts every name of the form
/// `EXPIRY:USER` whose password is the HMAC-SHA1 of the name with the secret, until the Unix time `EXPIRY`. So no peer
/// ever gets the secret, and what it gets is of no use after some hours.
struct IceServers: Sendable, Equatable {
    private let urls: [IceServerURL]
    /// How long credentials are valid.
    let seconds: Int
    private let secret: [UInt8]?

    /// - Parameters:
    ///   - urls: The addresses.
    ///   - seconds: How long credentials are valid.
    ///   - secret: What the TURN servers know too; without one, peers get no TURN servers, because a browser refuses
    ///     those without credentials.
    init(urls: [IceServerURL], seconds: Int, secret: [UInt8]?) {
        self.urls = urls
        self.seconds = seconds
        self.secret = secret
    }

    /// Whether there are TURN servers that peers don't get, because there is no secret.
    var lacksSecret: Bool { secret == nil && urls.contains(where: \.isRelay) }

    /// The servers as `RTCConfiguration.iceServers` has them.
    ///
    /// - Parameters:
    ///   - user: The peer's name for the log of the TURN server.
    ///   - now: Unix time in seconds.
    /// - Returns: An array of at most two objects: STUN, and TURN with credentials.
    func json(for user: String, now: Double) -> JSON {
        var servers: [JSON] = []
        let open = urls.filter { !$0.isRelay }
        if !open.isEmpty { servers.append(.object(["urls": Self.json(open)])) }
        let relays = urls.filter(\.isRelay)
        if !relays.isEmpty, let secret {
            let name = "\(Int64(now) + Int64(seconds)):\(user)"
            var credential = ByteBuffer()
            credential.writeBase64(HMACSHA1.code(Array(name.utf8), key: secret))
            servers.append(
                .object([
                    "urls": Self.json(relays), "username": .string(name),
                    "credential": .string(String(buffer: credential)),
                ]))
        }
        return .array(servers)
    }

    private static func json(_ urls: [IceServerURL]) -> JSON { .array(urls.map { .string($0.text) }) }
}
