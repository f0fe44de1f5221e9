import LuaSandbox
import Testing

@Suite("Objects of a movable class in what a script assigns") struct MovableTests {
    private static let boxClass: UInt16 = 9
    private static let bagClass: UInt16 = 10

    /// Runs a script with two boxes, which are movable, and a bag, which only packs; gives the arguments of each
    /// assignment and call.
    private func arguments(_ script: String) throws -> [String] {
        let sandbox = try LuaSandbox()
        try sandbox.register(
            HostClass(
                id: Self.boxClass, name: "box", options: [.dynamic, .packs, .movable],
                members: [.method("give", id: 1), .property("lid", id: 2, writable: true)]))
        try sandbox.register(HostClass(id: Self.bagClass, name: "bag", options: [.dynamic, .packs]))
        for (name, classID, slot) in [("a", Self.boxClass, 1), ("b", Self.boxClass, 2), ("bag", Self.bagClass, 3)] {
            try sandbox.setGlobal(
                name, .reference(HostReference(classID: classID, slot: UInt32(slot))), in: sandbox.baseEnvironment)
        }
        var given: [String] = []
        sandbox.handler = { call in
            switch call.operation {
            case .pack: call.returnPacked(PackedWriter.pack(.array([.number(Double(call.reference.slot))])))
            case .newIndex: given.append(Self.text(call.value(at: 1)))
            case .set, .call: given.append(Self.text(call.value(at: 0)))
            default: break
            }
        }
        let environment = try sandbox.makeEnvironment()
        _ = try sandbox.call(
            try sandbox.compile(script, name: "script", environment: environment), limit: .seconds(1))
        return given
    }

    private static func text(_ value: LuaValue) -> String {
        switch value {
        case .reference(let reference): "box \(reference.slot)"
        case .array(let values): "[\(values.map(text).joined(separator: ","))]"
        case .object(let fields): "{\(fields.map { "\($0.key)=\(text($0.value))" }.joined(separator: ","))}"
        case .number(let number): "\(Int(number))"
        default: "\(value)"
        }
    }

    @Test(
        "they come as themselves, alone and at any depth; all others and all other operations have them packed",
        arguments: [
            ("a.x = b", "box 2"), ("a[1] = a", "box 1"), ("a.x = {b, {a}}", "[box 2,[box 1]]"), ("a.lid = b", "box 2"),
            ("a.lid = {b}", "[box 2]"), ("bag.x = a", "box 1"), ("a.x = bag", "[3]"), ("a.x = {bag}", "[[3]]"),
            ("a.give(b)", "[2]"), ("a.give({b})", "[[2]]"),
        ])
    func forms(script: String, expected: String) throws {
        #expect(try arguments(script) == [expected])
    }
}
