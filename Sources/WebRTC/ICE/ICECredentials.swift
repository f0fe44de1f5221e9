/// The user name fragment and the password of one end of ICE (RFC 8445, section 5.3).
struct ICECredentials: Sendable, Equatable {
    /// Names the peer: 48 random bits.
    let ufrag: String
    /// Proves that a check comes from the client that has the answer: 144 random bits.
    let password: String

    init(ufrag: String, password: String) {
        self.ufrag = ufrag
        self.password = password
    }

    /// Makes new ones.
    ///
    /// - Parameter generator: The source of randomness, which nobody else can predict.
    init(using generator: inout some RandomNumberGenerator) {
        ufrag = Self.text(8, &generator)
        password = Self.text(24, &generator)
    }

    /// The 8 bytes of ``ufrag``, the first one highest.
    var ufragKey: UInt64 { ufrag.utf8.reduce(0) { $0 << 8 | UInt64($1) } }

    private static let characters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    private static func text(_ count: Int, _ generator: inout some RandomNumberGenerator) -> String {
        String(decoding: (0..<count).map { _ in characters[Int.random(in: 0..<64, using: &generator)] }, as: UTF8.self)
    }
}
