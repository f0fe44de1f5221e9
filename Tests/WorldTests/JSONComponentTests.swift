import JSONValues
import Testing

@testable import World

@Suite("Tables of json components") struct JSONComponentTests {
    private func json(_ text: String) throws -> JSON { try JSON(parsing: text) }

    @Test("a change at any depth reaches the component, and the kept bytes of all enclosing tables are made again")
    func changesReachTheComponent() throws {
        let world = makeWorld()
        let entity = try world.spawn(.players, 1)
        try world.setComponent("bag", to: try json(#"{"slots":[{"n":1},{"n":2}]}"#), of: entity)
        let column = try world.column(ofComponent: "bag", slot: 0)
        world.markAllSent()
        let root = try #require(column.nodes[0])
        guard case .node(let slots)? = root[.name("slots")], case .node(let second)? = slots[.index(2)] else {
            Issue.record("no nodes")
            return
        }
        _ = (root.bytes, slots.bytes, second.bytes)
        try world.set(.name("n"), of: second, to: .number(3))
        #expect(world.changes.contains(column: column.index, slot: 0) == true)
        #expect(root.bytes == Array(#"{"slots":[{"n":1},{"n":3}]}"#.utf8))
        #expect(slots.bytes == Array(#"[{"n":1},{"n":3}]"#.utf8))
        #expect(second.bytes == Array(#"{"n":3}"#.utf8))
    }

    @Test("a table that was removed or replaced no longer changes the component, and stays usable")
    func detaching() throws {
        let world = makeWorld()
        let entity = try world.spawn(.players, 1)
        try world.setComponent("bag", to: try json(#"{"a":{"n":1},"b":{"c":{"n":2}}}"#), of: entity)
        let column = try world.column(ofComponent: "bag", slot: 0)
        let root = try #require(column.nodes[0])
        guard case .node(let first)? = root[.name("a")], case .node(let second)? = root[.name("b")],
            case .node(let deep)? = second[.name("c")]
        else {
            Issue.record("no nodes")
            return
        }
        try world.set(.name("a"), of: root, to: .number(1))
        try world.set(.name("b"), of: root, to: nil)
        world.markAllSent()
        try world.set(.name("n"), of: first, to: .number(9))
        try world.set(.name("n"), of: deep, to: .number(9))
        #expect(world.changes.contains(column: column.index, slot: 0) == false)
        #expect(second.bytes == Array(#"{"c":{"n":9}}"#.utf8))
        try world.setComponent("bag", to: .null, of: entity)
        world.markAllSent()
        try world.set(.name("x"), of: root, to: .number(1))
        #expect(world.changes.contains(column: column.index, slot: 0) == false)
        #expect(world.component("bag", of: entity) == .null)
    }

    @Test("a table stays usable after its entity and its world are gone, and changes neither")
    func outliving() throws {
        var world: World? = makeWorld()
        let entity = try #require(try world?.spawn(.players, 1))
        let other = try #require(try world?.spawn(.players, 2))
        let root = try #require(try world?.column(ofComponent: "bag", slot: 0).nodes[0])
        let second = try #require(try world?.column(ofComponent: "bag", slot: 1).nodes[1])
        world?.remove(entity)
        try world?.set(.index(1), of: root, to: .number(1))
        #expect(world?.key(of: other) != nil)
        world = nil
        second.make(try second.change(.index(1), to: .number(1)))
        #expect(second.bytes == Array("[1]".utf8))
    }

    @Test("a change that would make a component too large is refused, and the component stays as it was")
    func weightLimit() throws {
        let text = JSON.string(String(repeating: "x", count: 10_000))
        let world = makeWorld()
        let entity = try world.spawn(.players, 1)
        #expect(throws: WorldError.jsonTooLarge(limit: JSONNode.maxWeight)) {
            try world.setComponent("bag", to: .array(Array(repeating: text, count: 30)), of: entity)
        }
        #expect(world.component("bag", of: entity) == .array([]))
        let bag = try #require(world.column(ofComponent: "bag", slot: 0).nodes[0])
        #expect(throws: WorldError.jsonTooLarge(limit: JSONNode.maxWeight)) {
            for index in 1...100 { try world.set(.index(index), of: bag, to: text) }
        }
        #expect(bag.count == 26)
        #expect(bag.weight <= JSONNode.maxWeight)
        #expect(world.weight.total == WeightTests.weigh(world))
    }

    @Test("a change that would nest too deep is refused, also when the component is built table by table")
    func depthLimit() throws {
        let limit = JSONNode.maxDepth
        let deepest = String(repeating: "[", count: limit) + String(repeating: "]", count: limit)
        let world = makeWorld()
        let entity = try world.spawn(.players, 1)
        try world.setComponent("bag", to: try json(deepest), of: entity)
        #expect(throws: WorldError.jsonTooDeep(limit: limit)) {
            try world.setComponent("bag", to: try json("[\(deepest)]"), of: entity)
        }
        #expect(world.component("bag", of: entity) == (try json(deepest)))
        var table = try #require(world.column(ofComponent: "bag", slot: 0).nodes[0])
        while case .node(let next)? = table[.index(1)] { table = next }
        #expect(throws: WorldError.jsonTooDeep(limit: limit)) { try world.set(.index(1), of: table, to: .array([])) }
        #expect(world.component("bag", of: entity) == (try json(deepest)))
    }
}
