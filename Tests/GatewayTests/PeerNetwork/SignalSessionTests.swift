import JSONValues
import NIOCore
import ServerMetrics
import Testing

@testable import GameRules
@testable import Gateway

@Suite("Signalling [T7, T15]") struct SignalSessionTests {
    private let bench = SignalBench()

    private static func entry(port: Int = 8303, players: Int = 0) -> JSONObject {
        [
            "type": .string("publish"), "name": .string("One"), "port": .number(Double(port)),
            "players": .number(Double(players)), "max": .number(8),
        ]
    }

    private func servers(_ room: String = "") throws -> [JSONObject] {
        let page = bench.network.servers(of: room)
        return try JSON(parsing: page.bytes).object?["servers"]?.array?.compactMap(\.object) ?? []
    }

    @Test("a peer joins, and is told its key, a secret, its room and the limits")
    func hello() throws {
        let peer = try bench.connect()
        let hello = try peer.ask(["type": .string("join"), "room": .string("lan.1")])
        #expect(hello["type"] == .string("hello") && hello["room"] == .string("lan.1"))
        #expect(PeerKeys.isKey(hello["key"]?.string ?? "") && hello["secret"]?.string?.isEmpty == false)
        #expect(hello["ice_servers"] == .array([]))
        #expect(hello["limits"]?.object?["ports"] == .number(64))
        #expect(try peer.refusal(["type": .string("join")]) == "already_joined")
        #expect(try bench.join().key != bench.join().key)
    }

    @Test("offer and answer go to the peers that they name, with the sender's key, and to nobody else [T15.8]")
    func exchange() throws {
        let host = try bench.join(ports: 8303)
        let client = try bench.join(ports: 50_000)
        let other = try bench.join()
        _ = try (host.heard(), client.heard(), other.heard())
        try client.say(SignalBench.offer(to: host.key))
        #expect(
            try host.heard() == [
                [
                    "type": .string("offer"), "from": .string(client.key), "port": .number(8303), "id": .number(1),
                    "sdp": .string("v=0 offer"),
                ]
            ])
        try host.say(SignalBench.answer(to: client.key))
        #expect(
            try client.heard() == [
                [
                    "type": .string("answer"), "from": .string(host.key), "id": .number(1),
                    "sdp": .string("v=0 answer"),
                ]
            ])
        // The implicit bind of the client lets the host connect again [T15.7].
        try host.say(SignalBench.offer(to: client.key, port: 50_000, id: 9))
        #expect(try client.types() == ["offer"])
        try client.say(["type": .string("refuse"), "to": .string(host.key), "id": .number(9)])
        #expect(try host.types() == ["refused"])
        #expect(try other.heard() == [])
        #expect(bench.registry.value(.netOffers) == 2)
    }

    @Test("a refusal says what was refused and why, and the peer goes on")
    func refusals() throws {
        let host = try bench.join(ports: 8303)
        let client = try bench.join()
        let stranger = try bench.join(room: "other", ports: 8303)
        let refusal = try client.ask(SignalBench.offer(to: host.key, port: 1, id: 7))
        #expect(refusal["code"] == .string("no_port") && refusal["request"] == .string("offer"))
        #expect(refusal["to"] == .string(host.key) && refusal["id"] == .number(7) && refusal["port"] == .number(1))
        #expect(refusal["error"]?.string?.isEmpty == false)
        #expect(try client.refusal(SignalBench.offer(to: stranger.key)) == "no_peer", "rooms are apart")
        #expect(try client.refusal(SignalBench.offer(to: client.key)) == "bad_message")
        #expect(try host.refusal(SignalBench.answer(to: client.key)) == "no_offer")
        #expect(try client.ask(["type": .string("look"), "key": .string(host.key)])["is_there"] == .bool(true))
        let look: JSONObject = ["type": .string("look"), "key": .string(stranger.key), "port": .number(8303)]
        #expect(try client.ask(look)["is_there"] == .bool(false))
        #expect(bench.registry.value(.netRefusals, "no_peer") == 1)
    }

    @Test(
        "malformed messages are refused, with what is allowed",
        arguments: [
            ("", "bad_json"), ("[]", "bad_json"), ("{", "bad_json"), ("[[[[[[1]]]]]]", "bad_json"),
            ("{}", "bad_message"), (#"{"type":1}"#, "bad_message"), (#"{"type":"dance"}"#, "bad_message"),
            (#"{"type":"bind"}"#, "bad_message"), (#"{"type":"bind","port":0}"#, "bad_message"),
            (#"{"type":"bind","port":1.5}"#, "bad_message"), (#"{"type":"bind","port":"1"}"#, "bad_message"),
            (#"{"type":"look","key":"short"}"#, "bad_message"),
            (#"{"type":"offer","to":"aaaaaaaaaaaaaaaaaaaaaaaa","port":1,"id":-1,"sdp":"v=0"}"#, "bad_message"),
            (#"{"type":"offer","to":"aaaaaaaaaaaaaaaaaaaaaaaa","port":1,"id":1,"sdp":"hello"}"#, "bad_message"),
            (#"{"type":"publish","name":"x"}"#, "bad_message"),
        ])
    func malformed(text: String, code: String) throws {
        let peer = try bench.join()
        try peer.say(text: text)
        let answer = try #require(try peer.heard().first)
        #expect(answer["code"] == .string(code) && answer["type"] == .string("error"))
        #expect(try peer.ask(["type": .string("ice")])["type"] == .string("ice"), "the peer goes on")
    }

    @Test("an SDP has a bound")
    func largeSDP() throws {
        let host = try bench.join(ports: 8303)
        let client = try bench.join()
        let largest = "v=0" + String(repeating: "x", count: SignalLimits.maxSDPBytes - 3)
        #expect(try client.refusal(SignalBench.offer(to: host.key, sdp: largest)) == nil)
        #expect(try client.refusal(SignalBench.offer(to: host.key, sdp: largest + "x")) == "bad_message")
        #expect(JSON.object(SignalBench.offer(to: host.key, sdp: largest)).bytes.count < SignalLimits.maxMessageBytes)
    }

    @Test("nothing but join comes first, a wrong room is refused, and who does not join in time is closed")
    func first() throws {
        let peer = try bench.connect()
        #expect(try peer.refusal(["type": .string("bind"), "port": .number(1)]) == "not_joined")
        for room in ["a b", "a/b", String(repeating: "a", count: 65), "ä"] {
            #expect(try peer.refusal(["type": .string("join"), "room": .string(room)]) == "bad_message")
        }
        bench.advance(by: .seconds(9))
        #expect(try peer.closeCode() == nil)
        bench.advance(by: .seconds(1))
        #expect(try peer.closeCode() == 1008)
    }

    @Test("a peer that leaves is gone for all, and those who signalled with it are told")
    func gone() throws {
        let host = try bench.join(ports: 8303)
        let (client, other) = (try bench.join(), try bench.join())
        try client.say(SignalBench.offer(to: host.key))
        _ = try (client.heard(), other.heard())
        host.connection.disconnect()
        #expect(try client.heard() == [["type": .string("gone"), "key": .string(host.key)]])
        #expect(try other.heard() == [])
        #expect(try client.refusal(SignalBench.offer(to: host.key)) == "no_peer")
        #expect(bench.registry.value(.netPeers) == 2 && bench.registry.value(.netPeersJoined) == 3)
    }

    @Test("only the secret gives a peer its key back; its former connection ends")
    func takingBack() throws {
        let host = try bench.join(ports: 8303)
        func claim(_ key: String, _ secret: String, room: String = "") -> JSONObject {
            [
                "type": .string("join"), "room": .string(room), "key": .string(key), "secret": .string(secret),
            ]
        }
        let other = try bench.join()
        let thief = try bench.connect()
        for attempt in [
            claim(host.key, "x"), claim(host.key, other.secret), claim(host.key, host.secret, room: "x"),
        ] { #expect(try thief.refusal(attempt) == "bad_secret") }
        #expect(try thief.refusal(["type": .string("join"), "key": .string(host.key)]) == "bad_message")
        #expect(try host.closeCode() == nil)

        let again = try bench.connect()
        #expect(try again.ask(claim(host.key, host.secret))["key"] == .string(host.key))
        #expect(try host.closeCode() == 4001)
        host.connection.disconnect()
        let look: JSONObject = ["type": .string("look"), "key": .string(host.key)]
        #expect(try other.ask(look)["is_there"] == .bool(true), "the former connection does not remove the peer")
        again.connection.disconnect()
        #expect(try other.ask(look)["is_there"] == .bool(false))
        // Also after it was away.
        let later = try bench.connect()
        #expect(try later.ask(claim(host.key, host.secret))["key"] == .string(host.key))
        #expect(bench.registry.value(.netPeers) == 2, "the thief has not joined")
    }

    @Test(
        "a host's entry is in the list of its room while it refreshes it, and goes with its port and with itself [T9]")
    func entries() throws {
        let host = try bench.join(room: "x", ports: 8303)
        #expect(try host.refusal(Self.entry(port: 1)) == "no_port")
        #expect(
            try host.ask(Self.entry()) == [
                "type": .string("published"), "port": .number(8303), "expires": .number(30),
            ])
        #expect(try servers("x").map { $0["key"] } == [.string(host.key)])
        #expect(try servers() == [])
        // The server asks in time, and the host answers with its present figures.
        bench.advance(by: .seconds(10))
        #expect(try host.heard() == [["type": .string("refresh"), "port": .number(8303)]])
        try host.say(Self.entry(players: 5))
        bench.advance(by: .seconds(29))
        #expect(try servers("x").first?["players"] == .number(5))
        bench.advance(by: .seconds(1))
        #expect(try servers("x") == [], "nobody answered")
        _ = try host.heard()
        bench.advance(by: .seconds(20))
        #expect(try host.types() == [], "the server asks for expired entries no more")

        _ = try host.ask(Self.entry())
        #expect(try host.ask(["type": .string("withdraw"), "port": .number(8303)])["type"] == .string("withdrawn"))
        #expect(try servers("x") == [])
        _ = try host.ask(Self.entry())
        _ = try host.ask(["type": .string("unbind"), "port": .number(8303)])
        #expect(try servers("x") == [])
        _ = try host.ask(["type": .string("bind"), "port": .number(8303)])
        _ = try host.ask(Self.entry())
        #expect(try servers("x").count == 1)
        host.connection.disconnect()
        #expect(try servers("x") == [])
    }

    @Test("the server's stop and broken frames end the connection with their codes")
    func endings() throws {
        let (one, two) = (try bench.join(), try bench.join())
        _ = try (one.heard(), two.heard())
        one.connection.stopServer()
        #expect(try one.closeCode() == 1001)
        bench.advance(by: SessionLimits().closeTimeout.duration)
        #expect(!one.connection.isConnected, "who does not answer is cut off")
        try two.connection.receive(.close(1000))
        #expect(!two.connection.isConnected)
        #expect(bench.registry.value(.netPeers) == 0)
    }

    @Test("peers get the STUN and TURN servers with credentials of their own, and fresh ones when they ask [T6, T8]")
    func ice() throws {
        var rules = GameConfiguration().peerNetwork
        rules.iceServers = try ["stun:a.example", "turn:b.example"].map { try IceServerURL($0) }
        rules.turnSeconds = 600
        let bench = SignalBench(rules, turnSecret: Array("north".utf8))
        let peer = try bench.connect()
        let hello = try peer.ask(["type": .string("join")])
        let key = try #require(hello["key"]?.string)
        let now = Int(bench.clock.source.unix())
        #expect(
            hello["ice_servers"]
                == IceServers(
                    urls: rules.iceServers, seconds: 600, secret: Array("north".utf8)
                ).json(for: key, now: Double(now)))
        #expect(hello["ice_seconds"] == .number(600))
        bench.advance(by: .seconds(50))
        let fresh = try peer.ask(["type": .string("ice")])
        let turn = fresh["ice_servers"]?.array?.last?.object
        #expect(turn?["username"] == .string("\(now + 650):\(key)"))
        #expect(try SignalBench(rules).join().key.isEmpty == false)
    }
}
