import Foundation
import JSONValues
import Testing

@testable import GameRules
@testable import Gateway

@Suite("STUN and TURN servers for peers [T6, T8]") struct IceServersTests {
    private static func bytes(_ hex: String) -> [UInt8] {
        let digits = Array(hex)
        return stride(from: 0, to: digits.count, by: 2).compactMap { UInt8(String(digits[$0...$0 + 1]), radix: 16) }
    }

    @Test(
        "SHA-1 of the examples of RFC 3174, and of lengths around a block",
        arguments: [
            ("abc", 1, "a9993e364706816aba3e25717850c26c9cd0d89d"),
            (
                "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 1,
                "84983e441c3bd26ebaae4aa1f95129e5e54670f1"
            ),
            (
                "0123456701234567012345670123456701234567012345670123456701234567", 10,
                "dea356a2cddd90c7a7ecedc5ebb563934f460452"
            ),
            ("", 1, "da39a3ee5e6b4b0d3255bfef95601890afd80709"),
            ("a", 55, "c1c8bbdc22796e28c0e15163d20899b65621d65a"),
            ("a", 56, "c2db330f6083854c99d4b5bfb6e8f29f201be699"),
            ("a", 63, "03f09f5b158a7a8cdad920bddc29b81c18a551f5"),
            ("a", 64, "0098ba824b5c16427bd7a1122a5a442a25ec644d"),
        ])
    func sha1(text: String, times: Int, digest: String) {
        #expect(HMACSHA1.sha1(Array(String(repeating: text, count: times).utf8)) == Self.bytes(digest))
    }

    @Test(
        "HMAC-SHA1 of the examples of RFC 2202",
        arguments: [
            (
                [UInt8](repeating: 0x0B, count: 20), Array("Hi There".utf8),
                "b617318655057264e28bc0b6fb378c8ef146be00"
            ),
            (
                Array("Jefe".utf8), Array("what do ya want for nothing?".utf8),
                "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"
            ),
            (
                [UInt8](repeating: 0xAA, count: 20), [UInt8](repeating: 0xDD, count: 50),
                "125d7342b9ac11cd91a39af48aa17b4f63f175d3"
            ),
            (
                [UInt8](repeating: 0xAA, count: 80),
                Array("Test Using Larger Than Block-Size Key - Hash Key First".utf8),
                "aa4ae5e15272d00e95705637ce8a3b55ed402112"
            ),
        ] as [([UInt8], [UInt8], String)])
    func hmac(key: [UInt8], message: [UInt8], code: String) {
        #expect(HMACSHA1.code(message, key: key) == Self.bytes(code))
    }

    private func urls() throws -> [IceServerURL] {
        try ["stun:a.example", "turn:b.example:3478", "turns:b.example?transport=tcp"].map { try IceServerURL($0) }
    }

    @Test("a TURN server gets a name that expires, and its HMAC-SHA1 with the secret in base64")
    func credentials() throws {
        let servers = IceServers(
            urls: try urls(), seconds: 43_200, secret: Array("north".utf8))
        #expect(!servers.lacksSecret)
        #expect(
            servers.json(for: "peer", now: 1_700_001_000.9).text == """
                [{"urls":["stun:a.example"]},{"urls":["turn:b.example:3478","turns:b.example?transport=tcp"],\
                "username":"1700044200:peer","credential":"pBgbyOghbVY53QEjqPBsKr/ML2Q="}]
                """)
    }

    @Test("without a secret no peer gets a TURN server, which a browser would refuse")
    func noSecret() throws {
        let servers = IceServers(urls: try urls(), seconds: 60, secret: nil)
        #expect(servers.lacksSecret)
        #expect(servers.json(for: "peer", now: 0).text == #"[{"urls":["stun:a.example"]}]"#)
        #expect(IceServers(urls: [], seconds: 60, secret: nil).json(for: "peer", now: 0).text == "[]")
        #expect(!IceServers(urls: [], seconds: 60, secret: nil).lacksSecret)
    }

    @Test("the secret is in a variable, or in a file of the data folder, and never the empty text")
    func secrets() async throws {
        try await TestServer.withFolder { folder in
            func secret(_ environment: [String: String] = [:]) throws(TurnSecretError) -> String? {
                try TurnSecret.load(environment: environment, directory: folder).map {
                    String(decoding: $0, as: UTF8.self)
                }
            }
            let file = folder + "/" + TurnSecret.fileName
            #expect(try secret() == nil)
            #expect(try secret([TurnSecret.variable: " north \n"]) == "north")
            try "south \n".write(toFile: file, atomically: true, encoding: .utf8)
            #expect(try secret() == "south")
            #expect(try secret([TurnSecret.variable: "north"]) == "north")
            #expect(try secret([TurnSecret.variable: "  "]) == "south")
            try "\n".write(toFile: file, atomically: true, encoding: .utf8)
            #expect(throws: TurnSecretError.self) { try secret() }
            try FileManager.default.removeItem(atPath: file)
            try FileManager.default.createDirectory(atPath: file, withIntermediateDirectories: false)
            #expect(throws: TurnSecretError.self) { try secret() }
        }
    }
}
