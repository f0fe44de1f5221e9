import Testing

@testable import WebRTC

/// Offers with one data channel, as clients make them.
enum Offers {
    static let password = "4bSWfA5CrGlqZIgXbrsC7SDU"
    static let digest =
        "B7:31:6E:0C:44:0F:95:6D:0E:8A:6E:D1:55:9B:A7:43:6A:B5:86:F5:8C:63:8B:52:E2:15:94:0B:A0:27:71:3D"

    static let chromium = text(
        """
        v=0
        o=- 4962303333179871722 2 IN IP4 127.0.0.1
        s=-
        t=0 0
        a=group:BUNDLE 0
        a=extmap-allow-mixed
        a=msid-semantic: WMS
        m=application 9 UDP/DTLS/SCTP webrtc-datachannel
        c=IN IP4 0.0.0.0
        a=ice-ufrag:q+2x
        a=ice-pwd:4bSWfA5CrGlqZIgXbrsC7SDU
        a=ice-options:trickle
        a=fingerprint:sha-256 \(digest)
        a=setup:actpass
        a=mid:0
        a=sctp-port:5000
        a=max-message-size:262144
        """)
    static let firefox = text(
        """
        v=0
        o=mozilla...THIS_IS_SDPARTA-99.0 4521630985716284211 0 IN IP4 0.0.0.0
        s=-
        t=0 0
        a=fingerprint:sha-256 \(digest)
        a=group:BUNDLE 0
        a=ice-options:trickle
        a=msid-semantic:WMS *
        m=application 9 UDP/DTLS/SCTP webrtc-datachannel
        c=IN IP4 0.0.0.0
        a=sendrecv
        a=ice-pwd:94f4cbf2c3a1b9dfd8e4dfd0b8b09127
        a=ice-ufrag:5a1ebf7e
        a=mid:0
        a=setup:actpass
        a=sctp-port:5000
        a=max-message-size:1073741823
        """)
    static let aiortc = text(
        """
        v=0
        o=- 3992345676 3992345676 IN IP4 0.0.0.0
        s=-
        t=0 0
        a=group:BUNDLE 0
        a=msid-semantic:WMS *
        m=application 37301 UDP/DTLS/SCTP webrtc-datachannel
        c=IN IP4 127.0.0.1
        a=mid:0
        a=sctp-port:5001
        a=candidate:0f6e50e1b3f35a4b0a6b1b8d1d9bbb4d 1 udp 2130706431 127.0.0.1 37301 typ host
        a=end-of-candidates
        a=ice-ufrag:Xl2o
        a=ice-pwd:AYD4ZfQnVzjvRg6G1mTzlC
        a=fingerprint:sha-512 00:11
        a=fingerprint:sha-256 \(digest.lowercased())
        a=setup:active
        """)

    private static func text(_ lines: String) -> String {
        lines.split(separator: "\n").joined(separator: "\r\n") + "\r\n"
    }
}

@Suite("Offers") struct SDPOfferTests {
    @Test(
        "offers of browsers and of aiortc are read",
        arguments: [
            (Offers.chromium, "q+2x", 5000, 262_144), (Offers.firefox, "5a1ebf7e", 5000, 1_073_741_823),
            (Offers.aiortc, "Xl2o", 5001, 65_536),
        ])
    func clients(_ text: String, _ ufrag: String, _ port: UInt16, _ size: Int) throws {
        for text in [text, text.replacing("\r\n", with: "\n")] {
            let offer = try SDPOffer(text)
            #expect(offer.mid == "0" && offer.ufrag == ufrag && offer.sctpPort == port)
            #expect(offer.maxMessageBytes == size && offer.transport == "UDP/DTLS/SCTP")
            #expect(offer.fingerprints.map(\.first) == [0xB7] && offer.fingerprints.first?.count == 32)
        }
    }

    private static func chromium(_ line: String, _ other: String) -> String {
        Offers.chromium.replacing("\(line)\r\n", with: other.isEmpty ? "" : "\(other)\r\n")
    }

    @Test(
        "what can't be answered is refused with what is allowed",
        arguments: [
            ("", SDPError.notSDP), ("{}", .notSDP), ("v=1\r\n", .notSDP), ("v=0", .media([])),
            (String(repeating: "v", count: 32 * 1024 + 1), .tooLong(32 * 1024)),
            (chromium("a=mid:0", ""), .missing("mid")), (chromium("a=ice-ufrag:q+2x", ""), .missing("ice-ufrag")),
            (chromium("a=ice-pwd:4bSWfA5CrGlqZIgXbrsC7SDU", ""), .missing("ice-pwd")),
            (chromium("a=setup:actpass", ""), .missing("setup")),
            (chromium("a=setup:actpass", "a=setup:passive"), .passiveClient),
            (chromium("a=fingerprint:sha-256 \(Offers.digest)", ""), .missing("fingerprint")),
            (chromium("a=extmap-allow-mixed", "a=ice-lite"), .liteClient),
            (Offers.chromium + "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\n", .media(["application", "audio"])),
            (Offers.chromium.replacing("application 9", with: "video 9"), .media(["video"])),
            (
                Offers.chromium.replacing("UDP/DTLS/SCTP webrtc-datachannel", with: "DTLS/SCTP 5000"),
                .transport("DTLS/SCTP 5000")
            ),
        ])
    func refused(_ text: String, _ error: SDPError) { #expect(throws: error) { try SDPOffer(text) } }

    @Test(
        "values that are not allowed are named",
        arguments: [
            ("a=mid:0", "a=mid:a b"), ("a=mid:0", "a=mid:"), ("a=ice-ufrag:q+2x", "a=ice-ufrag:abc"),
            ("a=ice-ufrag:q+2x", "a=ice-ufrag:abcd:"), ("a=ice-ufrag:q+2x", "a=ice-ufrag:abcä"),
            ("a=ice-pwd:4bSWfA5CrGlqZIgXbrsC7SDU", "a=ice-pwd:short"), ("a=setup:actpass", "a=setup:holdconn"),
            ("a=sctp-port:5000", "a=sctp-port:0"), ("a=sctp-port:5000", "a=sctp-port:65536"),
            ("a=sctp-port:5000", "a=sctp-port:+5"), ("a=max-message-size:262144", "a=max-message-size:-1"),
            ("a=max-message-size:262144", "a=max-message-size:x"),
            ("a=fingerprint:sha-256 \(Offers.digest)", "a=fingerprint:sha-1 00"),
            ("a=fingerprint:sha-256 \(Offers.digest)", "a=fingerprint:sha-256 \(Offers.digest):00"),
            ("a=fingerprint:sha-256 \(Offers.digest)", "a=fingerprint:sha-256 \(Offers.digest.dropLast())"),
            (
                "a=fingerprint:sha-256 \(Offers.digest)",
                "a=fingerprint:sha-256 \(Offers.digest.replacing("B7", with: "+7"))"
            ),
        ])
    func values(_ line: String, _ other: String) {
        let error = #expect(throws: SDPError.self) { try SDPOffer(Self.chromium(line, other)) }
        guard case .invalid(let name, _, _) = error else { return #expect(Bool(false), "\(String(describing: error))") }
        #expect(line.hasPrefix("a=\(name):"))
    }

    @Test(
        "no limit of messages, and one that no number holds, are the largest", arguments: ["0", "99999999999999999999"])
    func noLimit(_ value: String) throws {
        let offer = try SDPOffer(Self.chromium("a=max-message-size:262144", "a=max-message-size:\(value)"))
        #expect(offer.maxMessageBytes == .max)
    }

    @Test("damaged offers are read or refused (seed 4)")
    func junk() {
        var generator = CountingGenerator(state: 4)
        for _ in 0..<2000 {
            var text = Array((generator.next() % 2 == 0 ? Offers.chromium : Offers.firefox).utf8)
            for _ in 0..<4 {
                let place = Int(generator.next() % UInt64(text.count))
                switch generator.next() % 3 {
                case 0: text[place] = UInt8(truncatingIfNeeded: generator.next())
                case 1: text.removeSubrange(place..<min(text.count, place + 9))
                default: text.insert(contentsOf: text.prefix(Int(generator.next() % 40)), at: place)
                }
            }
            _ = try? SDPOffer(String(decoding: text, as: UTF8.self))
        }
    }
}

@Suite("Answers") struct SDPAnswerTests {
    @Test("an answer has what ICE-lite, DTLS and SCTP need, in lines that end with CRLF")
    func text() throws {
        let candidates = try ["203.0.113.5", "[2001:db8::1]:7000"].map {
            try #require(RTCCandidate($0, defaultPort: 5000))
        }
        let answer = SDPAnswer(
            offer: try SDPOffer(Offers.chromium), id: 17, credentials: .init(ufrag: "abcdefgh", password: "secret"),
            fingerprint: [0, 0x0A, 0xFF], candidates: candidates, sctpPort: 1041, maxMessageBytes: 65_536)
        #expect(
            answer.text.split(separator: "\r\n" as Character, omittingEmptySubsequences: false) == [
                "v=0", "o=- 17 1 IN IP4 203.0.113.5", "s=-", "t=0 0", "a=ice-lite", "a=group:BUNDLE 0",
                "m=application 5000 UDP/DTLS/SCTP webrtc-datachannel", "c=IN IP4 203.0.113.5", "a=mid:0",
                "a=ice-ufrag:abcdefgh", "a=ice-pwd:secret", "a=fingerprint:sha-256 00:0A:FF", "a=setup:passive",
                "a=sctp-port:1041", "a=max-message-size:65536",
                "a=candidate:1 1 udp 2130706431 203.0.113.5 5000 typ host",
                "a=candidate:2 1 udp 2130706175 2001:db8::1 7000 typ host", "a=end-of-candidates", "",
            ])
    }

    @Test(
        "addresses are numbers with or without a port",
        arguments: [
            ("203.0.113.5", "203.0.113.5:9"), ("203.0.113.5:80", "203.0.113.5:80"), ("::1", "[::1]:9"),
            ("[::1]", "[::1]:9"),
            ("[2001:DB8::1]:80", "[2001:db8::1]:80"), ("example.org", nil), ("203.0.113", nil), ("203.0.113.5:0", nil),
            ("203.0.113.5:65536", nil), ("203.0.113.5:", nil), ("[::1", nil), ("[203.0.113.5]", nil), ("", nil),
            ("[::1]x", nil), ("fe80::1%eth0", nil),
        ])
    func candidates(_ text: String, _ expected: String?) {
        #expect(RTCCandidate(text, defaultPort: 9)?.description == expected)
    }
}

@Suite("Bodies of offers") struct OfferBodyTests {
    private static func json(_ sdp: String, type: String = "offer") -> [UInt8] {
        let text = sdp.replacing("\r\n", with: "\\r\\n")
        return Array(" {\"type\":\"\(type)\",\"sdp\":\"\(text)\"}".utf8)
    }

    @Test("an offer is SDP, or JSON with SDP in it", arguments: [Array(Offers.chromium.utf8), json(Offers.chromium)])
    func offers(_ body: [UInt8]) throws { #expect(try OfferBody.offer(in: body).ufrag == "q+2x") }

    @Test(
        "other bodies are refused",
        arguments: [
            ([], SDPError.notSDP), (Array("{".utf8), .missingSDP), (Array("{\"sdp\":1}".utf8), .missingSDP),
            (json(Offers.chromium, type: "answer"), .notAnOffer("answer")), ([0xFF], .notSDP),
            ([UInt8](repeating: 0x20, count: 200_000), .tooLong(32 * 1024)),
        ])
    func refused(_ body: [UInt8], _ error: SDPError) {
        #expect(throws: error) { try OfferBody.offer(in: body) }
    }

    @Test("an answer is JSON with its SDP")
    func answer() { #expect(OfferBody.answer("v=0\r\n") == Array("{\"type\":\"answer\",\"sdp\":\"v=0\\r\\n\"}".utf8)) }
}
