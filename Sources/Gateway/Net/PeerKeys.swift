import NIOCore
import Transport

/// Makes the keys of peers and of native servers, and the secrets that prove whose they are.
///
/// A key has 144 random bits, so nobody finds one by trying. The secret is a hash of the key with a secret of this
/// process: the server checks it without keeping anything about peers that are away. After a restart of the server all
/// former secrets are wrong, and peers get new keys.
struct PeerKeys: Sendable {
    /// What a key is for; the secret of one purpose proves nothing for another.
    enum Purpose: String, Sendable { case peer, server }

    private static let keyBytes = 18
    /// The length of a key.
    static let keyCharacters = 24

    private let root = Sodium.randomBytes(32)

    /// A new key.
    func make() -> String { Self.base64(Sodium.randomBytes(Self.keyBytes)) }

    /// The secret of a key in a room.
    func secret(of key: String, in room: String, for purpose: Purpose) -> String {
        // No part has the separator, so different parts never make the same text.
        let text = "\(purpose.rawValue)/\(room)/\(key)"
        return Self.base64(Array(Sodium.hash(root + Array(text.utf8)).prefix(24)))
    }

    /// Whether a secret belongs to a key; takes the same time for every wrong secret.
    func accepts(_ secret: String, for key: String, in room: String, _ purpose: Purpose) -> Bool {
        Sodium.equal(Array(secret.utf8), Array(self.secret(of: key, in: room, for: purpose).utf8))
    }

    /// Whether a text has the form of a key.
    static func isKey(_ text: some StringProtocol) -> Bool {
        text.utf8.count == keyCharacters && text.utf8.allSatisfy(isKeyByte)
    }

    /// Whether a byte of UTF-8 may be in a key.
    static func isKeyByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
            true
        default: false
        }
    }

    private static func base64(_ bytes: [UInt8]) -> String {
        var text = ByteBuffer()
        text.writeBase64(bytes, isURLSafe: true)
        return String(buffer: text)
    }
}
