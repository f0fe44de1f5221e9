import JSONValues
import NIOCore
import ServerMetrics
import Simulation
import Testing
import Wire
import World

@testable import Gateway
@testable import Transport

@Suite("Sessions: joining, liveness, limits") struct SessionTests {
    @Test(
        "messages that arrive before the join wait for it, and none is lost",
        arguments: TestTransport.allCases)
    func joining(transport: TestTransport) throws {
        let bench = try SessionBench(over: transport, joins: false)
        try bench.receive(#"{"action":"a"}"#)
        #expect(bench.map.inputs == [])
        bench.join()
        #expect(bench.map.inputs == ["join players_24 7", "command 7 a/index 1000"])
    }

    @Test(
        "when the player can't be read or the map is full the client gets the reason, then the close",
        arguments: TestTransport.allCases)
    func failedJoins(transport: TestTransport) throws {
        struct Broken: Error {}
        let broken = try SessionBench(over: transport, joins: false)
        broken.failToJoin(Broken())
        let told = try broken.sent()
        #expect(told.count == 2 && told.first?.text?.contains(#""code":"internal""#) == true)
        #expect(told.last == .close(1011))
        let full = try SessionBench(over: transport, joins: false)
        full.map.isFull = true
        full.join()
        let sent = try full.sent()
        #expect(sent.first?.text?.contains("map_starting") == true)
        #expect(sent.last == .close(1013))
        #expect(full.map.inputs == [])
    }

    @Test("an idle client is pinged after 20 s and closed after 60 s", arguments: TestTransport.allCases)
    func liveness(transport: TestTransport) throws {
        let bench = try SessionBench(over: transport)
        bench.advance(.seconds(19))
        #expect(try bench.sent().isEmpty)
        bench.advance(.seconds(1))
        #expect(try bench.sent() == [.ping])
        try bench.link.receive(.pong)
        bench.advance(.seconds(40))
        #expect(try bench.sent() == [.ping, .ping])
        bench.advance(.seconds(20))
        #expect(try bench.sent().last == .close(1001))
        #expect(bench.map.inputs.last == "leave 7")
        bench.advance(.seconds(2))
        #expect(!bench.isConnected)
    }

    // Engine.IO pings every client in each interval, because clients take a server that does not for gone.
    @Test("a client that plays is never pinged", arguments: TestTransport.ownProtocol)
    func activeClient(transport: TestTransport) throws {
        let bench = try SessionBench(over: transport)
        for _ in 0..<30 {
            try bench.receive(#"{"action":"a"}"#)
            bench.advance(.seconds(10))
        }
        #expect(try bench.sent().isEmpty)
    }

    @Test(
        "120 commands at once and 60 a second pass, the next is refused (1-protocol 3)",
        arguments: TestTransport.allCases)
    func rate(transport: TestTransport) throws {
        let bench = try SessionBench(over: transport)
        for _ in 0..<120 { try bench.receive(#"{"action":"a"}"#) }
        #expect(try bench.sent().isEmpty)
        try bench.receive(#"{"action":"a","command_id":9}"#)
        #expect(try bench.texts().first?.contains(#""code":"rate_limited","action":"a/index","command_id":9"#) == true)
        bench.advance(.seconds(1))
        for _ in 0..<60 { try bench.receive(#"{"action":"a"}"#) }
        #expect(try bench.sent().isEmpty)
        #expect(bench.map.inputs.count == 1 + 180)
    }

    @Test(
        "ten snapshots at once and one a second may be requested; a refusal has the rule and the time to wait",
        arguments: TestTransport.allCases)
    func loadRate(transport: TestTransport) throws {
        let bench = try SessionBench(over: transport)
        for _ in 0..<10 { try bench.receive(#"{"action":"load"}"#) }
        #expect(try bench.texts().isEmpty)
        try bench.receive(#"{"action":"load","command_id":3}"#)
        #expect(
            try bench.texts() == [
                #"{"error":"more than 60 snapshots a minute with bursts of 10; ask again in 1 s","#
                    + #""code":"rate_limited","action":"load/index","command_id":3}"#
            ])
        try bench.receive(#"{"action":"a"}"#)
        bench.advance(.seconds(2))
        for _ in 0..<2 { try bench.receive(#"{"action":"load"}"#) }
        #expect(try bench.texts().isEmpty)
        #expect(bench.map.inputs.filter { $0 == "reload 7" }.count == 12)
    }

    @Test(
        "19 refusals in ten seconds are allowed, the 20th closes with 1008; older ones do not count",
        arguments: TestTransport.allCases)
    func refusals(transport: TestTransport) throws {
        let bench = try SessionBench(over: transport)
        for _ in 0..<19 { try bench.receive("x") }
        bench.advance(.seconds(11))
        for _ in 0..<19 { try bench.receive("x") }
        #expect(bench.isConnected)
        #expect(try bench.texts().count == 38)
        try bench.receive("x")
        #expect(try bench.sent().last == .close(1008))
        #expect(bench.map.inputs.last == "leave 7")
        #expect(bench.metrics.registry.value(.commandsRefused) == 39)
    }

    @Test(
        "a client that floods with pings is closed as well; over WebRTC no session sees any",
        arguments: TestTransport.withPings)
    func pingFlood(transport: TestTransport) throws {
        let bench = try SessionBench(over: transport)
        for _ in 0..<200 { try bench.link.receive(.ping) }
        #expect(try bench.sent().last == .close(1008))
    }

    @Test(
        "a leave that the full map refuses is tried again until the map accepts it, once",
        arguments: TestTransport.allCases)
    func leaveIsNotLost(transport: TestTransport) throws {
        let bench = try SessionBench(over: transport)
        bench.map.isFull = true
        bench.link.disconnect()
        #expect(bench.map.inputs == ["join players_24 7"])
        bench.map.isFull = false
        bench.advance(.milliseconds(50))
        bench.advance(.seconds(10))
        #expect(bench.map.inputs == ["join players_24 7", "leave 7"])
        #expect(bench.ended == 1)
    }

    @Test("after its close a session handles and writes nothing", arguments: TestTransport.allCases)
    func afterClose(transport: TestTransport) throws {
        let bench = try SessionBench(over: transport)
        bench.session.serverStops()
        _ = try bench.sent()
        try bench.receive(#"{"action":"a"}"#)
        bench.deliver(.delta)
        bench.deliver(.snapshot)
        #expect(try bench.sent().isEmpty)
        #expect(bench.map.inputs == ["join players_24 7", "leave at stop 7"])
        try bench.link.receive(.close(1001))
        #expect(!bench.isConnected)
        #expect(bench.metrics.registry.value(.sessions) == 0)
    }

    @Test(
        "a moved player gets the new map's token, and the old connection ends after a while",
        arguments: TestTransport.allCases)
    func reconnect(transport: TestTransport) throws {
        let bench = try SessionBench(over: transport)
        bench.deliver(.reconnect(mapID: 9))
        #expect(
            try JSON(parsing: bench.texts().first ?? "")
                == .object([
                    "action": .string("reconnect"), "map_id": .number(9), "host": .string("game.example:8080"),
                    "port": .number(8080), "token": .string("new-token"),
                ]))
        #expect(bench.tokens == [Admission(playerID: 24, login: "Ann", mapID: 9)])
        try bench.receive(#"{"action":"a"}"#)
        bench.advance(.seconds(5))
        #expect(try bench.sent().last == .close(1000))
        #expect(bench.map.inputs == ["join players_24 7", "leave 7"])
    }
}
