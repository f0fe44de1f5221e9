import JSONValues
import Testing
import World

@Suite("Fields and components") struct FieldTests {
    @Test("system fields of every type keep their values in every slot, also while the world grows")
    func systemFields() throws {
        let world = makeWorld()
        let numbers: [SystemField] = [.x, .y, .z, .sort]
        let texts: [SystemField] = [.side, .action, .prefab]
        let handles = try (1...300).map { id in
            let handle = try world.spawn(.objects, id)
            for (place, field) in numbers.enumerated() { world.set(field, Double(id * 10 + place), slot: id - 1) }
            for (place, field) in texts.enumerated() { world.set(field, "\(id) \(place)", slot: id - 1) }
            return handle
        }
        for (index, handle) in handles.enumerated() {
            #expect(Int(handle.slot) == index)
            #expect(numbers.map { world.number($0, slot: index) } == (0..<4).map { Double((index + 1) * 10 + $0) })
            #expect(texts.map { world.text($0, slot: index) } == (0..<3).map { "\(index + 1) \($0)" })
        }
    }

    @Test("a value must be of the declared type, or nil [M10.3]")
    func types() throws {
        let world = makeWorld()
        let player = try world.spawn(.players, 1)
        let fitting: [(String, JSON)] = [
            ("hp", .number(-2.5)), ("hp", .null), ("title", .string("")), ("title", .null),
            ("bag", .array([.null, .number(1)])),
            ("bag", .object(["a": .object([:])])), ("bag", .null),
        ]
        for (name, value) in fitting {
            try world.setComponent(name, to: value, of: player)
            #expect(world.component(name, of: player) == value)
        }
        let wrong: [(String, JSON, String)] = [
            ("hp", .string("5"), "number"), ("hp", .bool(true), "number"), ("hp", .number(.nan), "number"),
            ("hp", .number(.infinity), "number"), ("title", .number(5), "string"), ("title", .array([]), "string"),
            ("bag", .string("{}"), "table"), ("bag", .number(1), "table"),
        ]
        for (name, value, expected) in wrong {
            let before = world.component(name, of: player)
            let error = #expect(throws: WorldError.self) { try world.setComponent(name, to: value, of: player) }
            #expect(error == .wrongType(component: name, expected: expected, given: value.typeName))
            #expect(world.component(name, of: player) == before)
        }
    }

    @Test("\"A name that is not declared for that entity's type is an error\" [2-lua-api.md 4]")
    func unknown() throws {
        let world = makeWorld()
        let player = try world.spawn(.players, 1)
        let sheep = try world.spawn(.animals, 1)
        let error = #expect(throws: WorldError.self) { try world.setComponent("mood", to: .null, of: player) }
        #expect(error == .unknownComponent(name: "mood", kind: .players, known: ["bag", "hp", "title"]))
        #expect(world.component("mood", of: player) == nil)
        #expect(world.component("mood", of: sheep) == .null)
        try world.setComponent("mood", to: .string("calm"), of: sheep)
        #expect(world.component("mood", of: sheep) == .string("calm"))
        #expect(throws: WorldError.self) { try world.setComponent("nothing", to: .null, of: sheep) }
    }

    @Test("a removed entity has no components, and setting one does nothing")
    func gone() throws {
        let world = makeWorld()
        let old = try world.spawn(.players, 1)
        world.remove(old)
        let new = try world.spawn(.players, 2)
        try world.setComponent("hp", to: .number(1), of: old)
        #expect(world.component("hp", of: old) == nil)
        #expect(world.component("hp", of: new) == .number(5))
    }

    @Test("setting the same value is not a change, except for `action` [1-protocol.md 4.2]")
    func dirtyBits() throws {
        let world = makeWorld()
        let player = try world.spawn(.players, 1, x: 3)
        world.markAllSent()
        world.set(.x, 3, slot: 0)
        world.set(.side, "down", slot: 0)
        try world.setComponent("hp", to: .number(5), of: player)
        try world.setComponent("title", to: .string("novice"), of: player)
        #expect(!world.hasChanges)
        world.set(.action, "", slot: 0)
        #expect(world.changes.contains(column: SystemField.action.rawValue, slot: 0) == true)
        #expect(Array(world.changes.slots) == [0])
        world.set(.x, 4, slot: 0)
        world.set(.x, 3, slot: 0)
        #expect(world.changes.contains(column: SystemField.x.rawValue, slot: 0) == true)
        #expect(Array(world.changes.slots) == [0])
    }

    @Test("a new entity has every component of its kind with its default [M10.1]")
    func defaults() throws {
        let world = makeWorld()
        let record = world.record(of: try world.spawn(.animals, 1))
        #expect(
            record?.components == ["hp": .number(5), "title": .string("novice"), "bag": .array([]), "mood": .null])
        #expect(world.record(of: try world.spawn(.players, 1))?.components["mood"] == nil)
    }

}
