import JSONValues
import Testing

@testable import Bench

/// Calls `body` with the bytes of a text.
func bytes<Result>(_ text: String, _ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
    try Array(text.utf8).withUnsafeBytes(body)
}

@Suite("Searching in messages") struct ByteScanTests {
    @Test("counts records and coordinates, at any place in texts of any length")
    func counts() {
        let record = #"{"id":24,"key":"players_24","x":160,"y":-3,"action":"move"}"#
        for padding in 0..<40 {
            for records in [0, 1, 2, 7, 100] {
                let text =
                    String(repeating: " ", count: padding)
                    + Array(repeating: record, count: records).joined(separator: ",")
                #expect(
                    bytes(text) { ByteScan.counts($0) } == .init(records: records, coordinates: 2 * records))
            }
        }
    }

    @Test(
        "does not count texts that only look like a record",
        arguments: ["", "\"id\"", #"{"map_id":4,"sid":1,"max":2}"#, #"{"name":"a\"id\":b\"x\":"}"#, #"["id","x"]"#])
    func noRecords(text: String) {
        #expect(bytes(text) { ByteScan.counts($0) } == .init())
    }

    @Test("finds a text at the beginning, in the middle and at the end")
    func find() {
        #expect(bytes("{{:{") { ByteScan.end(of: ":{", in: $0) } == 4)
        #expect(bytes("ab") { ByteScan.end(of: "ab", in: $0) } == 2)
        #expect(bytes("abab") { ByteScan.end(of: "ab", in: $0, from: 1) } == 4)
        #expect(bytes("b") { ByteScan.end(of: "ab", in: $0) } == nil)
        #expect(bytes("") { ByteScan.end(of: "ab", in: $0) } == nil)
    }

    @Test(
        "reads numbers and stops after them",
        arguments: [("12,", 12.0, 2), ("-0.5}", -0.5, 4), ("1670069589.9012", 1_670_069_589.9012, 15), ("7", 7, 1)])
    func numbers(text: String, value: Double, end: Int) {
        var offset = 0
        #expect(bytes(text) { ByteScan.number($0, at: &offset) } == value)
        #expect(offset == end)
    }

    @Test("leaves anything but a plain number to the parser", arguments: ["", "-", "x", "1e5", "null"])
    func noNumbers(text: String) {
        var offset = 0
        #expect(bytes(text) { ByteScan.number($0, at: &offset) } == nil)
    }
}

@Suite("Messages from a server") struct ServerMessageTests {
    @Test(
        "recognizes snapshot, delta and refusal in the server's form and in any other JSON form",
        arguments: [
            (#"{"tick":91234,"time":1670069589.5,"players":[]}"#, .delta(tick: 91_234, time: 1_670_069_589.5)),
            (#"{ "time": 5.25, "tick": 7 }"#, .delta(tick: 7, time: 5.25)),
            (#"{"tick":7,"time":1e3}"#, .delta(tick: 7, time: 1_000)),
            (#"{"action":"load/index","tick":1,"time":2}"#, .snapshot),
            (#"{"tick":1, "action": "load/index"}"#, .snapshot),
            (
                #"{"error":"no","code":"not_public","action":"a","command_id":12}"#,
                .refusal(code: "not_public", message: "no", commandID: 12)
            ),
            (#"{"error":"bye"}"#, .refusal(code: "", message: "bye", commandID: nil)),
            (#"{"action":"hello"}"#, .other), ("[1]", .other), ("{", .other), ("", .other),
        ] as [(String, ServerMessage)])
    func classification(text: String, message: ServerMessage) {
        #expect(bytes(text) { ServerMessage($0) } == message)
    }

    @Test("finds the player's own acknowledgements and ignores the ids in public events")
    func acknowledgements() {
        let text = #"""
            {"tick":1,"time":2,"players":[{"id":1,"events":{"move":{"action":null,"command_id":5}}},{"id":2,"commands":
            """#.replacing("\n", with: "")
            + #"{"move":{"command_id":6,"wait_time":0.012},"fight":{"command_id":7},"shout":{"command_id":8,"#
            + #""wait_time":0.5}},"events":{"move":{"command_id":9}}}]}"#
        var found: [ServerMessage.Acknowledgement] = []
        bytes(text) { ServerMessage.acknowledgements(in: $0) { found.append($0) } }
        #expect(
            found == [
                .init(commandID: 6, waitSeconds: 0.012), .init(commandID: 7, waitSeconds: 0),
                .init(commandID: 8, waitSeconds: 0.5),
            ])
    }

    @Test("finds no acknowledgement in a delta without one or in a delta that is cut off")
    func noAcknowledgements() {
        for text in [#"{"tick":1,"time":2,"players":[]}"#, #"{"commands":{"#, #"{"commands":{"move":{"command_id":"#] {
            var count = 0
            bytes(text) { ServerMessage.acknowledgements(in: $0) { _ in count += 1 } }
            #expect(count == 0)
        }
    }
}

@Suite("A client's mirror of the players") struct WorldMirrorTests {
    static func object(_ text: String) throws -> JSONObject { try #require(try JSON(parsing: text).object) }

    static func mirror() throws -> WorldMirror {
        var mirror = WorldMirror(ownID: 1)
        mirror.countsAfterTick = 10
        mirror.apply(
            try object(
                #"{"action":"load/index","tick":10,"players":[{"id":1,"x":5,"y":5},{"id":2,"x":7,"y":7}],"enemys":[]}"#)
        )
        return mirror
    }

    @Test("counts a move only when a delta changes the position, and after the agreed tick")
    func moves() throws {
        var mirror = try Self.mirror()
        mirror.countsAfterTick = 11
        mirror.apply(try Self.object(#"{"tick":11,"players":[{"id":2,"x":8}]}"#))
        mirror.apply(try Self.object(#"{"tick":12,"players":[{"id":2,"x":8,"action":"move"}]}"#))
        mirror.apply(try Self.object(#"{"tick":13,"players":[{"id":2,"y":9}],"enemys":[{"id":2,"x":1}]}"#))
        #expect(mirror.players[2] == .init(x: 8, y: 9, moves: 1))
        #expect(mirror.tick == 13)
    }

    @Test("says whether its own player moved, and how many records of all kinds the message had")
    func effect() throws {
        var mirror = try Self.mirror()
        let own = mirror.apply(try Self.object(#"{"tick":11,"players":[{"id":1,"x":6}],"enemys":[{"id":4}]}"#))
        #expect(own == .init(records: 2, ownMoved: true))
        let other = mirror.apply(try Self.object(#"{"tick":12,"players":[{"id":2,"x":6},{"id":1,"action":"stand"}]}"#))
        #expect(other == .init(records: 2, ownMoved: false))
    }

    @Test("adds new players and drops removed ones; a second snapshot is a resynchronisation, not a move")
    func population() throws {
        var mirror = try Self.mirror()
        mirror.apply(try Self.object(#"{"tick":11,"players":[{"id":3,"x":1,"y":1},{"id":2,"action":"remove"}]}"#))
        #expect(mirror.players.keys.sorted() == [1, 3])
        #expect(mirror.removals == 1)
        mirror.apply(try Self.object(#"{"action":"load/index","tick":12,"players":[{"id":1,"x":9,"y":5}]}"#))
        #expect(mirror.players[1] == .init(x: 9, y: 5, moves: 0))
        #expect(mirror.resynchronisations == 1)
    }

    @Test("mirrors of the same messages are equal; a missed move, a wrong place or a missing coordinate is found")
    func comparison() throws {
        let first = try Self.mirror()
        var complete = first
        complete.apply(try Self.object(#"{"tick":11,"players":[{"id":2,"x":8}]}"#))
        let good = PlayersBenchmark.MoveCheck(
            comparing: [complete, complete], executed: 1, coordinates: [3, 3, 3])
        #expect((good.seen, good.missed, good.differing, good.behind) == (1, 0, 0, 0))
        let bad = PlayersBenchmark.MoveCheck(comparing: [complete, first], executed: 1, coordinates: [3, 2, 3])
        #expect((bad.seen, bad.missed, bad.differing, bad.behind) == (1, 1, 1, 1))
        #expect((bad.leastCoordinates, bad.mostCoordinates) == (2, 3))
    }
}
