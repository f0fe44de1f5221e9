import JSONValues
import NIOCore
import Testing
import Wire

@testable import Gateway

@Suite("A session waits for a map that takes no players [1-protocol 7]") struct WaitingSessionTests {
    private static let reason = "maps/4-forest.tmj:1:2: not JSON"

    private func pauses(_ texts: [String]) -> [String] {
        texts.compactMap { text in
            let message = (try? JSON(parsing: Array(text.utf8)))?.object
            return message?["action"] == .string("pause") ? message?["reason"]?.string : nil
        }
    }

    @Test("of a closed map it tells the reason once, and joins when the map opens", arguments: TestTransport.allCases)
    func closed(transport: TestTransport) throws {
        let bench = try SessionBench(over: transport, joins: false)
        bench.closedReason = Self.reason
        bench.join()
        #expect(
            try bench.texts() == [#"{"action":"pause","map_id":4,"reason":"map 4 is closed (\#(Self.reason))"}"#])
        bench.advance(.seconds(10))
        #expect(try bench.texts() == [])
        bench.closedReason = "maps/4-forest.tmj: the file is away"
        bench.advance(.seconds(1))
        #expect(pauses(try bench.texts()) == ["map 4 is closed (maps/4-forest.tmj: the file is away)"])
        bench.map.isReady = false
        bench.closedReason = nil
        bench.advance(.seconds(1))
        #expect(pauses(try bench.texts()) == ["map 4 is starting or closing"])
        #expect(bench.map.inputs == [])
        bench.map.isReady = true
        bench.advance(.seconds(1))
        #expect(bench.map.inputs == ["join players_24 7"])
        try bench.receive(#"{"action":"a"}"#)
        #expect(bench.map.inputs.last == "command 7 a/index 1000")
        bench.closedReason = Self.reason
        bench.advance(.seconds(5))
        #expect(try bench.texts() == [], "who is on the map is told nothing more")
    }

    @Test("commands are refused meanwhile and never reach the map", arguments: TestTransport.allCases)
    func commands(transport: TestTransport) throws {
        let bench = try SessionBench(over: transport, joins: false)
        bench.map.isReady = false
        bench.join()
        _ = try bench.texts()
        for text in [#"{"action":"a","command_id":5}"#, #"{"action":"load/index","command_id":5}"#] {
            try bench.receive(text)
            let answer = try #require(try bench.texts().first)
            #expect(answer.contains(#""code":"busy""#) && answer.contains(#""command_id":5"#), "\(answer)")
            #expect(answer.contains("map 4 is starting or closing"), "\(answer)")
        }
        bench.map.isReady = true
        bench.advance(.seconds(1))
        #expect(bench.map.inputs == ["join players_24 7"])
    }

    @Test("a client that waits is pinged, and closed when it is silent", arguments: TestTransport.allCases)
    func silent(transport: TestTransport) throws {
        let bench = try SessionBench(over: transport, joins: false)
        bench.closedReason = Self.reason
        bench.join()
        _ = try bench.sent()
        bench.advance(.seconds(20))
        #expect(try bench.sent() == [.ping])
        try bench.link.receive(.pong)
        bench.advance(.seconds(40))
        #expect(bench.isConnected)
        bench.advance(.seconds(20))
        #expect(try bench.sent().last == .close(1001))
        bench.advance(.seconds(2))
        #expect(!bench.isConnected)
        bench.closedReason = nil
        bench.advance(.seconds(5))
        #expect(bench.map.inputs == [])
    }

    @Test("it is known while it waits, and an operator can end it", arguments: TestTransport.allCases)
    func ended(transport: TestTransport) throws {
        let bench = try SessionBench(over: transport, joins: false)
        #expect(bench.isWaiting, "from the opening of its connection on")
        bench.join()
        #expect(!bench.isWaiting && bench.map.inputs == ["join players_24 7"])
        bench.map.isReady = false
        bench.deliver(.paused(mapID: 4, reason: Self.reason))
        #expect(bench.isWaiting && Set(bench.waits) == [4])
        bench.session.end(because: .ended)
        bench.advance(.milliseconds(1))
        #expect(try bench.sent().last == .close(1008))
        #expect(!bench.isWaiting)
        bench.map.isReady = true
        bench.advance(.seconds(5))
        #expect(bench.map.inputs == ["join players_24 7"])
    }

    @Test(
        "a mute that an operator makes or ends while the player joins reaches the map",
        arguments: [
            ([nil], ["join players_24 7"]), ([50], ["mute 24 50.0", "join players_24 7"]),
            ([nil, 50], ["join players_24 7", "mute 24 50.0"]),
            ([50, 60], ["mute 24 50.0", "join players_24 7", "mute 24 60.0"]),
            ([50, nil], ["mute 24 50.0", "join players_24 7", "mute 24 no more"]),
        ] as [([Double?], [String])])
    func mutes(answers: [Double?], inputs: [String]) throws {
        let bench = try SessionBench(over: .inMemory, joins: false)
        bench.mutes = answers
        bench.join()
        #expect(bench.map.inputs == inputs)
    }

    @Test("a client that leaves, and one that floods, wait no longer", arguments: TestTransport.allCases)
    func leaving(transport: TestTransport) throws {
        let bench = try SessionBench(over: transport, joins: false)
        bench.closedReason = Self.reason
        bench.join()
        try bench.link.receive(.close(1000))
        bench.closedReason = nil
        bench.advance(.seconds(5))
        #expect(!bench.isConnected && bench.map.inputs == [])
        let flooding = try SessionBench(over: transport, joins: false)
        flooding.closedReason = Self.reason
        flooding.join()
        for _ in 0..<30 { try flooding.receive("nothing that a client may send") }
        #expect(try flooding.sent().last == .close(1008))
        #expect(flooding.map.inputs == [])
    }
}
