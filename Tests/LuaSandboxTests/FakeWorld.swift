import LuaSandbox

/// A world of rows that lets tests try every way in which a script can use the host.
///
/// It has four kinds, the fields `x`, `y` (numbers) and `action` (string), the components `hp` (with a trigger), `name`
/// (string) and `bag` (json), and methods.
final class FakeWorld {
    static let entityClass: UInt16 = 1
    static let componentsClass: UInt16 = 2
    static let objectsClass: UInt16 = 3
    static let jsonClass: UInt16 = 4
    static let eventsClass: UInt16 = 5

    enum Column: UInt32, CaseIterable { case x, y, id, action, hp, name, bag, fixed }
    enum MemberID: UInt32 { case key, remove, distance, pair, fail, nested, send, count, all }

    let sandbox: LuaSandbox
    let environment: LuaEnvironment
    let store = HostStore()
    let capacity = 64
    let generation: UnsafeMutablePointer<UInt32>
    let kind: UnsafeMutablePointer<UInt8>
    let doubles: [Column: UnsafeMutablePointer<Double>]
    let ids: [Column: UnsafeMutablePointer<UInt32>]
    let dirty: UnsafeMutablePointer<UInt64>
    let flags: UnsafeMutablePointer<UInt8>
    let lists: UnsafeMutablePointer<UInt32>
    let counts: UnsafeMutablePointer<UInt32>
    var strings: [String] = []
    var stringBytes: [UnsafeMutablePointer<UInt8>] = []
    var entries: UnsafeMutableRawPointer
    var bags: [UInt32: LuaValue] = [:]
    var log: [String] = []
    var calls: [String] = []
    /// Called inside a trigger; tests make nested calls here.
    var onTrigger: (FakeWorld, HostCall) -> Void = { _, _ in }
    /// Called before a property or the json component is read.
    var onGet: (FakeWorld) -> Void = { _ in }
    /// Called before the host returns a name or a packed value.
    var onQuiet: (FakeWorld) -> Void = { _ in }
    /// Whether scripts may assign texts to `action` that the host knows, without asking it; set before the first text.
    var takesTexts = false {
        didSet { store.setTextWrites(uses: uses, weight: weight) }
    }
    /// How often each text is used, one more than that for the host itself.
    let uses: UnsafeMutablePointer<Int>
    /// The bytes of all texts, those of other values, and the limit of both.
    let weight: UnsafeMutablePointer<Int>
    /// Whether the host fails when it is asked for a name or a packed value.
    var failsQuietly = false

    init(memory: Int = 64 << 20) throws {
        func zeroed<T>(_ count: Int, _ value: T) -> UnsafeMutablePointer<T> {
            let pointer = UnsafeMutablePointer<T>.allocate(capacity: count)
            pointer.initialize(repeating: value, count: count)
            return pointer
        }
        generation = zeroed(capacity, 0)
        kind = zeroed(capacity, 0)
        var doubles: [Column: UnsafeMutablePointer<Double>] = [:]
        for column in [Column.x, .y, .id, .hp, .fixed] { doubles[column] = zeroed(capacity, 0) }
        self.doubles = doubles
        ids = [.action: zeroed(capacity, UInt32.max), .name: zeroed(capacity, UInt32.max)]
        dirty = zeroed(capacity, 0)
        flags = zeroed(capacity * 2, 0)
        lists = zeroed(capacity * 2, 0)
        counts = zeroed(2, 0)
        uses = zeroed(64, 0)
        weight = zeroed(3, 0)
        weight[2] = 1000
        entries = UnsafeMutableRawPointer.allocate(byteCount: 16, alignment: 8)
        var configuration = LuaSandbox.Configuration()
        configuration.memoryLimitBytes = memory
        sandbox = try LuaSandbox(configuration: configuration)
        try Self.register(in: sandbox)
        try sandbox.setGlobal(
            "objects", .reference(HostReference(classID: Self.objectsClass)), in: sandbox.baseEnvironment)
        try sandbox.setFunction("pair", id: MemberID.pair.rawValue, in: sandbox.baseEnvironment)
        try sandbox.setFunction("fail", id: MemberID.fail.rawValue, in: sandbox.baseEnvironment)
        try sandbox.setFunction("nested", id: MemberID.nested.rawValue, in: sandbox.baseEnvironment)
        try sandbox.setFunction("send", id: MemberID.send.rawValue, in: sandbox.baseEnvironment)
        environment = try sandbox.makeEnvironment()
        sandbox.handler = { [unowned self] in self.handle($0) }
        store.setRows(capacity: capacity, generation: generation, kind: kind)
        store.setDirty(words: dirty, wordsPerRow: 1, flag: flags, list: lists, count: counts)
        store.setMoved(flag: flags + capacity, list: lists + capacity, count: counts + 1)
        func column(
            _ column: Column, _ data: UnsafeMutableRawPointer?, _ storage: StoreColumn.Storage,
            _ flags: StoreColumn.Flags = [], kinds: UInt8 = 0b1111, accepted: UInt8 = 0
        ) -> StoreColumn {
            StoreColumn(
                data: data, storage: storage, flags: flags, kinds: kinds, accepted: accepted,
                dirtyBit: Int(column.rawValue),
                id: column.rawValue)
        }
        store.setColumns([
            column(.x, doubles[.x], .double, .moves), column(.y, doubles[.y], .double, .moves),
            column(.id, doubles[.id], .double, .readOnly),
            column(.action, ids[.action], .string, .alwaysDirty, accepted: 4),
            column(.hp, doubles[.hp], .double, [.trigger, .nullable]), column(.name, ids[.name], .string),
            column(.bag, nil, .host), column(.fixed, doubles[.fixed], .double, kinds: 0b0001),
        ])
        sandbox.setStore(store)
    }

    deinit {
        generation.deallocate()
        kind.deallocate()
        for pointer in doubles.values { pointer.deallocate() }
        for pointer in ids.values { pointer.deallocate() }
        dirty.deallocate()
        flags.deallocate()
        lists.deallocate()
        counts.deallocate()
        uses.deallocate()
        weight.deallocate()
        entries.deallocate()
        for bytes in stringBytes { bytes.deallocate() }
    }

    static func register(in sandbox: LuaSandbox) throws {
        try sandbox.register(
            HostClass(
                id: entityClass, name: "entity", options: .entity,
                members: [
                    .column("x", 0), .column("y", 1), .column("id", 2), .column("action", 3),
                    .property("key", id: MemberID.key.rawValue), .subproxy("components", classID: componentsClass),
                    .subproxy("events", classID: eventsClass), .method("remove", id: MemberID.remove.rawValue),
                    .method("distance", id: MemberID.distance.rawValue, minimum: 1),
                ]))
        try sandbox.register(
            HostClass(
                id: componentsClass, name: "components", options: .bySlot,
                members: [.column("hp", 4), .column("name", 5), .column("bag", 6), .column("fixed", 7)]))
        try sandbox.register(
            HostClass(
                id: objectsClass, name: "objects", options: .entities, related: entityClass,
                members: [.method("count", id: MemberID.count.rawValue), .method("all", id: MemberID.all.rawValue)]))
        try sandbox.register(HostClass(id: jsonClass, name: "json", options: [.live, .dynamic, .packs]))
        try sandbox.register(HostClass(id: eventsClass, name: "events", options: [.bySlot, .dynamic]))
    }

    @discardableResult
    func spawn(kind newKind: UInt8 = 0) -> HostReference {
        var slot = 0
        while generation[slot] & 1 == 1 { slot += 1 }
        generation[slot] += 1
        kind[slot] = newKind
        doubles[.id]?[slot] = Double(slot)
        doubles[.hp]?[slot] = 5
        doubles[.x]?[slot] = 0
        doubles[.y]?[slot] = 0
        return HostReference(classID: Self.entityClass, slot: UInt32(slot), generation: generation[slot])
    }

    func remove(_ slot: UInt32) { generation[Int(slot)] += 1 }

    func intern(_ text: String) -> UInt32 {
        if let index = strings.firstIndex(of: text) { return UInt32(index) }
        strings.append(text)
        let bytes = UnsafeMutablePointer<UInt8>.allocate(capacity: max(1, text.utf8.count))
        for (offset, byte) in text.utf8.enumerated() { bytes[offset] = byte }
        stringBytes.append(bytes)
        entries.deallocate()
        entries = .allocate(byteCount: 16 * strings.count, alignment: 8)
        for (index, bytes) in stringBytes.enumerated() {
            entries.storeBytes(of: UnsafeRawPointer(bytes), toByteOffset: 16 * index, as: UnsafeRawPointer.self)
            entries.storeBytes(of: UInt32(strings[index].utf8.count), toByteOffset: 16 * index + 8, as: UInt32.self)
            entries.storeBytes(of: takesTexts ? 4 : 0, toByteOffset: 16 * index + 12, as: UInt32.self)
        }
        store.setStrings(entries: entries, count: strings.count)
        uses[strings.count - 1] = 1
        return UInt32(strings.count - 1)
    }

    func key(_ reference: HostReference) -> String {
        "\(["players", "enemys", "animals", "objects"][Int(kind[Int(reference.slot)])])_\(reference.slot)"
    }

    @discardableResult
    func run(_ source: String, limit: Duration = .seconds(10)) throws(ScriptError) -> LuaValue {
        let function = try sandbox.compile(source, name: "spawn/players.lua", environment: environment)
        defer { sandbox.release(function) }
        return try sandbox.call(function, limit: limit)
    }

    func message(_ source: String) -> String {
        do {
            return "no error: \(try run(source))"
        } catch {
            return error.message
        }
    }

    // MARK: The handler

    func handle(_ call: HostCall) {
        let reference = call.reference
        if call.operation == .get { onGet(self) }
        if call.operation == .toString || call.operation == .pack {
            onQuiet(self)
            if failsQuietly { return call.fail("no name") }
        }
        switch call.operation {
        case .toString: call.returnValue(key(reference))
        case .print: log.append(call.string(at: 0) ?? "?")
        case .errorLog: log.append("error: " + (call.string(at: 0) ?? "?"))
        case .get where call.memberID == Column.bag.rawValue:
            if bags[reference.slot] != nil { call.returnValue(json(reference, path: [])) }
        case .get: call.returnValue(key(reference))
        case .set: set(call)
        case .trigger:
            calls.append("trigger \(key(reference)) \(call.value(at: 0)) \(call.value(at: 1))")
            onTrigger(self, call)
        case .unknown:
            call.fail("unknown field '\(call.string(at: 0) ?? call.typeName(at: 0))'")
        case .undeclared:
            call.fail("\(Column(rawValue: call.memberID).map { "\($0)" } ?? "?") is not declared for \(key(reference))")
        case .removed: call.fail("it was removed")
        case .call, .global: method(call)
        default: dynamic(call)
        }
    }

    private func set(_ call: HostCall) {
        let slot = Int(call.reference.slot)
        switch Column(rawValue: call.memberID) {
        case .action, .name:
            guard let text = call.string(at: 0) else {
                return call.fail("must be a string, got \(call.typeName(at: 0))")
            }
            calls.append("set \(key(call.reference)) \(text)")
            let id = intern(text)
            if let column = Column(rawValue: call.memberID), let cell = ids[column].map({ $0 + slot }) {
                if cell.pointee != .max { uses[Int(cell.pointee)] -= 1 }
                uses[Int(id)] += 1
                cell.pointee = id
            }
        case .bag: bags[call.reference.slot] = call.type(at: 0) == .nil ? nil : call.value(at: 0)
        default: call.fail("no column \(call.memberID)")
        }
    }

    private func method(_ call: HostCall) {
        switch MemberID(rawValue: call.memberID) {
        case .remove: remove(call.reference.slot)
        case .distance:
            guard let other = call.reference(at: 0) else { return call.fail("distance needs an entity") }
            let dx = (doubles[.x]?[Int(other.slot)] ?? 0) - (doubles[.x]?[Int(call.reference.slot)] ?? 0)
            call.returnValue(abs(dx))
        case .pair:
            call.returnValue(1.0)
            call.returnValue("zwei")
        case .fail: call.fail(call.string(at: 0) ?? "failed")
        case .nested: onTrigger(self, call)
        case .send:
            if let bytes = call.withPacked(at: 0, { Array($0) }) {
                call.returnPacked(bytes)
            } else {
                call.returnValue(call.typeName(at: 0))
            }
        case .all:
            let alive = (0..<capacity).filter { generation[$0] & 1 == 1 }
            call.returnValue(
                .array(
                    alive.map {
                        .reference(
                            HostReference(classID: Self.entityClass, slot: UInt32($0), generation: generation[$0]))
                    }))
        case .count: call.returnValue(Double((0..<capacity).filter { generation[$0] & 1 == 1 }.count))
        default: call.fail("no method")
        }
    }

    // MARK: json and events: each path has a number

    private var paths: [[LuaField.Key]] = [[]]

    private func json(_ reference: HostReference, path: [LuaField.Key]) -> HostReference {
        let index = paths.firstIndex(of: path) ?? paths.count
        if index == paths.count { paths.append(path) }
        return HostReference(
            classID: Self.jsonClass, slot: reference.slot, generation: reference.generation, auxiliary: UInt32(index))
    }

    private func dynamic(_ call: HostCall) {
        let reference = call.reference
        if reference.classID == Self.objectsClass {
            switch call.operation {
            case .index:
                for slot in 0..<capacity where generation[slot] & 1 == 1 {
                    let entity = HostReference(
                        classID: Self.entityClass, slot: UInt32(slot), generation: generation[slot])
                    if key(entity) == call.string(at: 0) { return call.returnValue(entity) }
                }
            case .newIndex:
                guard call.type(at: 1) == .nil else { return call.fail("only nil can be assigned to an entity") }
                if let slot = (call.string(at: 0)?.split(separator: "_").last).flatMap({ UInt32($0) }) { remove(slot) }
            default: call.fail("not for objects")
            }
            return
        }
        if reference.classID == Self.eventsClass {
            switch call.operation {
            case .next:
                guard call.type(at: 0) == .nil else { return }
                call.returnValue("move")
                call.returnValue(true)
            default: call.fail("unknown group '\(call.string(at: 0) ?? "?")'")
            }
            return
        }
        let path = paths[Int(reference.auxiliary)]
        var root = bags[reference.slot] ?? .nil
        let node = root.node(path)
        switch call.operation {
        case .index: answer(call, node.node([key(call.value(at: 0))]), path: path + [key(call.value(at: 0))])
        case .newIndex:
            root.set(path + [key(call.value(at: 0))], call.value(at: 1))
            bags[reference.slot] = root
        case .length: call.returnValue(Double(node.elements.count))
        case .next:
            let fields = node.fields
            let at = call.type(at: 0) == .nil ? 0 : (fields.firstIndex { $0.key == key(call.value(at: 0)) } ?? 999) + 1
            guard at < fields.count else { return }
            switch fields[at].key {
            case .string(let key): call.returnValue(key)
            case .number(let key): call.returnValue(key)
            }
            answer(call, fields[at].value, path: path + [fields[at].key])
        case .pack: call.returnPacked(PackedWriter.pack(node))
        default: call.fail("unexpected")
        }
    }

    private func key(_ value: LuaValue) -> LuaField.Key {
        switch value {
        case .string(let key): .string(key)
        case .number(let key): .number(key)
        default: .string("?")
        }
    }

    private func answer(_ call: HostCall, _ value: LuaValue, path: [LuaField.Key]) {
        switch value {
        case .array, .object: call.returnValue(json(call.reference, path: path))
        default: call.returnValue(value)
        }
    }
}

extension LuaValue {
    var elements: [LuaValue] {
        if case .array(let values) = self { values } else { [] }
    }
    var fields: [LuaField] {
        switch self {
        case .array(let values):
            values.enumerated().map { LuaField(key: .number(Double($0.offset + 1)), value: $0.element) }
        case .object(let fields): fields
        default: []
        }
    }
    func node(_ path: [LuaField.Key]) -> LuaValue {
        guard let first = path.first else { return self }
        return (fields.first { $0.key == first }?.value ?? .nil).node(Array(path.dropFirst()))
    }
    mutating func set(_ path: [LuaField.Key], _ value: LuaValue) {
        guard let first = path.first else {
            self = value
            return
        }
        var fields = self.fields
        var child = fields.first { $0.key == first }?.value ?? .nil
        child.set(Array(path.dropFirst()), value)
        fields.removeAll { $0.key == first }
        if child != .nil { fields.append(LuaField(key: first, value: child)) }
        let numbers = fields.compactMap { field -> Double? in
            if case .number(let number) = field.key { number } else { nil }
        }
        if !fields.isEmpty, numbers.count == fields.count, Set(numbers) == Set((1...fields.count).map(Double.init)) {
            self = .array(
                (1...fields.count).map { at in fields.first { $0.key == .number(Double(at)) }?.value ?? .nil })
        } else {
            self = .object(fields)
        }
    }
}
