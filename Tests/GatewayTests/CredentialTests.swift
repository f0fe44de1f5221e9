import Foundation
import NIOHTTP1
import Testing

@testable import Gateway
@testable import Transport

@Suite("Credentials of a handshake [M2.4]") struct CredentialTests {
    func credentials(_ uri: String, _ headers: HTTPHeaders = [:]) -> HandshakeCredentials? {
        HandshakeCredentials(HTTPRequestHead(version: .http1_1, method: .GET, uri: uri, headers: headers))
    }

    /// A token that, after `24:`, has `+`, `/` and `=` in its base64.
    static let token = "~~~???>>>xy"
    static let base64 = Data("24:\(token)".utf8).base64EncodedString()

    @Test("base64 is accepted raw, percent-encoded, with spaces for +, URL-safe, and without padding (checklist 6)")
    func forms() {
        let raw = Self.base64
        #expect(raw.contains("+") && raw.contains("/") && raw.contains("="), "the sample must hold all three: \(raw)")
        let forms = [
            raw, raw.replacing("+", with: " "),
            raw.replacing("+", with: "%2B").replacing("/", with: "%2f").replacing("=", with: "%3D"),
            raw.replacing("+", with: "%20"), raw.replacing("+", with: "-").replacing("/", with: "_"),
            raw.replacing("=", with: ""),
        ]
        for form in forms {
            let found = credentials("/?a=b&HTTP_AUTHORIZATION=\(form)&c=d")
            #expect(found?.playerID == 24, "\(form)")
            #expect(found?.token == Self.token, "\(form)")
        }
    }

    @Test("HTTP Basic is used when the query has no credentials (checklist 7)")
    func basic() {
        #expect(credentials("/", ["Authorization": "Basic \(Self.base64)"])?.token == Self.token)
        #expect(credentials("/", ["authorization": "bAsIc  \(Self.base64)"])?.playerID == 24)
        #expect(credentials("/", ["Authorization": "Bearer \(Self.base64)"]) == nil)
        #expect(credentials("/?HTTP_AUTHORIZATION=", ["Authorization": "Basic \(Self.base64)"]) == nil)
    }

    @Test(
        "anything else is no credentials",
        arguments: [
            "24", "24:", ":token", "0:token", "-1:token", "+1:token", "1.0:token", " 1:token", "x:token",
            "99999999999999999999:token", "\u{FF11}:token",
        ])
    func malformed(text: String) {
        #expect(credentials("/?HTTP_AUTHORIZATION=\(Data(text.utf8).base64EncodedString())") == nil)
    }

    @Test("texts of every length that Foundation encoded as base64 are decoded", arguments: 0..<40)
    func base64(count: Int) {
        let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 83 &+ 7) }
        #expect(decodeBase64(Data(bytes).base64EncodedString()) == bytes)
    }

    @Test(
        "malformed base64 is nil", arguments: ["A", "AAAAA", "A=AA", "AA=A", "AAA==", "AA===", "====", "AA AA!", "Ä"])
    func malformedBase64(text: String) { #expect(decodeBase64(text) == nil) }

    @Test("percent-decoding gives bytes, or nil for an incomplete escape")
    func percent() {
        #expect(percentDecoded("a%2Bb+c", plusIsSpace: true) == Array("a+b c".utf8))
        #expect(percentDecoded("a+c", plusIsSpace: false) == Array("a+c".utf8))
        for text in ["%", "%2", "%zz", "a%2"] { #expect(percentDecoded(text, plusIsSpace: false) == nil) }
    }
}

@Suite("Origins and addresses [1-protocol 1, 2]") struct OriginTests {
    @Test(
        "the server's own origin, listed ones, and clients without one may connect",
        arguments: [
            ([], nil, "a:8080", true), ([], "http://a:8080", "a:8080", true), ([], "http://A:8080", "a:8080", true),
            ([], "http://a", "a", true), ([], "http://a", "a:80", true), ([], "https://a", "a:443", true),
            ([], "https://a:443", "a", true), ([], "http://a:8081", "a:8080", false), ([], "http://b", "a", false),
            ([], "http://a.evil", "a", false), ([], "null", "a", false), ([], "", "a", false),
            ([], "http://a", nil, false),
            (["https://b"], "https://b", "a", true), (["https://b"], "http://b", "a", false),
            (["*"], "null", "a", true),
        ] as [([String], String?, String?, Bool)])
    func origins(allowed: [String], origin: String?, host: String?, isAllowed: Bool) {
        var headers = HTTPHeaders()
        if let origin { headers.add(name: "Origin", value: origin) }
        if let host { headers.add(name: "Host", value: host) }
        #expect(OriginPolicy(allowed: allowed).allows(headers) == isAllowed)
    }

    @Test(
        "the login answer's address is the one that the client used",
        arguments: [
            ("127.0.0.1:8080", false, "127.0.0.1:8080", 8080), ("game.example", false, "game.example", 80),
            ("game.example", true, "game.example", 443), ("[::1]:9000", false, "[::1]:9000", 9000),
            ("[::1]", false, "[::1]", 80), ("a:99999", false, "a:99999", 80), (nil, false, "127.0.0.1:7", 7),
            ("", false, "127.0.0.1:7", 7), ("a<script>", false, "127.0.0.1:7", 7),
        ] as [(String?, Bool, String, Int)])
    func addresses(host: String?, isSecure: Bool, expected: String, port: Int) {
        let address = PublicAddress(host: host, isSecure: isSecure, boundPort: 7)
        #expect(address.host == expected)
        #expect(address.port == port)
    }
}
