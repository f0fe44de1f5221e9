import Testing

@testable import JSONValues

/// A generator of random numbers with a seed (SplitMix64).
private struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}

@Suite("Trees of JSON values") struct JSONNodeTests {
    private func json(_ text: String) throws -> JSON { try JSON(parsing: text) }

    private func node(_ text: String) throws -> JSONNode { JSONNode(try json(text)) }

    @Test("keeps `[]` and `{}` apart: \"An empty table stays the kind it was\" [2-lua-api.md 4]")
    func emptyKinds() throws {
        #expect(try node("[]").bytes == Array("[]".utf8))
        #expect(try node("{}").bytes == Array("{}".utf8))
        let list = try node("[7]")
        try list.set(.index(1), to: nil)
        #expect(list.bytes == Array("[]".utf8))
        let object = try node("{\"a\":7}")
        try object.set(.name("a"), to: nil)
        #expect(object.bytes == Array("{}".utf8))
    }

    @Test("an empty table gets the kind of its first key")
    func firstKey() throws {
        let list = try node("{}")
        try list.set(.index(1), to: .bool(true))
        #expect(list.json == .array([.bool(true)]))
        let object = try node("[]")
        try object.set(.name("a"), to: .bool(true))
        #expect(object.json == .object(["a": .bool(true)]))
        let sparse = try node("[]")
        try sparse.set(.index(3), to: .bool(true))
        #expect(sparse.json == .object(["3": .bool(true)]))
    }

    @Test("an array that gets a key that does not fit turns into an object with the numbers as text")
    func becomesObject() throws {
        let table = try node("[1,null,{\"deep\":true}]")
        try table.set(.name("label"), to: .string("x"))
        #expect(table.json == (try json(#"{"1":1,"3":{"deep":true},"label":"x"}"#)))
        #expect(table[.index(1)]?.json == .number(1))
        #expect(table[.name("1")]?.json == .number(1))
        #expect(table[.index(2)] == nil)
    }

    @Test(
        "a table is an array as soon as its keys are 1 to n, in whatever order they came; a hole or a key 0 makes an object",
        arguments: [
            ([2, 1], true), ([3, 2, 1], true), ([1, 3, 2], true), ([2, 4, 3, 1], true), ([2], false),
            ([3, 1], false), ([0, 1], false), ([-1, 1], false), ([2, 1, 4], false), ([1, 2, 0], false),
            ([4_294_967_296, 1, 2], false), ([Int.max, 1], false), ([1, 2, 3, 5, 6, 7], false),
        ],
        ["[]", "{}", "[9,9]", #"{"x":1}"#, #"{"1":1,"2":2}"#, "[1,null,3]"])
    func order(keys: (order: [Int], isArray: Bool), start: String) throws {
        let table = try node(start)
        while let first = table.next(after: nil) { try table.set(first.key, to: nil) }
        for key in keys.order {
            // Half of them twice, so that keys that are there already count once.
            for _ in 0...(key & 1) { try table.set(.index(key), to: .number(Double(key))) }
        }
        var object = JSONObject()
        for key in keys.order { object["\(key)"] = .number(Double(key)) }
        let wanted =
            keys.isArray ? JSON.array((1...keys.order.count).map { .number(Double($0)) }) : .object(object)
        #expect(table.json == wanted)
        #expect(table.isArray == keys.isArray)
        #expect(try JSON(parsing: table.bytes) == wanted)
        #expect(table.weight == trueWeight(wanted))
        #expect(JSONSize(wanted).weight == trueWeight(wanted))
        #expect(JSONNode(wanted).json == wanted)
        // A hole makes an object of an array, and filling it an array again.
        guard keys.isArray, keys.order.count > 2 else { return }
        try table.set(.index(2), to: nil)
        #expect(!table.isArray && table.weight == trueWeight(table.json))
        try table.set(.index(2), to: .number(2))
        #expect(table.json == wanted && table.weight == trueWeight(wanted))
    }

    @Test("a long list that is filled in pairs from behind is an array")
    func pairsFromBehind() throws {
        let table = try node("[]")
        for index in stride(from: 1, to: 8000, by: 2) {
            try table.set(.index(index + 1), to: .bool(true))
            try table.set(.index(index), to: .bool(true))
        }
        #expect(table.count == 8000 && table.isArray)
        #expect(table.json == .array(Array(repeating: .bool(true), count: 8000)))
    }

    @Test("taking away the last key that does not fit makes an array, without ending a loop that does it")
    func becomesArray() throws {
        let table = try node(#"{"x":1,"2":2,"1":1,"y":3}"#)
        var visited: [JSONKey] = []
        var key: JSONKey?
        while let next = table.next(after: key) {
            visited.append(next.key)
            if case .name = next.key { try table.set(next.key, to: nil) }
            key = next.key
        }
        #expect(visited == [.name("x"), .index(2), .index(1), .name("y")])
        #expect(table.bytes == Array("[1,2]".utf8))
        #expect(table.count == 2)
        #expect(table.weight == trueWeight(table.json))
    }

    @Test("elements are appended, replaced and removed; an array never ends with null")
    func arrays() throws {
        let table = try node("[1,2,3]")
        try table.set(.index(4), to: .number(4))
        try table.set(.index(2), to: nil)
        #expect(table.json == (try json(#"{"1":1,"3":3,"4":4}"#)))
        #expect(table.count == 4)
        #expect(table[.index(2)] == nil)
        try table.set(.index(4), to: nil)
        try table.set(.index(3), to: .null)
        #expect(table.json == (try json("[1]")))
        #expect(try node("[null,1,null,null]").json == (try json(#"{"2":1}"#)))
        #expect(try node("[1,2,null,null]").json == (try json("[1,2]")))
        #expect(try node("{\"a\":null}").json == .object([:]))
    }

    @Test("`t[\"5\"]` and `t[5]` are the same place, `t[\"05\"]` and `t[\"+5\"]` are different ones")
    func numericNames() throws {
        let table = try node("[10,20,30,40,50]")
        #expect(table[.name("5")]?.json == .number(50))
        #expect(table[.name("05")] == nil)
        #expect(table[.name("+5")] == nil)
        #expect(table[.index(0)] == nil && table[.index(6)] == nil && table[.index(-1)] == nil)
        try table.set(.name("5"), to: .number(51))
        #expect(table[.index(5)]?.json == .number(51))
        try table.set(.name("05"), to: .number(1))
        #expect(!table.isArray)
        #expect(table[.index(5)]?.json == .number(51))
        #expect(table[.name("05")]?.json == .number(1))
    }

    @Test("`#` of an object counts its whole numbers from 1, as a Lua border")
    func border() throws {
        #expect(try node(#"{"1":1,"2":1,"3":1,"5":1,"a":1}"#).count == 3)
        #expect(try node(#"{"a":1}"#).count == 0)
    }

    @Test(
        "a loop may clear each element that it visits, and still visits all",
        arguments: ["[1,2,3,null,5]", "small", "large"])
    func clearingLoop(text: String) throws {
        let size = ["small": 6, "large": 200][text]
        let members = (0..<(size ?? 0)).map { "\"k\($0)\":\($0)" }.joined(separator: ",")
        let table = try node(size == nil ? text : "{\(members)}")
        var visited = 0
        var key: JSONKey?
        while let next = table.next(after: key) {
            visited += 1
            try table.set(next.key, to: nil)
            key = next.key
            try #require(visited <= 200)
        }
        #expect(visited == size ?? 4)
        #expect(table.isEmpty)
        #expect(table.next(after: nil) == nil)
    }

    @Test("a loop may clear everything at once and then ends")
    func clearingAhead() throws {
        let table = try node(#"{"a":1,"b":2,"c":3,"d":4}"#)
        let first = try #require(table.next(after: nil))
        for name in ["a", "b", "c", "d"] { try table.set(.name(name), to: nil) }
        #expect(table.next(after: first.key) == nil)
        #expect(table.next(after: .name("never there")) == nil)
        #expect(try node("[1,2]").next(after: .name("x")) == nil)
        #expect(try node("[1,2]").next(after: .index(7)) == nil)
    }

    @Test("clearing and refilling ten thousand members costs constant time each")
    func refilling() throws {
        let table = try node("{}")
        for round in 0..<3 {
            for index in 0..<8000 { try table.set(.name("k\(index)"), to: .number(Double(round))) }
            var key: JSONKey?
            while let next = table.next(after: key) {
                try table.set(next.key, to: nil)
                key = next.key
            }
            #expect(table.isEmpty)
            #expect(table.weight == JSONSize.valueWeight)
        }
    }

    @Test("an inserted value is copied: changing the copy does not change the original")
    func copies() throws {
        let table = try node(#"{"a":{"n":1}}"#)
        try table.set(.name("b"), to: table[.name("a")]?.json)
        guard case .node(let copy)? = table[.name("b")] else {
            Issue.record("no node")
            return
        }
        try copy.set(.name("n"), to: .number(2))
        #expect(table.json == (try json(#"{"a":{"n":1},"b":{"n":2}}"#)))
    }

    @Test("a change that would make a tree too large is refused, and the tree stays as it was")
    func weightLimit() throws {
        let table = try node(#"{"deep":{}}"#)
        guard case .node(let deep)? = table[.name("deep")] else {
            Issue.record("no node")
            return
        }
        let text = JSON.string(String(repeating: "x", count: 10_000))
        var stored = 0
        #expect(throws: JSONLimitError.tooLarge(limit: JSONNode.maxWeight)) {
            for index in 1...100 {
                try deep.set(.index(index), to: text)
                stored = index
            }
        }
        #expect(stored == 26)
        #expect(deep.count == 26)
        #expect(table.weight <= JSONNode.maxWeight)
        try deep.set(.index(26), to: nil)
        try deep.set(.index(26), to: text)
        #expect(throws: JSONLimitError.tooLarge(limit: JSONNode.maxWeight)) {
            try table.set(.name("all"), to: .array(Array(repeating: text, count: 30)))
        }
        #expect(table[.name("all")] == nil)
    }

    @Test("a change that would nest too deep is refused, also when the tree is built table by table")
    func depthLimit() throws {
        let limit = JSONNode.maxDepth
        let deepest = String(repeating: "[", count: limit - 1) + String(repeating: "]", count: limit - 1)
        let list = try node("[]")
        try list.set(.index(1), to: try json(deepest))
        #expect(throws: JSONLimitError.tooDeep(limit: limit)) {
            try list.set(.index(1), to: try json("[\(deepest)]"))
        }
        #expect(list.json == .array([try json(deepest)]))
        let root = try node("{}")
        var (table, depth) = (root, 1)
        #expect(throws: JSONLimitError.tooDeep(limit: limit)) {
            while depth < 1000 {
                try table.set(.name("t"), to: .object([:]))
                guard case .node(let next)? = table[.name("t")] else { return }
                (table, depth) = (next, depth + 1)
            }
        }
        #expect(depth == limit)
        #expect(try JSON(parsing: root.bytes) == root.json)
    }

    @Test("a change counts for all tables that contain it, and their bytes are made again")
    func changesReachTheRoot() throws {
        let root = try node(#"{"slots":[{"n":1},{"n":2}]}"#)
        guard case .node(let slots)? = root[.name("slots")], case .node(let second)? = slots[.index(2)] else {
            Issue.record("no nodes")
            return
        }
        _ = (root.bytes, slots.bytes, second.bytes)
        let change = try second.change(.name("n"), to: .string("three"))
        #expect(change.growth == 5)
        #expect(change.replaced == nil)
        let weight = root.weight
        #expect(second.bytes == Array(#"{"n":2}"#.utf8))
        second.make(change)
        #expect(root.weight == weight + 5)
        #expect(root.bytes == Array(#"{"slots":[{"n":1},{"n":"three"}]}"#.utf8))
        #expect(slots.bytes == Array(#"[{"n":1},{"n":"three"}]"#.utf8))
        #expect(second.bytes == Array(#"{"n":"three"}"#.utf8))
    }

    /// A model of a table: a plain dictionary.
    private struct Model {
        var values: [JSONKey: JSON] = [:]
        mutating func set(_ key: JSONKey, _ value: JSON?) { values[key] = value == .null ? nil : value }
    }

    private func trueWeight(_ value: JSON) -> Int {
        switch value {
        case .array(let elements): elements.reduce(16) { $0 + trueWeight($1) }
        case .object(let object): object.members.reduce(16) { $0 + $1.key.utf8.count + trueWeight($1.value) }
        case .string(let text): 16 + text.utf8.count
        default: 16
        }
    }

    @Test("behaves like a table under any sequence of changes", arguments: 0..<8 as Range<UInt64>)
    func againstModel(seed: UInt64) throws {
        var random = SplitMix(state: seed)
        let root = try node("{}")
        try root.set(.name("t"), to: seed % 2 == 0 ? .array([]) : .object([:]))
        guard case .node(let table)? = root[.name("t")] else {
            Issue.record("no node")
            return
        }
        var model = Model()
        let values: [JSON] = [
            .number(1), .string("text"), .bool(false), .array([.number(1), .string("x")]), .null,
            .object(["deep": .array([.object([:])]), "7": .number(7)]),
        ]
        for step in 0..<400 {
            let isNamed = seed % 4 >= 2 && Int.random(in: 0..<10, using: &random) == 0
            let key =
                isNamed
                ? JSONKey.name("n\(Int.random(in: 0..<12, using: &random))")
                : .index(Int.random(in: 1...(1 + step % 20), using: &random))
            let value = Int.random(in: 0..<3, using: &random) == 0 ? nil : values.randomElement(using: &random)
            try table.set(key, to: value)
            model.set(key, value)
            if step % 100 == 99 {
                for key in model.values.keys { try table.set(key, to: nil) }
                model.values = [:]
                #expect(table.isEmpty)
            }
            #expect(root.weight == trueWeight(root.json))
            var visited: [JSONKey: JSON] = [:]
            var cursor: JSONKey?
            while let next = table.next(after: cursor) {
                #expect(visited.updateValue(next.value.json, forKey: next.key) == nil)
                cursor = next.key
            }
            #expect(visited == model.values)
            for key in model.values.keys { #expect(table[key]?.json == model.values[key]) }
            #expect(try JSON(parsing: root.bytes) == root.json)
        }
    }
}
