import JSONValues
import Testing
import Wire
import World

@Suite("Deltas") struct DeltaTests {
    private let world: World
    private let encoder = DeltaEncoder()
    private let player: EntityHandle
    private let other: EntityHandle
    private let goblin: EntityHandle

    init() throws {
        let world = World(
            geometry: MapGeometry(id: 4, name: "m", width: 20, height: 20),
            schema: Schema(
                components: [
                    ComponentDefinition(name: "bag", type: .json, defaultValue: .array([]), isPrivate: true),
                    ComponentDefinition(name: "hp", type: .number, defaultValue: .number(5)),
                    ComponentDefinition(name: "title", type: .string),
                ],
                groups: [
                    EventGroupDefinition(
                        name: "move",
                        events: [
                            EventDefinition(
                                name: "to",
                                parameters: [EventParameter(name: "x", type: .number, defaultValue: .number(1))])
                        ])
                ]))
        func add(_ kind: EntityKind, _ id: Int) throws -> EntityHandle {
            let record = EntityRecord(
                key: EntityKey(kind, id), login: kind == .players ? "p" : nil, mapID: 4, x: 1, y: 2)
            return try world.add(record).entity
        }
        self.world = world
        player = try add(.players, 24)
        other = try add(.players, 25)
        goblin = try add(.enemys, 3)
        world.markAllSent()
    }

    /// The delta that all clients get, or that of one receiver, without tick and time.
    private func delta(for receiver: EntityHandle? = nil, commands: String? = nil) throws -> JSON {
        encoder.encode(world, tick: 91234, time: 1_670_069_589.91784)
        world.markChangesSent()
        return try message(receiver, commands)
    }

    private func message(_ receiver: EntityHandle?, _ commands: String? = nil) throws -> JSON {
        var object = try #require(try encoder.message(slot: receiver?.slot, commands: commands).object)
        #expect(object["tick"] == .number(91234))
        #expect(object["time"] == .number(1_670_069_589.9178))
        object["tick"] = nil
        object["time"] = nil
        return .object(object)
    }

    private func json(_ text: String) throws -> JSON { try JSON(parsing: text) }

    @Test("\"Only kinds, entities and fields that changed\" [1-protocol.md 4.2]")
    func onlyChanges() throws {
        #expect(try delta() == .object([:]))
        #expect(!encoder.hasPublicChanges)
        world.set(.x, 160, slot: Int(player.slot))
        try world.setComponent("hp", to: .number(4), of: player)
        try world.addEvent(group: "move", event: "to", to: goblin, now: 1, commandID: 1_670_069_589_900)
        let expected = """
            {"players":[{"id":24,"key":"players_24","x":160,"components":{"hp":4}}],
             "enemys":[{"id":3,"key":"enemys_3","events":
              {"move":{"action":"to","data":{"x":1},"command_id":1670069589900,"time":0}}}]}
            """
        #expect(try delta() == json(expected))
        #expect(encoder.hasPublicChanges)
        #expect(try delta() == .object([:]))
    }

    @Test("\"several changes of one field leave as one; a value that ends as it began is not sent\"")
    func unchanged() throws {
        for x in [5.0, 6, 1] { world.set(.x, x, slot: Int(player.slot)) }
        for side in ["up", "left", "down"] { world.set(.side, side, slot: Int(player.slot)) }
        try world.setComponent("hp", to: .null, of: player)
        try world.setComponent("hp", to: .number(5), of: player)
        try world.setComponent("title", to: .string("king"), of: player)
        try world.setComponent("title", to: .null, of: player)
        try world.setComponent("bag", to: .array([.number(1)]), of: player)
        try world.setComponent("bag", to: .array([]), of: player)
        #expect(try delta(for: player) == .object([:]))
        for y in [5.0, 6, 7] { world.set(.y, y, slot: Int(player.slot)) }
        #expect(try delta() == json(#"{"players":[{"id":24,"key":"players_24","y":7}]}"#))
    }

    @Test("\"… except `action`, sent whenever it was assigned\"")
    func action() throws {
        world.set(.action, "", slot: Int(goblin.slot))
        #expect(try delta() == json(#"{"enemys":[{"id":3,"key":"enemys_3","action":""}]}"#))
        #expect(try delta() == .object([:]))
    }

    @Test("a component that becomes nil is sent as null")
    func null() throws {
        try world.setComponent("hp", to: .null, of: goblin)
        #expect(try delta() == json(#"{"enemys":[{"id":3,"key":"enemys_3","components":{"hp":null}}]}"#))
    }

    @Test("of \"several changes\" of an event only the final differences are sent")
    func events() throws {
        try world.addEvent(group: "move", event: "to", to: goblin, now: 1)
        _ = try delta()
        world.setEventTime(7, slot: Int(goblin.slot), group: 0, now: 1)
        world.clearEvent(slot: Int(goblin.slot), group: 0)
        try world.addEvent(group: "move", event: "to", to: goblin, now: 1)
        #expect(try delta() == json(#"{"enemys":[{"id":3,"key":"enemys_3","events":{"move":{"time":7}}}]}"#))
        world.clearEvent(slot: Int(goblin.slot), group: 0)
        #expect(
            try delta()
                == json(#"{"enemys":[{"id":3,"key":"enemys_3","events":{"move":{"action":null,"data":null}}}]}"#))
    }

    @Test("\"A new entity comes with all its fields\", private ones to its owner only [M9.7, M9.10]")
    func newEntity() throws {
        let record = EntityRecord(
            key: EntityKey(.players, 9), login: "eve", mapID: 4, prefab: "P", x: 3, y: 4, side: "left",
            created: 1_668_106_433)
        let new = try world.add(record).entity
        let fields = """
            "id":9,"key":"players_9","type":"players","map_id":4,"prefab":"P","x":3,"y":4,"z":0,"sort":0,"side":"left",
            "action":"","created":"2022-11-10 18:53:53","login":"eve","events":{}
            """
        #expect(
            try delta(for: player) == json("{\"players\":[{\(fields),\"components\":{\"hp\":5,\"title\":null}}]}"))
        #expect(
            try message(new)
                == json("{\"players\":[{\(fields),\"components\":{\"bag\":[],\"hp\":5,\"title\":null}}]}"))
    }

    @Test(
        "\"A removed one comes as … action remove, with map_id when it moved\"; an entity never sent is not mentioned")
    func removals() throws {
        world.remove(goblin)
        world.remove(other, movedTo: 7)
        world.remove(try world.add(EntityRecord(key: EntityKey(.objects, 1), mapID: 4, x: 1, y: 1)).entity)
        let expected = """
            {"enemys":[{"id":3,"key":"enemys_3","action":"remove"}],
             "players":[{"id":25,"key":"players_25","action":"remove","map_id":7}]}
            """
        #expect(try delta() == json(expected))
        #expect(try delta() == .object([:]))
    }

    @Test("an entity removed and added again between two sends is sent as removed and then as new")
    func comingBack() throws {
        try world.addEvent(group: "move", event: "to", to: goblin, now: 1)
        _ = try delta()
        world.remove(goblin)
        let back = try world.add(EntityRecord(key: EntityKey(.enemys, 3), mapID: 4, x: 1, y: 2)).entity
        let records = try #require(try delta().object?["enemys"]?.array)
        #expect(records.count == 2)
        #expect(try records.first == json(#"{"id":3,"key":"enemys_3","action":"remove"}"#))
        #expect(records.last?.object?["events"] == .object([:]))
        // Several removals before the next send are one removal, with the map of the last one.
        world.remove(back)
        world.remove(try world.add(EntityRecord(key: EntityKey(.enemys, 3), mapID: 4, x: 1, y: 2)).entity, movedTo: 5)
        #expect(try delta() == json(#"{"enemys":[{"id":3,"key":"enemys_3","action":"remove","map_id":5}]}"#))
    }

    @Test("\"Private components go to their owner only\" [M9.10]")
    func privateOnly() throws {
        try world.setComponent("bag", to: .array([.string("potion")]), of: player)
        try world.setComponent("bag", to: .array([.string("club")]), of: goblin)
        #expect(try delta() == .object([:]))
        #expect(!encoder.hasPublicChanges)
        #expect(encoder.hasPrivateChanges(slot: player.slot))
        #expect(!encoder.hasPrivateChanges(slot: other.slot))
        let own = #"{"id":24,"key":"players_24","components":{"bag":["potion"]}}"#
        #expect(try message(player) == json("{\"players\":[\(own)]}"))
        #expect(try message(other) == .object([:]))
    }

    @Test("private changes are joined with the shared changes, in the same record or beside it")
    func privateBeside() throws {
        try world.setComponent("bag", to: .array([.number(1)]), of: player)
        world.set(.x, 2, slot: Int(player.slot))
        world.set(.x, 3, slot: Int(other.slot))
        _ = try delta()
        let shared = #"{"id":25,"key":"players_25","x":3}"#
        #expect(try message(nil) == json("{\"players\":[{\"id\":24,\"key\":\"players_24\",\"x\":2},\(shared)]}"))
        #expect(
            try message(player)
                == json(
                    "{\"players\":[{\"id\":24,\"key\":\"players_24\",\"x\":2,\"components\":{\"bag\":[1]}},\(shared)]}")
        )
        try world.setComponent("bag", to: .array([]), of: player)
        world.set(.x, 4, slot: Int(other.slot))
        _ = try delta()
        let (fresh, own) = (
            #"{"id":25,"key":"players_25","x":4}"#, #"{"id":24,"key":"players_24","components":{"bag":[]}}"#
        )
        #expect(try message(nil) == json("{\"players\":[\(fresh)]}"))
        #expect(try message(player) == json("{\"players\":[\(fresh),\(own)]}"))
    }

    @Test("\"`commands` goes to the sender only\", with changes or without")
    func commands() throws {
        let commands = #"{"move":{"command_id":1670069589900,"wait_time":0.012}}"#
        #expect(try delta(for: player, commands: commands) == json("{\"commands\":\(commands)}"))
        world.set(.x, 2, slot: Int(player.slot))
        #expect(
            try delta(for: player, commands: commands)
                == json("{\"players\":[{\"id\":24,\"key\":\"players_24\",\"x\":2}],\"commands\":\(commands)}"))
        #expect(try message(other).object?["commands"] == nil)
    }

    @Test("a change inside a table is sent as the component's new value")
    func tables() throws {
        try world.setComponent("bag", to: try json(#"{"slots":[{"n":1}]}"#), of: player)
        _ = try delta()
        let node = try #require(try world.column(ofComponent: "bag", slot: Int(player.slot)).nodes[Int(player.slot)])
        guard case .node(let slots)? = node[.name("slots")] else {
            Issue.record("no table")
            return
        }
        try world.set(.index(2), of: slots, to: .object(["n": .number(2)]))
        #expect(
            try delta(for: player)
                == json(#"{"players":[{"id":24,"key":"players_24","components":{"bag":{"slots":[{"n":1},{"n":2}]}}}]}"#)
        )
        try world.set(.index(2), of: slots, to: nil)
        try world.set(.index(2), of: slots, to: .object(["n": .number(2)]))
        #expect(try delta(for: player) == .object([:]))
    }

    @Test("after everything is marked as sent a delta is empty, and later changes are sent")
    func markAllSent() throws {
        world.set(.x, 2, slot: Int(player.slot))
        world.remove(goblin)
        world.markAllSent()
        #expect(!world.hasChanges)
        #expect(try delta() == .object([:]))
        world.set(.x, 1, slot: Int(player.slot))
        world.set(.x, 3, slot: Int(other.slot))
        world.markChangesSent()
        world.set(.x, 4, slot: Int(other.slot))
        #expect(try delta() == json(#"{"players":[{"id":25,"key":"players_25","x":4}]}"#))
    }
}
