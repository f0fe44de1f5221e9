import Foundation
import GameFolder
import GameRules
import Testing

/// A key of `game.yaml` that takes a whole number.
struct NumberKey: Sendable, CustomTestStringConvertible {
    var name: String
    var range: ClosedRange<Int>
    var fallback: Int
    var read: @Sendable (GameConfiguration) -> Int

    init(
        _ name: String, _ range: ClosedRange<Int>, default fallback: Int,
        _ read: @escaping @Sendable (GameConfiguration) -> Int
    ) {
        self.name = name
        self.range = range
        self.fallback = fallback
        self.read = read
    }

    var testDescription: String { name }
}

@Suite("game.yaml") struct ConfigurationTests {
    static let numbers: [NumberKey] = [
        NumberKey("tick_rate", 1...240, default: 60) { $0.tickRate },
        NumberKey("event_time_limit_ms", 1...10_000, default: 50) { Int($0.eventTimeLimit / .milliseconds(1)) },
        NumberKey("timeout_time_limit_ms", 1...10_000, default: 5) { Int($0.timeoutTimeLimit / .milliseconds(1)) },
        NumberKey("tick_limit_ms", 1...10_000, default: 100) { Int($0.tickLimit / .milliseconds(1)) },
        NumberKey("memory_limit_mb", 1...4096, default: 64) { $0.memoryLimitBytes >> 20 },
        NumberKey("world_limit_mb", 1...1024, default: 16) { $0.worldLimitBytes >> 20 },
        NumberKey("max_entities", 1...1_000_000, default: 10_000) { $0.maxEntities },
        NumberKey("max_message_bytes", 256...1_048_576, default: 16_384) { $0.maxMessageBytes },
        NumberKey("command_rate", 1...10_000, default: 60) { $0.commandRate },
        NumberKey("command_burst", 1...100_000, default: 120) { $0.commandBurst },
        NumberKey("linger_seconds", 0...3600, default: 0) { $0.lingerSeconds },
        NumberKey("send_buffer_bytes", 16_384...67_108_864, default: 262_144) { $0.sendBufferBytes },
        NumberKey("handshake_seconds", 1...300, default: 10) { $0.connections.handshakeSeconds },
        NumberKey("http_idle_seconds", 1...3600, default: 60) { $0.connections.idleHTTPSeconds },
        NumberKey("ping_seconds", 1...600, default: 20) { $0.connections.pingSeconds },
        NumberKey("dead_after_seconds", 2...3600, default: 60) { $0.connections.deadAfterSeconds },
        NumberKey("drain_seconds", 1...600, default: 30) { $0.connections.drainSeconds },
        NumberKey("close_seconds", 1...60, default: 2) { $0.connections.closeSeconds },
        NumberKey("resume_seconds", 0...3600, default: 30) { $0.connections.resumeSeconds },
        NumberKey("max_sessions", 1...1_000_000, default: 20_000) { $0.connections.maxSessions },
        NumberKey("max_connections_per_address", 1...1_000_000, default: 4096) {
            $0.connections.maxConnectionsPerAddress
        },
        NumberKey("max_json_depth", 2...64, default: 16) { $0.connections.maxJSONDepth },
        NumberKey("max_refusals", 1...10_000, default: 20) { $0.connections.maxRefusals },
        NumberKey("refusal_seconds", 1...600, default: 10) { $0.connections.refusalSeconds },
        NumberKey("max_body_bytes", 1024...1_048_576, default: 16_384) { $0.connections.maxBodyBytes },
        NumberKey("login_burst", 1...100_000, default: 10) { $0.connections.loginBurst },
        NumberKey("logins_per_minute", 1...600_000, default: 12) { $0.connections.loginsPerMinute },
        NumberKey("stranger_burst", 1...100_000, default: 100) { $0.connections.strangerBurst },
        NumberKey("strangers_per_minute", 1...600_000, default: 30) { $0.connections.strangersPerMinute },
        NumberKey("relogin_burst", 1...100_000, default: 60) { $0.connections.reloginBurst },
        NumberKey("relogins_per_minute", 1...600_000, default: 30) { $0.connections.reloginsPerMinute },
        NumberKey("address_burst", 1...100_000, default: 60) { $0.connections.addressBurst },
        NumberKey("address_logins_per_minute", 1...600_000, default: 60) { $0.connections.addressPerMinute },
        NumberKey("registration_burst", 1...100_000, default: 20) { $0.connections.registrationBurst },
        NumberKey("registrations_per_minute", 1...600_000, default: 6) { $0.connections.registrationsPerMinute },
        NumberKey("max_waiting_logins", 1...10_000, default: 64) { $0.connections.maxWaitingLogins },
    ]

    private func load(_ text: String) throws -> (GameConfiguration, [GameFolderProblem]) {
        let folder = try ScratchFolder(["game.yaml": text])
        let (game, problems) = try GameFolder.load(directory: folder.path)
        return (game.configuration, problems)
    }

    @Test("a number from the lowest to the highest allowed is accepted, and nothing else", arguments: numbers)
    func ranges(key: NumberKey) throws {
        #expect(key.read(GameConfiguration()) == key.fallback)
        for value in [key.range.lowerBound, key.range.upperBound] {
            let (configuration, problems) = try load("\(key.name): \(value)")
            #expect(problems == [])
            #expect(key.read(configuration) == value)
        }
        let wrong = [
            "\(key.range.lowerBound - 1)", "\(key.range.upperBound + 1)", "99999999999999999999", "1.5", "fast",
            "\"60\"",
            "1_000", "0x10", "1e3", "true", "", "~", "[60]", "{a: 1}", "|\n  60",
        ]
        for text in wrong {
            let (configuration, problems) = try load("name: A\n\(key.name): \(text)\n")
            #expect(problems.map(\.line) == [2], "\(text)")
            #expect(
                problems.map {
                    $0.message.hasPrefix("\(key.name) is ")
                        && $0.message.hasSuffix(
                            "it must be a whole number from \(key.range.lowerBound) to \(key.range.upperBound)")
                } == [true], "\(problems)")
            #expect(configuration == GameConfiguration())
        }
    }

    @Test("position_decimals is a whole number from 0 to 6, or absent for all decimals")
    func positionDecimals() throws {
        #expect(try load("name: A").0.positionDecimals == nil)
        for decimals in 0...6 { #expect(try load("position_decimals: \(decimals)").0.positionDecimals == decimals) }
        for wrong in ["-1", "7", "1.5", "all", ""] {
            let (configuration, problems) = try load("name: A\nposition_decimals: \(wrong)")
            #expect(problems.map(\.line) == [2] && configuration == GameConfiguration(), "\(wrong)")
        }
        let (old, new) = (try load("name: A").0, try load("name: A\nposition_decimals: 2").0)
        #expect(new.changes(since: old) == ["position_decimals 2 instead of all"])
    }

    @Test("a reload reports the new and the old value of every changed number", arguments: numbers)
    func reported(key: NumberKey) throws {
        let value = key.fallback == key.range.lowerBound ? key.range.upperBound : key.range.lowerBound
        let folder = try ScratchFolder(["game.yaml": "name: A"])
        let before = try GameFolder.load(directory: folder.path).0
        try folder.write("game.yaml", Data("name: A\n\(key.name): \(value)\n".utf8))
        let after = try GameFolder.load(directory: folder.path).0
        let keys = try #require(after.configurationChange(since: before)).keys
        #expect(keys.contains { $0.hasPrefix("\(key.name) \(value)") && $0.contains(" instead of \(key.fallback)") })
    }

    @Test("send_rate is at most tick_rate, in whatever order the keys stand")
    func sendRate() throws {
        #expect(try load("send_rate: 20\ntick_rate: 20").1 == [])
        #expect(try load("send_rate: 21\ntick_rate: 20").1.map(\.line) == [1])
        #expect(try load("send_rate: 61").1.map(\.line) == [1])
        #expect(try load("tick_rate: 10").0.sendRate == 10)
    }

    @Test("dead_after_seconds is more than ping_seconds; when only one is given the other one's default follows it")
    func pings() throws {
        #expect(try load("ping_seconds: 5\ndead_after_seconds: 6").1 == [])
        #expect(try load("dead_after_seconds: 5\nping_seconds: 5").1.map(\.line) == [1])
        #expect(try load("ping_seconds: 100").0.connections.deadAfterSeconds == 300)
        #expect(try load("dead_after_seconds: 2").0.connections.pingSeconds == 1)
        #expect(try load("ping_seconds: 10").0.connections.deadAfterSeconds == 60)
    }

    @Test(
        "a name is 1 to 100 characters",
        arguments: [("A", true), ("žluťoučký kůň", true), ("''", false), ("[a]", false)])
    func name(text: String, isGood: Bool) throws {
        #expect(try load("name: \(text)").1.isEmpty == isGood)
        #expect(try load("name: \(String(repeating: "é", count: 100))").1.isEmpty)
        #expect(try load("name: \(String(repeating: "é", count: 101))").1.map(\.line) == [1])
    }

    @Test(
        "origins are one origin, a list of them or *, and are kept as browsers send them",
        arguments: [
            (
                "[\"https://a.example\", \"http://b.example:8080\", \"*\"]",
                ["https://a.example", "http://b.example:8080", "*"]
            ),
            ("[]", []), ("\"*\"", ["*"]), ("'*'", ["*"]), ("['*']", ["*"]), ("\n  - \"*\"", ["*"]),
            ("https://a.example", ["https://a.example"]), ("https://a.example/", ["https://a.example"]),
            ("HTTPS://A.Example:443", ["https://a.example"]), ("http://a.example:80/", ["http://a.example"]),
            ("http://a.example:443", ["http://a.example:443"]), ("http://localhost:03000", ["http://localhost:3000"]),
            ("http://[::1]:3000", ["http://[::1]:3000"]), ("http://[::1]", ["http://[::1]"]),
            ("http://127.0.0.1:5500", ["http://127.0.0.1:5500"]),
            ("https://xn--bcher-kva.example", ["https://xn--bcher-kva.example"]),
        ] as [(String, [String])])
    func origins(written: String, kept: [String]) throws {
        let (configuration, problems) = try load("allowed_origins: \(written)")
        #expect(problems == [])
        #expect(configuration.allowedOrigins == kept)
    }

    @Test(
        "what browsers never send as an origin is a mistake that says what to write",
        arguments: [
            ("example.org", "https://HOST"), ("[[a]]", "https://HOST"), ("[1]", "https://HOST"), ("{a: 1}", "a list"),
            ("", "a list"), ("ftp://a.example", "https://HOST"), ("https://", "no name of a host"),
            ("https://*.a.example", "no name of a host"), ("https://a.example/play", "write https://a.example"),
            ("https://a.example/?x", "write https://a.example"), ("https://me@a.example", "write https://a.example"),
            ("https://a.example:x", "1 to 65535"), ("\"https://a.example:\"", "1 to 65535"),
            ("https://a.example:65536", "1 to 65535"), ("https://bücher.example", "xn--"),
            ("\"https://a b\"", "no name of a host"), ("\"\"", "a list"), ("[\"\"]", "https://HOST"),
            ("https://", "write https://HOST"), ("https:///", "write https://HOST"),
            ("https:///play", "write https://HOST"), ("https://me@", "write https://HOST"),
            ("https://:80", "write https://HOST"), ("https://me@a.example/play", "write https://a.example"),
            ("HTTPS://A.Example/Play", "write https://a.example"), ("https://a.example:8080/x", ".example:8080"),
            ("\"https://[\"", "no name of a host"), ("\"https://[::1\"", "no name of a host"),
            ("\"https://[a]\"", "no name of a host"), ("\"https://[1.2.3.4]\"", "no name of a host"),
            ("\"https://a]b\"", "no name of a host"), ("\"https://[::1]a\"", "no name of a host"),
            ("*", "with the quotes"), ("[*]", "with the quotes"),
        ])
    func wrongOrigins(written: String, says: String) throws {
        let problems = try load("allowed_origins: \(written)").1
        #expect(problems.map(\.line) == [1], "\(problems)")
        #expect(problems.first?.message.contains(says) == true, "\(problems)")
    }

    @Test("STUN and TURN servers are kept as browsers take them [T6, T8]")
    func iceServers() throws {
        let (configuration, problems) = try load(
            """
            ice_servers:
              - STUN:stun.Example.org
              - stuns:[2001:db8::1]:5349
              - turn:10.1.2.3:3478?transport=tcp
              - "turns:turn.example.org"
            """)
        #expect(problems == [])
        let urls = configuration.peerNetwork.iceServers
        #expect(
            urls.map(\.text) == [
                "stun:stun.example.org", "stuns:[2001:db8::1]:5349", "turn:10.1.2.3:3478?transport=tcp",
                "turns:turn.example.org",
            ])
        #expect(urls.map(\.isRelay) == [false, false, true, true])
        #expect(GameConfiguration().peerNetwork.iceServers == [])
    }

    @Test(
        "an address that browsers don't take as a STUN or TURN server is a mistake",
        arguments: [
            ("stun.example.org", "a list"), ("[stun.example.org]", "stun:HOST"),
            ("[\"http://a.example\"]", "stun:HOST"),
            ("[\"turn://a.example\"]", "two slashes"), ("[\"stun:\"]", "no valid host"),
            ("[\"stun:a b\"]", "no valid host"), ("[\"stun:a/b\"]", "no valid host"),
            ("[\"stun:me@a\"]", "no valid host"), ("[\"stun:a:0\"]", "no valid host"),
            ("[\"stun:a:65536\"]", "no valid host"), ("[\"stun:a:\"]", "no valid host"),
            ("[\"stun:a?transport=udp\"]", "only TURN"), ("[\"turn:a?transport=sctp\"]", "only TURN"),
            ("[[a]]", "stun:HOST"), ("[a,b,c,d,e,f,g,h,i]", "at most 8"),
        ])
    func wrongIceServers(written: String, says: String) throws {
        let problems = try load("ice_servers: \(written)").1
        #expect(problems.map(\.line) == [1], "\(problems)")
        #expect(problems.first?.message.contains(says) == true, "\(problems)")
    }

    @Test("the settings of WebRTC are read; without them it is off, at the server's port and the machine's addresses")
    func webRTC() throws {
        let (configuration, problems) = try load(
            """
            webrtc: true
            webrtc_port: 0
            webrtc_addresses: [203.0.113.5, "203.0.113.5:5000", "2001:db8::1", "[2001:db8::1]", "[2001:db8::1]:5000"]
            webrtc_offers_per_minute: 10
            """)
        #expect(problems == [])
        let settings = configuration.webRTC
        #expect(settings.isOn && settings.port == 0 && settings.offersPerMinute == 10)
        #expect(
            settings.addresses == [
                "203.0.113.5", "203.0.113.5:5000", "2001:db8::1", "[2001:db8::1]", "[2001:db8::1]:5000",
            ])
        let usual = GameConfiguration().webRTC
        #expect(!usual.isOn && usual.port == nil && usual.addresses == [])
    }

    @Test(
        "an address that is not one in numbers is a mistake in its line, before the server starts",
        arguments: [
            ("203.0.113.5", "a list"), ("[game.example]", "\"game.example\" is no address for WebRTC; give numbers"),
            ("[\"203.0.113.5:0\"]", "no address"), ("[\"203.0.113.5:65536\"]", "no address"),
            ("[\"203.0.113.5:\"]", "no address"), ("[\"203.0.113.5:+1\"]", "no address"),
            ("[\"[203.0.113.5]:5000\"]", "no address"), ("[\"[2001:db8::1]5000\"]", "no address"),
            ("[\"[2001:db8::1\"]", "no address"), ("[\"fe80::1%eth0\"]", "no address"), ("[\"\"]", "no address"),
            ("[[a]]", "no address"), ("[1.1.1.1,2,3,4,5,6,7,8,9]", "at most 8"),
        ])
    func wrongWebRTCAddresses(written: String, says: String) throws {
        let problems = try load("port: 8080\nwebrtc_addresses: \(written)").1
        #expect(Set(problems.map(\.line)) == [2], "\(problems)")
        #expect(problems.first?.message.contains(says) == true, "\(problems)")
    }

    @Test("each wrong value of a list is told, with its place")
    func wrongElements() throws {
        let problems = try load(
            "allowed_origins:\n  - a\n  - https://b.example\n  - c\ntrusted_proxies: [x, \"::1\", y]"
        ).1
        #expect(problems.map(\.line) == [2, 4, 5, 5])
    }

    @Test("trusted proxies are a list of addresses and ranges")
    func proxies() throws {
        let (configuration, problems) = try load("trusted_proxies: [127.0.0.1, \"::1\", 10.0.0.0/8, \"2001:db8::/32\"]")
        #expect(problems == [])
        #expect(
            configuration.trustedProxies.map(\.description) == ["127.0.0.1", "::1", "10.0.0.0/8", "2001:db8::/32"])
        #expect(try load("trusted_proxies: []").0.trustedProxies == [])
        for wrong in [
            "127.0.0.1", "[localhost]", "[127.0.0.1/33]", "[10.0.0.1/8]", "[127.0.0]", "[\"::1/129\"]", "[1/2/3]",
            "[\"\"]",
            "[[a]]", "[\"10.0.0.0/\"]", "[\"10.0.0.0/-1\"]", "[\"10.0.0.0/+8\"]", "[\"[::1]\"]", "{a: 1}",
            "[\(Array(repeating: "10.0.0.1", count: 101).joined(separator: ", "))]",
        ] {
            #expect(try load("trusted_proxies: \(wrong)").1.map(\.line) == [1], "\(wrong)")
        }
    }

    @Test(
        "bad YAML makes only game.yaml invalid",
        arguments: [
            "name: [", "\tname: A", "name: A\n  b: c", "- a\n- b", "text", "name: A\nname: B", "? [a]\n: b", "&a [*a]",
            String(repeating: "[", count: 60_000), String(repeating: "a: ", count: 20_000),
            String(repeating: "# long\n", count: 10_000),
            "a: &a [x,x,x]\nb: &b [*a,*a,*a]\nc: &c [*b,*b,*b]\nname: *c",
        ])
    func broken(text: String) throws {
        let (configuration, problems) = try load(text)
        #expect(!problems.isEmpty)
        #expect(problems.allSatisfy { $0.file == "game.yaml" && $0.message.count < 2000 })
        #expect(configuration == GameConfiguration())
    }

    @Test("text that is not UTF-8 is refused, a byte order mark is accepted")
    func encoding() throws {
        let folder = try ScratchFolder()
        try folder.write("game.yaml", Data([0x6E, 0x61, 0x6D, 0x65, 0x3A, 0x20, 0xE9]))
        #expect(try GameFolder.load(directory: folder.path).1.map(\.message) == ["not UTF-8; save the file as UTF-8"])
        let (configuration, problems) = try load("\u{FEFF}name: A\r\ntick_rate: 30\r\n")
        #expect(problems == [])
        #expect(configuration.name == "A" && configuration.tickRate == 30)
    }

    @Test("docs/game-folder.md has every key with its default and its allowed values")
    func documented() throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let page = try String(contentsOf: root.appendingPathComponent("docs/game-folder.md"), encoding: .utf8)
        let rows = page.split(separator: "\n").filter { $0.hasPrefix("| `") }.map { $0.replacing(",", with: "") }
        for key in Self.numbers {
            let row = try #require(rows.first { $0.hasPrefix("| `\(key.name)` |") }, "\(key.name)")
            let cells = row.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
            #expect(cells[1] == "\(key.fallback)", "\(row)")
            #expect(cells[2] == "\(key.range.lowerBound) to \(key.range.upperBound)", "\(row)")
        }
        // The error for an unknown key lists the allowed keys; each of these has a row too.
        let message = try #require(try load("colour: red").1.first?.message)
        let list = try #require(message.split(separator: "allowed are ").last).split(separator: ", ")
        #expect(list.count >= Self.numbers.count)
        for key in list { #expect(rows.contains { $0.hasPrefix("| `\(key)` |") }, "\(key)") }
    }
}
