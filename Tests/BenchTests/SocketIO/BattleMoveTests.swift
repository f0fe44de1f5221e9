import Testing

@testable import Bench

@Suite("Moves of the battle") struct BattleMoveTests {
    private static func place(_ text: String, _ event: inout MovedEvent) -> [Int]? {
        Array(text.utf8).withUnsafeBytes { event.place(in: $0) }.map { [$0.x, $0.y] }
    }

    @Test(
        "the place is found wherever it stands",
        arguments: [
            (#"42["player_moved",{"id":"a","position":{"x":12,"y":7,"hp":100}}]"#, [12, 7]),
            (#"42["player_moved",{"position":{"hp":100,"y":7,"x":12},"id":"a"}]"#, [12, 7]),
            (#"42["player_moved",{"id":"a","position":{"x":12.0,"y":-3,"hp":9}}]"#, [12, -3]),
        ])
    func places(packet: String, place: [Int]) {
        var event = MovedEvent()
        #expect(Self.place(packet, &event) == place)
        #expect(Self.place(packet, &event) == place)
    }

    @Test("an event that looks different from the one before is read too")
    func changes() {
        var event = MovedEvent()
        for (id, x) in [("abc", 1), ("a", 22), ("abcdef", 333)] {
            let packet = #"42["player_moved",{"id":"\#(id)","position":{"x":\#(x),"y":\#(x),"hp":1}}]"#
            #expect(Self.place(packet, &event) == [x, x])
        }
    }

    @Test(
        "a place without whole numbers is none",
        arguments: [#"{"x":"1","y":2}"#, #"{"x":1.5,"y":2}"#, #"{"x":1}"#, "{}", #"{"x":1e3,"y":1}"#])
    func strange(place: String) {
        var event = MovedEvent()
        #expect(Self.place(#"42["player_moved",{"position":\#(place)}]"#, &event) == nil)
    }

    @Test("other events are no moves", arguments: [#"42["player_left",{"id":"a"}]"#, "2", #"42["player_moved"]"#])
    func others(packet: String) {
        #expect(!Array(packet.utf8).withUnsafeBytes { MovedEvent.isMoved($0) })
    }

    @Test("a log knows when each of the latest moves was sent, and no others")
    func log() {
        var log = MoveLog(players: 2)
        for time in 0..<300 { #expect(log.add(player: 1, now: UInt64(time + 1_000)) == time) }
        #expect(log.sent(player: 1, move: 299) == 1_299)
        #expect(log.sent(player: 1, move: 44) == 1_044)
        #expect(log.sent(player: 1, move: 43) == nil)
        #expect(log.sent(player: 1, move: 300) == nil)
        #expect(log.sent(player: 1, move: -1) == nil)
        #expect(log.sent(player: 0, move: 0) == nil)
        #expect(log.sent(player: 2, move: 0) == nil)
        #expect(log.sent(player: -1, move: 0) == nil)
    }
}
