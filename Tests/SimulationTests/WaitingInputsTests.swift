import GameFolder
import JSONValues
import Testing
import Wire
import World

@testable import Simulation

@Suite("Waiting inputs of a map have a bound for each source [design 9]") struct WaitingInputsTests {
    private var waiting = WaitingInputs()

    private mutating func put(_ input: MapInput) -> Bool { waiting.put(input, input.waitingRule) }

    private static func event(from map: Int, _ text: String = "") -> MapInput {
        .event(RemoteEvent(key: EntityKey(.enemys, 1), group: "a", event: "b", data: ["t": .string(text)], mapID: map))
    }

    private static func entity(from map: Int?) -> MapInput {
        .arrive(EntityRecord(key: EntityKey(.enemys, 1), mapID: 1, x: 1, y: 1), from: map)
    }

    @Test(
        "a map's events and entities above its share are refused; other maps' ones and returning entities are accepted")
    mutating func shares() {
        for _ in 0..<WaitingInputs.events.count { _ = put(Self.event(from: 2)) }
        #expect(waiting.room(forEventsFrom: 2).count == 0 && !put(Self.event(from: 2)))
        #expect(waiting.room(forEventsFrom: 3) == WaitingInputs.events && put(Self.event(from: 3)))
        for _ in 0..<WaitingInputs.arrivals.count { _ = put(Self.entity(from: 2)) }
        #expect(!put(Self.entity(from: 2)) && put(Self.entity(from: nil)) && put(Self.entity(from: 3)))
        #expect(waiting.takeAll().count == WaitingInputs.events.count + WaitingInputs.arrivals.count + 3)
        #expect(put(Self.event(from: 2)))
    }

    @Test("bytes count as well as entries")
    mutating func bytes() {
        let text = String(repeating: "x", count: 1 << 20)
        var taken = 0
        while taken < 100, put(Self.event(from: 2, text)) { taken += 1 }
        #expect(taken == 7)
        var large = EntityRecord(key: EntityKey(.enemys, 1), mapID: 1, x: 1, y: 1)
        large.components["list"] = .array(Array(repeating: .string(text), count: 20))
        #expect(put(.arrive(large, from: 3)) && !put(.arrive(large, from: 3)))
        let command = Command(group: "say", parameters: ["text": .string(text)])
        taken = 0
        while taken < 100, put(.command(1, command, receivedAt: 0)) { taken += 1 }
        #expect(taken == 31)
        #expect(put(.leave(1)) && put(.replaceGame(.init(), problems: [])))
        let count = waiting.takeAll().count
        for _ in 0..<100 { _ = put(.replaceGame(.init(), problems: [])) }
        #expect(count > 30 && waiting.takeAll().count == 1)
    }

    @Test("a client's request for a snapshot is taken, however many inputs wait")
    mutating func snapshotWishes() {
        for session in 0..<UInt64(WaitingInputs.commands.count) {
            #expect(put(.command(session, Command(group: "say"), receivedAt: 0)))
        }
        #expect(!put(.command(1, Command(group: "say"), receivedAt: 0)), "the commands' share is full")
        for session in 0..<100_000 { #expect(put(.reload(SessionID(session)))) }
    }

    @Test("of repeated inputs only the last is kept, at the place of the first")
    mutating func repeated() {
        let (one, two) = (EntityKey(.enemys, 1), EntityKey(.enemys, 2))
        #expect(put(.border(BorderStrip(mapID: 2, records: [], actionAssigned: [one]))))
        #expect(put(.watch(from: 2, isNew: true)) && put(.reload(7)) && put(.reload(8)))
        for _ in 0..<1000 {
            let record = EntityRecord(key: one, mapID: 2, x: 3, y: 3)
            #expect(put(.border(BorderStrip(mapID: 2, records: [record], actionAssigned: [two]))))
            #expect(put(.watch(from: 2, isNew: false)) && put(.reload(7)))
        }
        let inputs = waiting.takeAll()
        #expect(inputs.count == 4)
        guard case .border(let strip) = inputs[0], case .watch(2, true) = inputs[1] else {
            Issue.record("\(inputs)")
            return
        }
        #expect(strip.records.count == 1 && strip.actionAssigned == [one, two])
    }
}
