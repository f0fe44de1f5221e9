import LuaSandbox

/// A sandbox over a thousand rows with numbers `x`, `vx` and a host function `nothing`: the smallest possible game.
final class Scene {
    static let rows = 1000
    static let limit: UInt64 = 30_000_000_000

    let sandbox: LuaSandbox
    let environment: LuaEnvironment
    private let store = HostStore()
    private let generation = UnsafeMutablePointer<UInt32>.allocate(capacity: rows)
    private let kind = UnsafeMutablePointer<UInt8>.allocate(capacity: rows)
    private let x = UnsafeMutablePointer<Double>.allocate(capacity: rows)
    private let vx = UnsafeMutablePointer<Double>.allocate(capacity: rows)
    private let dirty = UnsafeMutablePointer<UInt64>.allocate(capacity: rows)
    private let flags = UnsafeMutablePointer<UInt8>.allocate(capacity: 2 * rows)
    private let lists = UnsafeMutablePointer<UInt32>.allocate(capacity: 2 * rows)
    private let counts = UnsafeMutablePointer<UInt32>.allocate(capacity: 2)

    init() throws {
        generation.initialize(repeating: 1, count: Self.rows)
        kind.initialize(repeating: 0, count: Self.rows)
        x.initialize(repeating: 1, count: Self.rows)
        vx.initialize(repeating: 2, count: Self.rows)
        dirty.initialize(repeating: 0, count: Self.rows)
        flags.initialize(repeating: 0, count: 2 * Self.rows)
        lists.initialize(repeating: 0, count: 2 * Self.rows)
        counts.initialize(repeating: 0, count: 2)
        var configuration = LuaSandbox.Configuration()
        configuration.memoryLimitBytes = 256 << 20
        sandbox = try LuaSandbox(configuration: configuration) { call in
            if call.operation == .toString { Self.name(call) }
        }
        try sandbox.register(
            HostClass(id: 1, name: "entity", options: .entity, members: [.column("x", 0), .column("vx", 1)]))
        try sandbox.register(HostClass(id: 2, name: "objects", options: .entities, related: 1, members: []))
        store.setRows(capacity: Self.rows, generation: generation, kind: kind)
        store.setDirty(words: dirty, wordsPerRow: 1, flag: flags, list: lists, count: counts)
        store.setMoved(flag: flags + Self.rows, list: lists + Self.rows, count: counts + 1)
        store.setColumns([
            StoreColumn(data: x, storage: .double, flags: .moves, kinds: 1, dirtyBit: 0, id: 0),
            StoreColumn(data: vx, storage: .double, flags: [], kinds: 1, dirtyBit: 1, id: 1),
        ])
        sandbox.setStore(store)
        let base = sandbox.baseEnvironment
        try sandbox.setGlobal("objects", .reference(HostReference(classID: 2)), in: base)
        try sandbox.setGlobal("object", .reference(HostReference(classID: 1, slot: 7, generation: 1)), in: base)
        try sandbox.setFunction("nothing", id: 1, in: base)
        environment = try sandbox.makeEnvironment()
    }

    @inline(never)
    private static func name(_ call: HostCall) {
        call.returnValue("npcs_\(call.reference.slot + 1)")
    }

    deinit {
        generation.deallocate()
        kind.deallocate()
        x.deallocate()
        vx.deallocate()
        dirty.deallocate()
        flags.deallocate()
        lists.deallocate()
        counts.deallocate()
    }

    /// Compiles a script and returns a function that calls it a given number of times, with the time limit armed.
    func compile(_ source: String, limit: UInt64 = limit) throws -> (UInt64) throws -> Void {
        let function = try sandbox.compile(source, name: "ours.lua", environment: environment)
        let sandbox = sandbox
        return { count in
            for _ in 0..<count { try sandbox.call(function, limitNanoseconds: limit) }
        }
    }
}
