import JSONValues
import Testing

@testable import World

@Suite("Events that repeat, and events that are kept aside [2-lua-api 7, 3-game-folder]") struct KeptEventTests {
    private func without(_ group: String) -> Schema {
        var schema = sampleSchema
        schema.groups.removeAll { $0.name == group }
        return schema
    }

    private func queueAll(_ world: World, now: Double) -> [String: [String: Int]] {
        world.queueFailed(now: now) { _, _ in true }
    }

    @Test("a pending event of a group that is away comes back with its data, its time and its command")
    func away() throws {
        let world = makeWorld()
        let player = try world.spawn(.players, 1)
        try world.addMove(to: player, now: 9)
        for _ in 0..<2 {
            _ = world.apply(without("move"))
            #expect(world.nextDueTime() == nil)
            #expect(world.apply(sampleSchema) == [])
        }
        #expect(world.runDue(now: 19).isEmpty)
        try world.expectMove()
    }

    @Test("the timeout of a group that is away goes on, also when nothing is pending")
    func timeout() throws {
        let world = makeWorld()
        let player = try world.spawn(.players, 1)
        try world.setTimeoutEnd(20, ofGroup: "move", of: player, now: 1)
        _ = world.apply(without("move"))
        _ = world.apply(sampleSchema)
        #expect(try world.event("move", of: player).time == 20)
        #expect(try !world.event("regen", of: player).exists)
    }

    @Test("an event whose declaration does not take its data comes back under one that does")
    func misfit() throws {
        let world = makeWorld()
        let player = try world.spawn(.players, 1)
        try world.addEvent(group: "regen", data: ["life": .number(3)], to: player, now: 1)
        var strict = sampleSchema
        strict.groups[0].events[0].parameters.append(EventParameter(name: "who", type: .string))
        #expect(world.apply(strict).count == 1)
        #expect(world.nextDueTime() == nil)
        #expect(world.apply(without("regen")) == [])
        #expect(world.apply(strict) == [])
        #expect(world.nextDueTime() == nil)
        _ = world.apply(sampleSchema)
        #expect(world.runDue(now: 2).first?.data == ["life": .number(3)])
    }

    @Test("another event of the group takes the place of the one that is kept, and taking off takes it off")
    func replaced() throws {
        for isTakenOff in [false, true] {
            let world = makeWorld()
            let player = try world.spawn(.players, 1)
            try world.addEvent(group: "move", event: "up", to: player, now: 1)
            var other = sampleSchema
            other.groups[1].events.removeAll { $0.name == "up" }
            _ = world.apply(other)
            let group = try world.groupIndex("move")
            if isTakenOff {
                world.clearEvent(slot: 0, group: group)
            } else {
                try world.addEvent(group: "move", event: "index", to: player, now: 1)
                _ = world.runDue(now: 2)
            }
            _ = world.apply(sampleSchema)
            #expect(world.nextDueTime() == nil)
        }
    }

    @Test("a stored event of a group that is away when its entity comes in is there when the group is")
    func stored() throws {
        let world = makeWorld(schema: without("regen"))
        var record = EntityRecord(key: EntityKey(.players, 1), mapID: 4, x: 1, y: 1)
        record.events["regen"] = EventRecord(
            action: "index", data: .object(["life": .number(7)]), time: 50, isFromClient: true)
        let problems = try world.add(record, placement: .exact, now: 10).problems
        #expect(problems == ["players_1: pending event regen/index is kept aside: no such group"])
        _ = world.apply(sampleSchema)
        #expect(world.nextDueTime() == 50)
        let run = world.runDue(now: 51)
        #expect(run.map(\.data) == [["life": .number(7)]] && run.map(\.isFromClient) == [true])
    }

    @Test("what is kept goes with its entity: nothing is left for the next one in its place, and nothing weighs")
    func removed() throws {
        let world = makeWorld()
        for id in 1...3 {
            let player = try world.spawn(.players, id)
            try world.addEvent(
                group: "move", event: "to", data: ["x": .number(1), "y": .number(2)], to: player, now: 1)
            try world.addEvent(group: "regen", to: player, now: 1)
            world.keepFailed(try #require(world.runDue(now: 2).first { $0.group == 0 }))
            _ = world.apply(without("move"))
            #expect(world.weight.hasRoom(for: 0))
            world.remove(player)
            _ = world.apply(sampleSchema)
            #expect(world.nextDueTime() == nil && queueAll(world, now: 3).isEmpty)
        }
        let empty = makeWorld().weight
        #expect(world.weight.total == empty.total)
    }

    @Test("a failed event is kept and queued again once, at most one a group, in the order of entities")
    func failed() throws {
        let world = makeWorld()
        let players = try (1...3).map { try world.spawn(.players, $0) }
        for life in [1.0, 2] {
            for player in players {
                try world.addEvent(group: "regen", data: ["life": .number(life)], to: player, now: life)
            }
            for event in world.runDue(now: life) { world.keepFailed(event) }
        }
        #expect(world.failedEventCounts == ["regen": ["index": 3]])
        #expect(world.queueFailed(now: 3) { group, _ in group == "move" }.isEmpty)
        #expect(world.queueFailed(now: 3) { $0 == "regen" && $1 == "other" }.isEmpty)
        #expect(world.queueFailed(now: 3) { $0 == "regen" && $1 == "index" } == ["regen": ["index": 3]])
        #expect(queueAll(world, now: 3).isEmpty && world.failedEventCounts.isEmpty)
        let run = world.runDue(now: 4)
        #expect(run.map(\.entity) == players)
        #expect(run.allSatisfy { $0.data == ["life": .number(2)] })
    }

    @Test("a failed event is lost on purpose when its group has another, or was taken off")
    func failedOnPurpose() throws {
        let world = makeWorld()
        let player = try world.spawn(.players, 1)
        let group = try world.groupIndex("move")
        func fail(_ during: () throws -> Void) throws {
            try world.addEvent(group: "move", event: "up", to: player, now: 1)
            let event = try #require(world.runDue(now: 99).first)
            try during()
            world.keepFailed(event)
        }
        try fail { try world.addEvent(group: "move", event: "index", to: player, now: 1) }
        #expect(queueAll(world, now: 2).isEmpty)
        #expect(world.runDue(now: 2).count == 1)
        try fail { world.clearEvent(slot: 0, group: group) }
        #expect(queueAll(world, now: 2).isEmpty)
        try fail { world.setEventTime(30, slot: 0, group: group, now: 1) }
        #expect(queueAll(world, now: 2) == ["move": ["up": 1]])
        #expect(world.nextDueTime() == 30)
        _ = world.runDue(now: 99)
        try fail { world.remove(player) }
        #expect(queueAll(world, now: 2).isEmpty)
    }

    @Test("a client's event is the client's after it failed and after its group was away, a script's is not")
    func sender() throws {
        for isClients in [true, false] {
            let world = makeWorld()
            let player = try world.spawn(.players, 1)
            for group in ["move", "regen"] {
                try world.addEvent(
                    group: group, event: group == "move" ? "up" : "index", to: player, now: 1,
                    receivedAt: isClients ? 1 : 0)
            }
            _ = world.apply(without("move"))
            for event in world.runDue(now: 2) { world.keepFailed(event) }
            #expect(queueAll(world, now: 3) == ["regen": ["index": 1]])
            _ = world.apply(sampleSchema)
            let run = world.runDue(now: 99)
            #expect(run.map(\.isFromClient) == [isClients, isClients])
        }
    }

    @Test("a parked event is pending and never due, until it is unparked, replaced, or its group has another time")
    func parked() throws {
        let world = makeWorld()
        let player = try world.spawn(.players, 1)
        func park() throws {
            try world.addEvent(group: "regen", data: ["life": .number(3)], to: player, now: 1)
            for token in world.collectDue(now: 30) { world.park(token) }
            #expect(world.nextDueTime() == nil && world.runDue(now: 30).isEmpty)
            #expect(try world.event("regen", of: player).isPending)
        }
        try park()
        world.unpark(now: 4) { _, event in event == "other" }
        #expect(world.runDue(now: 4).isEmpty)
        world.unpark(now: 4) { $0 == "regen" && $1 == "index" }
        #expect(world.runDue(now: 4).map(\.data) == [["life": .number(3)]])
        try park()
        try world.addEvent(group: "regen", data: ["life": .number(4)], to: player, now: 5)
        #expect(world.runDue(now: 5).map(\.data) == [["life": .number(4)]])
        try park()
        try world.setTimeoutEnd(7, ofGroup: "regen", of: player, now: 6)
        #expect(world.runDue(now: 6).isEmpty && world.runDue(now: 7).count == 1)
        try park()
        world.clearEvent(slot: 0, group: try world.groupIndex("regen"))
        world.unpark(now: 8) { _, _ in true }
        #expect(world.nextDueTime() == nil)
        try park()
        _ = world.apply(without("move"))
        #expect(world.runDue(now: 9).count == 1, "new groups make all events due again")
    }

    @Test("an event that repeats is queued after each run, also of one that throws, until it is taken off")
    func repeating() throws {
        struct Failure: Error {}
        var schema = sampleSchema
        schema.groups[0].events[0].repeats = true
        let world = makeWorld(schema: schema)
        let player = try world.spawn(.players, 1)
        try world.addEvent(group: "regen", data: ["life": .number(3)], to: player, now: 1, commandID: 5)
        var commands: [Double?] = []
        for step in 1...3 {
            try? world.runDueEvents(now: Double(step)) { event in
                #expect(event.data == ["life": .number(3)])
                commands.append(event.commandID)
                try world.setTimeoutEnd(Double(step) + 1, ofGroup: "regen", of: player, now: Double(step))
                if step == 2 { throw Failure() }
            }
            #expect(world.nextDueTime() == Double(step) + 1)
        }
        // Only the first came from the client.
        #expect(commands == [5, nil, nil])
        world.runDueEvents(now: 4) { _ in world.clearEvent(slot: 0, group: 0) }
        #expect(world.nextDueTime() == nil)
        try world.addEvent(group: "regen", to: player, now: 4)
        world.runDueEvents(now: 5) { _ in world.remove(player) }
        #expect(world.nextDueTime() == nil)
    }
}
