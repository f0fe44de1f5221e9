import JSONValues
import Testing

@testable import World

/// "No entity loses a value, pending events stay queued" [3-game-folder.md, hot reload].
@Suite("Schema changes") struct SchemaTests {
    private func schema(_ change: (inout Schema) -> Void) -> Schema {
        var schema = sampleSchema
        change(&schema)
        return Schema(components: schema.components, groups: schema.groups)
    }

    @Test("\"A new component appears on all entities with its default\"")
    func componentAdded() throws {
        let world = makeWorld()
        let player = try world.spawn(.players, 1)
        let sheep = try world.spawn(.animals, 1)
        try world.setComponent("hp", to: .number(1), of: player)
        let problems = world.apply(
            schema {
                $0.components.append(
                    ComponentDefinition(name: "armour", type: .json, defaultValue: .array([.number(1)])))
                $0.components.append(
                    ComponentDefinition(
                        name: "wool", type: .number, defaultValue: .number(3), kinds: EntityKindSet(.animals)))
            })
        #expect(problems.isEmpty)
        #expect(world.component("armour", of: player) == .array([.number(1)]))
        #expect(world.component("wool", of: sheep) == .number(3))
        #expect(world.component("wool", of: player) == nil)
        #expect(world.component("hp", of: player) == .number(1))
    }

    @Test("a component whose file is removed \"is kept in the database\" and returns with the file")
    func componentRemoved() throws {
        let world = makeWorld()
        let player = try world.spawn(.players, 1)
        try world.setComponent("title", to: .string("king"), of: player)
        try world.setComponent("bag", to: .array([.number(7)]), of: player)
        let before = world.record(of: player)
        #expect(world.apply(Schema(groups: sampleSchema.groups)).isEmpty)
        #expect(world.component("title", of: player) == nil)
        #expect(world.record(of: player) == before)
        #expect(world.columns.components.isEmpty)
        let later = try world.spawn(.players, 2)
        #expect(world.apply(sampleSchema).isEmpty)
        #expect(world.component("title", of: player) == .string("king"))
        #expect(world.component("bag", of: player) == .array([.number(7)]))
        #expect(world.component("title", of: later) == .string("novice"))
        #expect(world.record(of: player) == before)
    }

    @Test("a component removed from a kind keeps its values for the case that the kind gets it again")
    func kindsChanged() throws {
        let world = makeWorld()
        let player = try world.spawn(.players, 1)
        let goblin = try world.spawn(.enemys, 1)
        try world.setComponent("hp", to: .number(1), of: player)
        try world.setComponent("hp", to: .number(2), of: goblin)
        try world.setComponent("bag", to: .array([.number(1)]), of: goblin)
        let before = world.record(of: goblin)
        let narrow = schema {
            for index in $0.components.indices { $0.components[index].kinds = EntityKindSet(.players) }
        }
        #expect(world.apply(narrow).isEmpty)
        #expect(world.component("hp", of: goblin) == nil)
        #expect(world.component("hp", of: player) == .number(1))
        #expect(world.record(of: goblin) == before)
        #expect(world.apply(sampleSchema).isEmpty)
        #expect(world.component("hp", of: goblin) == .number(2))
        #expect(world.record(of: goblin) == before)
    }

    @Test("a component of another type keeps values that fit, and names those that do not")
    func retyped() throws {
        let world = makeWorld()
        let players = try (1...3).map { try world.spawn(.players, $0) }
        for (player, title) in zip(players, [JSON.string("12.5"), .string("king"), .null]) {
            try world.setComponent("title", to: title, of: player)
        }
        try world.setComponent("hp", to: .number(1.5), of: players[0])
        let problems = world.apply(
            Schema(components: [
                ComponentDefinition(name: "hp", type: .string), ComponentDefinition(name: "bag", type: .json),
                ComponentDefinition(name: "title", type: .number, defaultValue: .number(0)),
            ]))
        #expect(problems.count == 1)
        #expect(problems.first?.hasPrefix("players_2: \"king\" does not fit component 'title'") == true)
        #expect(players.map { world.component("title", of: $0) } == [.number(12.5), .number(0), .null])
        #expect(world.component("hp", of: players[0]) == .string("1.5"))
        #expect(world.component("bag", of: players[0]) == .array([]))
        #expect(world.columns.all.compactMap { $0 }.count == SystemField.allCases.count + 3)
    }

    @Test("privacy and default change without touching values")
    func attributes() throws {
        let world = makeWorld()
        let player = try world.spawn(.players, 1)
        _ = world.apply(
            schema {
                for index in $0.components.indices {
                    $0.components[index].isPrivate.toggle()
                    $0.components[index].defaultValue = .null
                }
            })
        #expect(world.component("hp", of: player) == .number(5))
        #expect(world.columns.components["hp"]?.isPrivate == true)
        #expect(world.columns.components["bag"]?.isPrivate == false)
        let fresh = try world.spawn(.players, 2)
        #expect(world.component("hp", of: fresh) == .null)
    }

    @Test("a hundred reloads leave no column, no text and no tree behind")
    func noLeak() throws {
        let world = makeWorld()
        let player = try world.spawn(.players, 1)
        for round in 0..<100 {
            let types: [ComponentDefinition.ValueType] = [.string, .number, .json]
            let problems = world.apply(
                Schema(components: [
                    ComponentDefinition(name: "a", type: types[round % 3]),
                    ComponentDefinition(name: "b\(round % 2)", type: .string, defaultValue: .string("text \(round)")),
                ]))
            #expect(problems.isEmpty)
        }
        // The columns of the first schema, and those that a reload adds while its old ones still exist.
        #expect(world.columns.all.count <= SystemField.allCases.count + 4 + 2)
        world.markAllSent()
        #expect(world.changes.wordsPerSlot == 1)
        world.remove(player)
        #expect(world.strings.liveCount == 0)
    }

    @Test("pending events stay queued though the indices of their groups change, and run at the same time")
    func pendingStays() throws {
        let world = makeWorld()
        let player = try world.spawn(.players, 1)
        try world.addMove(to: player, now: 1)
        try world.addEvent(group: "regen", to: player, now: 1)
        let problems = world.apply(
            schema {
                $0.groups[0].order = 9
                $0.groups[1].events.append(EventDefinition(name: "aaa"))
                $0.groups[1].events.sort { $0.name < $1.name }
                $0.groups.append(
                    EventGroupDefinition(name: "first", order: -1, events: [EventDefinition(name: "index")]))
            })
        #expect(problems.isEmpty)
        #expect(world.schema.groups.map(\.name) == ["first", "move", "regen"])
        #expect(world.queue.pendingCount == 2)
        #expect(world.nextDueTime() == 0)
        #expect(world.runDue(now: 2).map { world.schema.groups[$0.group].name } == ["regen"])
        try world.expectMove()
    }

    @Test("an event that was added after its group's time had come stays due at once across a reload")
    func notWaiting() throws {
        let world = makeWorld()
        let player = try world.spawn(.players, 1)
        world.setEventTime(5, slot: 0, group: try world.groupIndex("move"), now: 9)
        try world.addEvent(group: "move", event: "up", to: player, now: 9)
        _ = world.apply(schema { $0.groups[0].order = 9 })
        #expect(world.runDue(now: 10).map(\.at) == [10])
    }

    @Test("pending events of removed groups and events are kept aside and named; the entity's others stay")
    func pendingDropped() throws {
        let world = makeWorld()
        let players = try (1...2).map { try world.spawn(.players, $0) }
        try world.addEvent(group: "move", event: "up", to: players[0], now: 1)
        try world.addEvent(group: "regen", to: players[0], now: 1)
        try world.addEvent(group: "move", event: "index", to: players[1], now: 1)
        let withoutUp = world.apply(schema { $0.groups[1].events.removeAll { $0.name == "up" } })
        #expect(withoutUp.count == 1)
        #expect(withoutUp.first?.contains("players_1") == true && withoutUp.first?.contains("'up'") == true)
        #expect(world.queue.pendingCount == 2)
        let withoutMove = world.apply(schema { $0.groups.removeAll { $0.name == "move" } })
        #expect(withoutMove == ["players_2: pending event move/index is kept aside: no such group"])
        #expect(world.runDue(now: 2).map(\.entity) == [players[0]])
        #expect((world.queue.entryCount == 0) && world.queue.pendingCount == 0)
    }

    @Test("pending parameters get new defaults, and an event that now needs another parameter is kept aside")
    func newParameters() throws {
        let world = makeWorld()
        let player = try world.spawn(.players, 1)
        try world.addEvent(group: "regen", to: player, now: 1)
        func regen(_ parameters: [EventParameter]) -> Schema {
            schema { $0.groups[0].events[0].parameters = parameters }
        }
        let life = EventParameter(name: "life", type: .number)
        let haste = EventParameter(name: "haste", type: .boolean, defaultValue: .bool(false))
        #expect(world.apply(regen([life, haste])).isEmpty)
        #expect(try world.event("regen", of: player).data == ["life": .number(1), "haste": .bool(false)])
        let problems = world.apply(regen([life, haste, EventParameter(name: "who", type: .string)]))
        #expect(problems.count == 1 && problems.first?.contains("'who'") == true, "\(problems)")
        #expect(world.nextDueTime() == nil)
    }

    @Test("an event taken before the schema changed in the same tick does not run")
    func staleToken() throws {
        let world = makeWorld()
        let player = try world.spawn(.players, 1)
        try world.addEvent(group: "move", event: "up", to: player, now: 1)
        let token = try #require(world.collectDue(now: 2).first)
        _ = world.apply(Schema())
        #expect(world.removeDue(token, now: 2) == nil)
    }
}
