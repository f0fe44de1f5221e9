import JSONValues
import NIOCore
import Simulation
import Testing
import Wire

@testable import Gateway

@Suite("Sessions whose map an operator stops, and who are kicked [1-protocol 7]") struct PausedSessionTests {
    private static let notice =
        #"{"action":"pause","map_id":4,"reason":"map 4 is closed (an operator stopped it)"}"#

    @Test(
        "the client is told once, waits, and enters again with a new token for coming back",
        arguments: TestTransport.allCases)
    func pause(transport: TestTransport) throws {
        let bench = try SessionBench(over: transport)
        bench.resumeSeconds = 30
        bench.deliver(.snapshot, #"{"action":"load/index"}"#)
        #expect(try bench.texts().last?.contains("resume-1") == true)
        bench.closedReason = "an operator stopped it"
        bench.deliver(.paused(mapID: 4, reason: "an operator stopped it"))
        #expect(try bench.texts() == [Self.notice])
        #expect(bench.ended == 1 && bench.mayResume == false && bench.isConnected)
        bench.advance(.seconds(10))
        #expect(try bench.texts() == [], "the reason is told once")
        try bench.receive(#"{"action":"a","command_id":5}"#)
        let refusal = try #require(try bench.texts().first)
        #expect(refusal.contains(#""code":"busy""#) && refusal.contains("an operator stopped it"), "\(refusal)")
        bench.deliver(.delta, #"{"tick":9}"#)
        #expect(try bench.texts() == [], "a message of the former map comes too late")
        bench.closedReason = nil
        bench.advance(.seconds(1))
        #expect(bench.map.inputs == ["join players_24 7", "join players_24 7"])
        bench.deliver(.snapshot, #"{"action":"load/index"}"#)
        #expect(try bench.texts().last?.contains("resume-2") == true)
        bench.closedReason = "an operator stopped it"
        bench.deliver(.paused(mapID: 4, reason: "an operator stopped it"))
        #expect(try bench.texts() == [Self.notice], "and told again the next time")
        try bench.link.receive(.close(1000))
        bench.closedReason = nil
        bench.advance(.seconds(5))
        #expect(bench.map.inputs.count == 2 && bench.ended == 2, "who left while waiting does not come in")
    }

    @Test("a kicked client gets the reason, the code 4002, and may not resume", arguments: TestTransport.allCases)
    func kick(transport: TestTransport) throws {
        let bench = try SessionBench(over: transport)
        let text = #"{"error":"be nice","code":"kicked","return":false}"#
        bench.deliver(.kicked, text)
        #expect(try bench.sent() == [.text(text), .close(4002)])
        #expect(bench.mayResume == false)
        #expect(bench.map.inputs.last == "leave 7")
    }

    @Test("the bytes of messages count for the session and for its map (row 167)")
    func traffic() throws {
        let bench = try SessionBench(over: .inMemory)
        let meter = try #require(bench.session.traffic)
        #expect(meter.sent == 0 && meter.received == 0)
        bench.deliver(.delta, #"{"tick":9}"#)
        bench.deliver(.direct, #"{"a":1}"#)
        // Each has two bytes of a frame's head.
        #expect(meter.sent == 21 && bench.map.traffic?.sent == 21)
        try bench.receive(#"{"action":"a"}"#)
        #expect(meter.received == 14 && bench.map.traffic?.received == 14)
    }
}
