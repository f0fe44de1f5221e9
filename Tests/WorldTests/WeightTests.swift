import JSONValues
import Testing

@testable import World

@Suite("The weight of a map's texts and tables, and its bound") struct WeightTests {
    /// The weight, computed from all values.
    static func weigh(_ world: World) -> Int {
        world.entities.reduce(0) { sum, entity in
            let slot = Int(entity.slot)
            let columns = world.columns.all.compactMap { $0 }.reduce(0) {
                $0 + world.json(column: $1, slot: slot).weight
            }
            let events = (0..<world.queue.groupCount).reduce(0) { $0 + world.state(slot, $1).dataWeight }
            return sum + columns + events
        }
    }

    static func randomText(_ random: inout SeededGenerator) -> String {
        String(repeating: "ä", count: Int.random(in: 0...50, using: &random))
    }

    static func randomTable(_ random: inout SeededGenerator) -> JSON {
        let texts = (0..<Int.random(in: 0...4, using: &random)).map { _ in JSON.string(randomText(&random)) }
        return Bool.random(using: &random) ? .array(texts) : .object(["k": .array(texts), "n": .number(1)])
    }

    @Test("the nulls in an event's data weigh, as they are kept") func nulls() throws {
        let world = makeWorld()
        let player = try world.spawn(.players, 1)
        let before = world.weight.total
        let nulls = JSON.array(Array(repeating: .null, count: 1000))
        var schema = sampleSchema
        schema.groups[0].events[0].parameters.append(EventParameter(name: "list", type: .table))
        _ = world.apply(schema)
        try world.addEvent(group: "regen", data: ["list": nulls], to: player, now: 1)
        #expect(world.weight.total - before >= 16_000)
        _ = world.runDue(now: 2)
        #expect(world.weight.total == before)
    }

    @Test("the weight is the sum over all values after any changes", arguments: 0..<20)
    func exact(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let world = makeWorld(seed: seed)
        var next = 1
        for step in 0..<600 {
            let entity = world.entities.randomElement(using: &random)
            switch (Int.random(in: 0..<12, using: &random), entity) {
            case (0...1, _), (_, nil):
                let kind = EntityKind.allCases.randomElement(using: &random) ?? .objects
                var record = EntityRecord(key: EntityKey(kind, next), mapID: 4, x: 1, y: 1)
                record.side = Self.randomText(&random)
                record.components = ["bag": Self.randomTable(&random), "of old": .string("shelved")]
                _ = try world.add(record, now: 5)
                next += 1
            case (2, let entity?): world.remove(entity)
            case (3, let entity?): world.set(.prefab, Self.randomText(&random), slot: Int(entity.slot))
            case (4, let entity?):
                try world.setComponent("title", to: .string(Self.randomText(&random)), of: entity)
            case (5, let entity?): try world.setComponent("bag", to: Self.randomTable(&random), of: entity)
            case (6...8, let entity?):
                guard let column = world.columns.components["bag"] else { continue }
                let node = column.nodes[Int(entity.slot)]
                let inner = if case .node(let table)? = node?[.name("k")] { table } else { node }
                let (index, text) = (Int.random(in: 1...5, using: &random), Self.randomText(&random))
                if let inner { try world.set(.index(index), of: inner, to: .string(text)) }
            case (9, let entity?):
                try world.addEvent(
                    group: "move", event: "to", data: ["x": .number(1), "y": .number(2)], to: entity, now: 5)
            case (10, _): world.runDue(now: 6)
            case (_, _):
                // Every second time without the component `bag` and the group `move`.
                let kept = step % 2 == 0 ? sampleSchema.components : sampleSchema.components.filter { $0.name != "bag" }
                let groups = step % 2 == 0 ? sampleSchema.groups : [sampleSchema.groups[1]]
                if step % 50 < 2 { _ = world.apply(Schema(components: kept, groups: groups)) }
                if step % 2 == 1 { _ = world.apply(sampleSchema) }
            }
            #expect(world.weight.total == Self.weigh(world), "after step \(step)")
        }
        world.entities.forEach { world.remove($0) }
        #expect(world.weight.total == 0)
    }

    @Test("growth above the bound is refused and changes nothing; shrinking is never refused")
    func bound() throws {
        let world = makeWorld()
        let entity = try world.spawn(.players, 1)
        world.weight.limit = world.weight.total + 100
        try world.checkRoom(for: 100)
        #expect(throws: WorldError.tooHeavy(limit: world.weight.limit)) { try world.checkRoom(for: 101) }
        let bag = try #require(world.columns.components["bag"]?.nodes[Int(entity.slot)])
        let long = JSON.string(String(repeating: "x", count: 90))
        #expect(throws: WorldError.tooHeavy(limit: world.weight.limit)) { try world.set(.index(1), of: bag, to: long) }
        #expect(bag.isEmpty)
        try world.set(.index(1), of: bag, to: .string("short"))
        world.weight.limit = 0
        try world.set(.index(1), of: bag, to: .string("s"))
        try world.set(.index(1), of: bag, to: nil)
        // The bound does not apply to clients' commands, which are small; for scripts' data the caller checks the room.
        try world.addEvent(group: "move", event: "up", to: entity, now: 0)
        let data: JSONObject = ["x": .number(1), "y": .number(1)]
        let (slot, move) = (Int(entity.slot), try world.groupIndex("move"))
        #expect(throws: WorldError.tooHeavy(limit: 0)) {
            try world.checkRoom(forData: data, slot: slot, group: move)
        }
        try world.checkRoom(forData: [:], slot: slot, group: move)
        try world.addEvent(group: "move", event: "to", data: data, to: entity, now: 0)
        try world.checkRoom(forData: data, slot: slot, group: move)
        // The bound does not apply to entities from the store or from another map.
        var record = EntityRecord(key: EntityKey(.players, 2), mapID: 4, x: 1, y: 1)
        record.components["title"] = .string("the heaviest of them all")
        _ = try world.add(record)
        #expect(world.count == 2)
    }

    @Test("an event's parameters have the same bound as a json component")
    func parameters() throws {
        let group = EventGroupDefinition(
            name: "say", order: 1,
            events: [
                EventDefinition(
                    name: "index", parameters: [EventParameter(name: "text", type: .any)])
            ])
        let world = makeWorld(schema: Schema(components: [], groups: [group]))
        let entity = try world.spawn(.players, 1)
        let heavy = JSON.string(String(repeating: "x", count: JSONNode.maxWeight))
        let deep = (0..<JSONNode.maxDepth).reduce(JSON.array([])) { inner, _ in .array([inner]) }
        for value in [heavy, deep] {
            let error = #expect(throws: WorldError.self) {
                try world.addEvent(group: "say", data: ["text": value], to: entity, now: 0)
            }
            #expect(
                "\(error.map { "\($0)" } ?? "")"
                    == "the parameters of say/index may weigh about 256 KiB and nest 32 tables deep")
        }
        #expect(world.nextDueTime() == nil)
    }
}
