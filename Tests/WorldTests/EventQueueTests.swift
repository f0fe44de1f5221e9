import JSONValues
import Testing

@testable import World

@Suite("Event queue") struct EventQueueTests {
    @Test("\"Only the first added event runs immediately (in the next frame); all others when event.time …\" [M11.13]")
    func firstAndLater() throws {
        let world = makeWorld()
        let wolf = try world.spawn(.enemys, 1)
        try world.addEvent(group: "move", event: "up", to: wolf, now: 100)
        #expect(world.nextDueTime() == 0)
        let first = try #require(world.runDue(now: 100.1).first)
        #expect(first.at == 100.1)
        let move = try world.groupIndex("move")
        world.setEventTime(first.at + 0.5, slot: 0, group: move, now: 100.1)
        try world.addEvent(group: "move", event: "up", to: wolf, now: 100.1)
        #expect(world.nextDueTime() == 100.6)
        #expect(world.runDue(now: 100.59).isEmpty)
        let second = try #require(world.runDue(now: 100.65).first)
        #expect(second.at == 100.6)
        #expect(second.action == (try world.eventIndex("up", group: move)))
    }

    @Test(
        "\"a 0.2 s walk is 5 steps a second at any tick rate\" [2-lua-api.md 5]",
        arguments: [60.0, 30, 7, 5, 13.7])
    func steadyWalk(rate: Double) throws {
        let world = makeWorld()
        let wolf = try world.spawn(.enemys, 1)
        let move = try world.groupIndex("move")
        let start = 1_670_069_589.0
        try world.addEvent(group: "move", event: "up", to: wolf, now: start)
        var steps = 0
        for tick in 1...Int(100 * rate) {
            let now = start + Double(tick) / rate
            for event in world.runDue(now: now) {
                steps += 1
                world.setEventTime(event.at + 0.2, slot: 0, group: move, now: now)
                try world.addEvent(group: "move", event: "up", to: wolf, now: now)
            }
        }
        #expect((499...501).contains(steps), "\(steps) steps at \(rate) Hz")
    }

    @Test("a client that repeats its next step does not walk slower [M0.7, M11.3]", arguments: [60.0, 7])
    func steadyWalkWithReplacement(rate: Double) throws {
        let world = makeWorld()
        let player = try world.spawn(.players, 1)
        let move = try world.groupIndex("move")
        var steps = 0
        for tick in 1...Int(100 * rate) {
            let now = 1000 + Double(tick) / rate
            try world.addEvent(group: "move", event: "up", to: player, now: now)
            for event in world.runDue(now: now) {
                steps += 1
                world.setEventTime(event.at + 0.2, slot: 0, group: move, now: now)
            }
            try world.addEvent(group: "move", event: "up", to: player, now: now)
        }
        #expect((498...502).contains(steps), "\(steps) steps at \(rate) Hz")
    }

    @Test("after a late tick the timeout starts again, instead of several events running at once")
    func lateTick() throws {
        let world = makeWorld()
        let wolf = try world.spawn(.enemys, 1)
        let move = try world.groupIndex("move")
        world.setEventTime(10, slot: 0, group: move, now: 9)
        try world.addEvent(group: "move", event: "up", to: wolf, now: 9)
        #expect(world.runDue(now: 11.5).map(\.at) == [10])
        world.setEventTime(10.2, slot: 0, group: move, now: 11.5)
        try world.addEvent(group: "move", event: "up", to: wolf, now: 11.5)
        #expect(world.runDue(now: 11.6).map(\.at) == [11.6])
    }

    @Test("\"In one group only one event can be executed at a time\": a newer one replaces the older one [M11.3]")
    func replacement() throws {
        let world = makeWorld()
        let player = try world.spawn(.players, 1)
        try world.addEvent(group: "move", event: "up", to: player, now: 1, commandID: 77, receivedAt: 0.9)
        try world.addEvent(group: "move", event: "to", data: ["x": .number(3), "y": .number(4)], to: player, now: 1)
        #expect(world.queue.pendingCount == 1)
        let due = world.runDue(now: 2)
        #expect(due.count == 1)
        #expect(due.first?.data == ["x": .number(3), "y": .number(4)])
        #expect(due.first?.commandID == nil)
        #expect(world.runDue(now: 3).isEmpty)
    }

    @Test("\"After firing, the event is removed from the entity\", and its time stays [M11.15, M11.4]")
    func taking() throws {
        let world = makeWorld()
        let player = try world.spawn(.players, 1)
        let move = try world.groupIndex("move")
        world.setEventTime(5, slot: 0, group: move, now: 1)
        try world.addEvent(
            group: "move", event: "to", data: ["x": .number(1), "y": .number(2)], to: player, now: 1, commandID: 9,
            receivedAt: 0.5)
        let token = try #require(world.collectDue(now: 6).first)
        #expect(try world.event("move", of: player).action != EventState.idle)
        let event = try #require(world.removeDue(token, now: 6))
        #expect(
            event
                == DueEvent(
                    entity: player, group: move, action: 1, data: ["x": .number(1), "y": .number(2)], commandID: 9,
                    receivedAt: 0.5, isFromClient: true, at: 5))
        let state = try world.event("move", of: player)
        #expect(state.action == EventState.idle && state.data == nil && state.commandID.isNaN && state.time == 5)
        #expect(state.exists)
        #expect(world.removeDue(token, now: 6) == nil)
    }

    @Test(
        "an event counts as run when it was due, unless that is too long ago: no burst makes up for a stall [2-lua-api.md 5]",
        arguments: [(5.0, 5.0), (5.19, 5), (7, 5), (7.01, 7.01), (3605, 3605)])
    func catchUp(now: Double, counts: Double) throws {
        let world = makeWorld()
        let player = try world.spawn(.players, 1)
        let move = try world.groupIndex("move")
        world.setEventTime(5, slot: 0, group: move, now: 1)
        try world.addEvent(group: "move", event: "up", to: player, now: 1)
        let token = try #require(world.collectDue(now: now).first)
        #expect(world.removeDue(token, now: now)?.at == counts)
    }

    @Test("`events.remove(group)`: `action`, `data`, `command_id` become nil; `time` stays [2-lua-api.md 5]")
    func clearing() throws {
        let world = makeWorld()
        let player = try world.spawn(.players, 1)
        let move = try world.groupIndex("move")
        world.setEventTime(8, slot: 0, group: move, now: 1)
        try world.addEvent(group: "move", event: "up", to: player, now: 1, commandID: 4)
        world.clearEvent(slot: 0, group: move)
        world.clearEvent(slot: 0, group: move)
        let state = try world.event("move", of: player)
        #expect(state.action == EventState.idle && state.commandID.isNaN && state.time == 8)
        #expect(world.nextDueTime() == nil)
        #expect(world.runDue(now: 100).isEmpty)
        #expect(world.queue.pendingCount == 0)
    }

    @Test("a pending event moves with its group's time; \"0: next tick\" [2-lua-api.md 5]")
    func timeWhilePending() throws {
        let world = makeWorld()
        let player = try world.spawn(.players, 1)
        let move = try world.groupIndex("move")
        try world.addEvent(group: "move", event: "up", to: player, now: 1)
        world.setEventTime(50, slot: 0, group: move, now: 1)
        #expect(world.nextDueTime() == 50)
        #expect(world.runDue(now: 49).isEmpty)
        world.setEventTime(20, slot: 0, group: move, now: 10)
        #expect(world.runDue(now: 21).map(\.at) == [20])
        try world.addEvent(group: "move", event: "up", to: player, now: 21)
        world.setEventTime(90, slot: 0, group: move, now: 21)
        world.setEventTime(0, slot: 0, group: move, now: 21)
        #expect(world.runDue(now: 21.1).map(\.at) == [21.1])
        #expect(world.runDue(now: 1000).isEmpty)
    }

    @Test("the time of an idle group delays events that are added later [M11.10]")
    func timeWhileIdle() throws {
        let world = makeWorld()
        let player = try world.spawn(.players, 1)
        world.setEventTime(30, slot: 0, group: try world.groupIndex("move"), now: 1)
        #expect(world.nextDueTime() == nil)
        try world.addEvent(group: "move", event: "up", to: player, now: 2)
        #expect(world.nextDueTime() == 30)
    }

    @Test("\"In one tick: ascending group order, then time, then entity order\" [2-lua-api.md 5]")
    func order() throws {
        let world = makeWorld()
        let names: [(EntityKind, Int, String, Double)] = [
            (.objects, 1, "move", 3), (.players, 9, "move", 3), (.players, 2, "move", 3), (.enemys, 5, "move", 1),
            (.animals, 1, "regen", 9), (.enemys, 1, "regen", 9), (.players, 7, "regen", 2), (.enemys, 20, "regen", 9),
        ]
        for (kind, id, group, time) in names {
            let entity = try world.spawn(kind, id)
            world.setEventTime(time, slot: Int(entity.slot), group: try world.groupIndex(group), now: 0)
            try world.addEvent(group: group, to: entity, now: 0)
        }
        let order = world.runDue(now: 10).compactMap { due in
            world.key(of: due.entity).map { "\(world.schema.groups[due.group].name) \($0)" }
        }
        #expect(
            order == [
                "regen players_7", "regen enemys_1", "regen enemys_20", "regen animals_1", "move enemys_5",
                "move players_2", "move players_9", "move objects_1",
            ])
    }

    @Test(
        "events that an earlier event of the tick removes or replaces do not run in it, nor those of entities it removes"
    )
    func changesWithinATick() throws {
        let world = makeWorld()
        let entities = try (1...4).map { try world.spawn(.enemys, $0) }
        for entity in entities { try world.addEvent(group: "move", event: "up", to: entity, now: 1) }
        let tokens = world.collectDue(now: 2)
        try #require(tokens.count == 4)
        #expect(world.removeDue(tokens[0], now: 2) != nil)
        world.clearEvent(slot: Int(entities[1].slot), group: try world.groupIndex("move"))
        #expect(world.removeDue(tokens[1], now: 2) == nil)
        try world.addEvent(group: "move", event: "index", to: entities[2], now: 2)
        #expect(world.removeDue(tokens[2], now: 2) == nil)
        world.remove(entities[3])
        let successor = try world.spawn(.enemys, 9)
        try world.addEvent(group: "move", event: "up", to: successor, now: 2)
        #expect(successor.slot == entities[3].slot)
        #expect(world.removeDue(tokens[3], now: 2) == nil)
        #expect(world.runDue(now: 3).map(\.entity) == [entities[2], successor])
    }

    @Test("hundreds of due events run by order, then time, then entity", arguments: 0..<4 as Range<UInt64>)
    func manyDue(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let world = makeWorld()
        for id in (1...300).shuffled(using: &random) {
            let kind: EntityKind = id % 3 == 0 ? .animals : .enemys
            let entity = try world.spawn(kind, id)
            for group in 0..<2 where Bool.random(using: &random) {
                let time = seed == 0 ? 5 : Double(Int.random(in: 0..<20, using: &random))
                world.setEventTime(time, slot: Int(entity.slot), group: group, now: 0)
                try world.addEvent(group: world.schema.groups[group].name, to: entity, now: 0)
            }
        }
        func place(_ event: DueEvent) throws -> [Double] {
            let key = try #require(world.key(of: event.entity))
            let time = world.state(Int(event.entity.slot), event.group).time
            return [world.schema.groups[event.group].order, time, Double(key.kind.rawValue), Double(key.id)]
        }
        let places = try world.runDue(now: 30).map(place)
        #expect(places.count > 200)
        #expect(places == places.sorted { $0.lexicographicallyPrecedes($1) })
    }

    @Test("\"an event added during a tick runs in a later one\" [2-lua-api.md 5]")
    func addedDuringTick() throws {
        let world = makeWorld()
        let wolf = try world.spawn(.enemys, 1)
        try world.addEvent(group: "regen", to: wolf, now: 1)
        var runs = 0
        for token in world.collectDue(now: 2) where world.removeDue(token, now: 2) != nil {
            runs += 1
            try world.addEvent(group: "regen", to: wolf, now: 2)
            try world.addEvent(group: "move", to: wolf, now: 2)
        }
        #expect(runs == 1)
        #expect(world.runDue(now: 3).count == 2)
    }

    @Test("replacing a pending event 100,000 times does not make the heap grow")
    func boundedHeap() throws {
        let world = makeWorld()
        let entities = try (1...10).map { try world.spawn(.enemys, $0) }
        let move = try world.groupIndex("move")
        var largest = 0
        for step in 0..<100_000 {
            let entity = entities[step % 10]
            if step % 7 == 0 {
                world.setEventTime(Double(step), slot: Int(entity.slot), group: move, now: 0)
            } else {
                try world.addEvent(group: "move", event: "up", to: entity, now: 0)
            }
            largest = max(largest, world.queue.entryCount)
        }
        #expect(largest <= 64 + 2 * 10 + 1)
        #expect(world.queue.pendingCount == 10)
        #expect(world.runDue(now: 1e9).count == 10)
        #expect((world.queue.entryCount == 0))
    }

    @Test("entities that are added, get events and are removed leave nothing in the heap")
    func boundedHeapWithRemovals() throws {
        let world = makeWorld()
        for id in 1...5000 {
            let entity = try world.spawn(.objects, id)
            world.setEventTime(1e6, slot: Int(entity.slot), group: try world.groupIndex("move"), now: 0)
            try world.addEvent(group: "move", event: "up", to: entity, now: 0)
            world.remove(entity)
            #expect(world.queue.entryCount <= 67)
        }
        #expect(world.queue.pendingCount == 0)
        #expect(world.nextDueTime() == nil)
    }

    @Test(
        "runs the same events in the same order as a plain list of pending events", arguments: 0..<10 as Range<UInt64>)
    func againstModel(seed: UInt64) throws {
        struct Pending: Equatable { var action: Int, time: Double, isWaiting: Bool }
        var random = SeededGenerator(seed: seed)
        let world = makeWorld()
        let entities = try (1...6).map { try world.spawn(.enemys, $0) }
        var pending: [[Pending?]] = Array(repeating: [nil, nil], count: 6)
        var times: [[Double]] = Array(repeating: [0, 0], count: 6)
        for tick in 1...600 {
            let now = Double(tick)
            for _ in 0..<4 {
                let (index, group) = (Int.random(in: 0..<6, using: &random), Int.random(in: 0..<2, using: &random))
                switch Int.random(in: 0..<6, using: &random) {
                case 0:
                    pending[index][group] = nil
                    world.clearEvent(slot: index, group: group)
                case 1:
                    let time = Double.random(in: 0...now + 20, using: &random)
                    times[index][group] = time
                    if let action = pending[index][group]?.action {
                        pending[index][group] = Pending(action: action, time: time, isWaiting: time > now)
                    }
                    world.setEventTime(time, slot: index, group: group, now: now)
                default:
                    let names = world.schema.groups[group].events.map(\.name).filter { $0 != "to" }
                    let name = names.randomElement(using: &random) ?? "index"
                    let action = try world.eventIndex(name, group: group)
                    let wasWaiting = pending[index][group]?.isWaiting ?? false
                    let time = times[index][group]
                    pending[index][group] = Pending(action: action, time: time, isWaiting: time > now || wasWaiting)
                    try world.addEvent(
                        group: world.schema.groups[group].name, event: name, to: entities[index], now: now)
                }
            }
            var expected: [(group: Int, time: Double, index: Int, action: Int, at: Double)] = []
            for (index, groups) in pending.enumerated() {
                for case (let group, let event?) in groups.enumerated() where event.time <= now {
                    expected.append((group, event.time, index, event.action, event.isWaiting ? event.time : now))
                    pending[index][group] = nil
                }
            }
            expected.sort { ($0.group, $0.time, $0.index) < ($1.group, $1.time, $1.index) }
            let ran = world.runDue(now: now)
            #expect(ran.map { Int($0.entity.slot) } == expected.map(\.index))
            #expect(ran.map(\.group) == expected.map(\.group))
            #expect(ran.map(\.action) == expected.map(\.action))
            #expect(ran.map(\.at) == expected.map(\.at))
            #expect(world.nextDueTime() == pending.flatMap { $0 }.compactMap { $0?.time }.min())
        }
    }

    @Test("wrong groups, events and parameters are refused, say what is allowed, and change nothing [M11.2]")
    func refusals() throws {
        let world = makeWorld()
        let player = try world.spawn(.players, 1)
        func refusal(_ group: String, _ event: String, _ data: JSONObject = [:]) -> WorldError? {
            do throws(WorldError) {
                try world.addEvent(group: group, event: event, data: data, to: player, now: 1)
                return nil
            } catch {
                return error
            }
        }
        #expect(refusal("fly", "up") == .unknownGroup(name: "fly", known: ["move", "regen"]))
        #expect(refusal("move", "down") == .unknownEvent(group: "move", name: "down", known: ["index", "to", "up"]))
        #expect(refusal("move", "to") == .missingParameter(event: "move/to", name: "x", type: "number"))
        #expect(
            refusal("move", "to", ["x": .number(1), "y": .string("2")])
                == .wrongParameterType(event: "move/to", name: "y", expected: "number", given: "string"))
        #expect(
            refusal("move", "to", ["x": .number(1), "y": .number(2), "z": .number(3)])
                == .undeclaredParameter(event: "move/to", name: "z", declared: ["x", "y"]))
        #expect(
            refusal("move", "to", ["x": .number(1), "y": .null])
                == .missingParameter(event: "move/to", name: "y", type: "number"))
        #expect(try !world.event("move", of: player).exists)
        #expect(world.nextDueTime() == nil)
        #expect(
            "\(WorldError.unknownGroup(name: "fly", known: ["move"]))"
                == "there is no event group 'fly'; there are move")
    }

    @Test("\"a default makes it optional\": absent parameters take their default [3-game-folder.md]")
    func defaults() throws {
        let world = makeWorld()
        let player = try world.spawn(.players, 1)
        try world.addEvent(group: "regen", to: player, now: 1)
        #expect(world.runDue(now: 2).first?.data == ["life": .number(1)])
        try world.addEvent(group: "regen", data: ["life": .number(2)], to: player, now: 1)
        #expect(world.runDue(now: 2).first?.data == ["life": .number(2)])
        try world.addEvent(group: "move", to: player, now: 1)
        #expect(world.runDue(now: 2).first.map { $0.data == nil } == true)
    }

    @Test("adding an event to a removed entity does nothing")
    func gone() throws {
        let world = makeWorld()
        let player = try world.spawn(.players, 1)
        world.remove(player)
        try world.addEvent(group: "move", event: "up", to: player, now: 1)
        #expect(world.nextDueTime() == nil)
        #expect(world.queue.pendingCount == 0)
    }
}
