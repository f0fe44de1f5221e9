import GameRules
import Testing

@testable import Gateway

@Suite("Where a request comes from") struct ClientOriginTests {
    private func range(_ text: String) throws -> AddressRange { try #require(AddressRange(text)) }

    private func origin(
        _ peer: String, _ forwardedFor: [String], proto: [String] = [], isSecure: Bool = false
    ) throws -> ClientOrigin {
        let proxies = TrustedProxies([try range("127.0.0.1"), try range("10.0.0.0/8"), try range("2001:db8::/32")])
        return proxies.origin(
            peer: IPAddress(peer), isSecure: isSecure, forwardedFor: forwardedFor, forwardedProto: proto)
    }

    @Test("a peer that is not a trusted proxy is the client, whatever its header fields say")
    func untrusted() throws {
        let found = try origin("192.0.2.1", ["203.0.113.9"], proto: ["https"])
        #expect(found == ClientOrigin(address: IPAddress("192.0.2.1"), isSecure: false))
        #expect(
            TrustedProxies().origin(
                peer: IPAddress("127.0.0.1"), isSecure: true, forwardedFor: ["203.0.113.9"], forwardedProto: [])
                == ClientOrigin(address: IPAddress("127.0.0.1"), isSecure: true))
    }

    @Test(
        "behind trusted proxies the client is the last address that is not a trusted proxy's",
        arguments: [
            (["203.0.113.9"], "203.0.113.9"),
            (["1.1.1.1, 203.0.113.9"], "203.0.113.9"),
            (["1.1.1.1, 203.0.113.9, 10.1.2.3"], "203.0.113.9"),
            (["1.1.1.1", "203.0.113.9 ,\t10.1.2.3"], "203.0.113.9"),
            (["10.1.2.3, 10.1.2.4"], "10.1.2.3"),
            (["203.0.113.9:4711"], "203.0.113.9"),
            (["[2001:db9::7]:4711"], "2001:db9::7"),
            (["2001:db9::7, 2001:db8::1"], "2001:db9::7"),
            (["::ffff:203.0.113.9"], "203.0.113.9"),
            ([], "127.0.0.1"), ([""], "127.0.0.1"), (["nonsense"], "127.0.0.1"), (["[::1"], "127.0.0.1"),
            (["203.0.113.9, nonsense, 10.1.2.3"], "10.1.2.3"),
        ] as [([String], String)])
    func trusted(fields: [String], client: String) throws {
        #expect(try origin("127.0.0.1", fields).address == IPAddress(client), "\(fields)")
    }

    @Test("only the end of a very long list is read")
    func longList() throws {
        let list = Array(repeating: "10.1.2.3", count: 10_000).joined(separator: ",")
        #expect(try origin("127.0.0.1", ["203.0.113.9," + list]).address == IPAddress("10.1.2.3"))
    }

    @Test("a trusted proxy says whether the client speaks TLS")
    func schemes() throws {
        #expect(try origin("127.0.0.1", [], proto: ["https"]).isSecure)
        #expect(try origin("127.0.0.1", [], proto: ["HTTPS, http"]).isSecure)
        #expect(try !origin("127.0.0.1", [], proto: ["http"]).isSecure)
        #expect(try !origin("127.0.0.1", []).isSecure)
        #expect(try origin("127.0.0.1", [], proto: ["http"], isSecure: true).isSecure)
    }

    @Test(
        "a range contains the addresses with the same first bits",
        arguments: [
            ("10.0.0.0/8", "10.255.0.1", true), ("10.0.0.0/8", "11.0.0.1", false), ("10.0.0.1", "10.0.0.1", true),
            ("10.0.0.1", "10.0.0.2", false), ("0.0.0.0/0", "8.8.8.8", true), ("0.0.0.0/0", "::1", false),
            ("::/0", "8.8.8.8", true), ("::1", "::1", true), ("::1", "::2", false),
            ("2001:db8::/32", "2001:db8:1::", true),
            ("2001:db8::/65", "2001:db8:0:0:8000::", false), ("10.0.0.4/30", "::ffff:10.0.0.7", true),
        ])
    func ranges(text: String, address: String, holds: Bool) throws {
        #expect(try range(text).contains(try #require(IPAddress(address))) == holds)
    }

    @Test("addresses that count as one client have the same key")
    func keys() {
        func key(_ text: String) -> String { ClientOrigin(address: IPAddress(text), isSecure: false).key }
        #expect(key("192.0.2.1") == "192.0.2.1")
        #expect(key("::ffff:192.0.2.1") == "192.0.2.1")
        #expect(key("2001:db8:1:2:3:4:5:6") == "2001:db8:1:2::")
        #expect(key("nonsense") == "unknown")
    }
}
