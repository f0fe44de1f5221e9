import JSONValues
import Testing
import Wire
import World

/// "Applying every delta after a snapshot gives exactly the world that a new snapshot taken at that tick would give"
/// [1-protocol.md 4.2].
@Suite("Deltas against snapshots") struct DeltaPropertyTests {
    @Test(
        "under any sequence of changes, for a component's owner and for another player",
        arguments: 0..<6 as Range<UInt64>)
    func deltasEqualSnapshots(seed: UInt64) throws {
        var game = try RandomGame(seed: seed)
        for _ in 0..<80 {
            for _ in 0..<Int.random(in: 0..<12, using: &game.random) { try game.change() }
            if Int.random(in: 0..<25, using: &game.random) == 0 { try game.reload() } else { try game.send() }
            try game.compare()
        }
        #expect(game.clients.values.allSatisfy { $0.messages > 50 })
    }
}

/// A game in which anything may change, with two players who receive the deltas.
private struct RandomGame {
    let world: World
    private let schemas: [Schema]
    var random: SeededGenerator
    var clients: [EntityKey: ModelClient] = [:]
    var compressedClients: [EntityKey: ModelClient] = [:]
    private let deltas = DeltaEncoder()
    private let snapshots = SnapshotEncoder()
    private var tick = 0
    private var now: Double { 1000 + Double(tick) / 60 }
    private var nextID = 10
    private let receivers = [EntityKey(.players, 1), EntityKey(.players, 2)]

    init(seed: UInt64) throws {
        random = SeededGenerator(seed: seed)
        // A third of the games have more than 64 components and groups, so that change bits need more than a word.
        schemas = Self.schemas(extra: seed % 3 == 0 ? 64 : 0)
        world = World(geometry: MapGeometry(id: 4, name: "m", width: 20, height: 20), schema: schemas[0])
        if seed % 2 == 1 { world.positionDecimals = 1 }
        for key in receivers {
            try add(key)
            clients[key] = ModelClient()
            compressedClients[key] = ModelClient()
        }
        world.markAllSent()
        try loadAll()
    }

    /// The schemas of two games that differ in every way in which a reload may change a schema.
    private static func schemas(extra: Int) -> [Schema] {
        let many = (0..<extra).map { ComponentDefinition(name: "z\($0)", type: .number, isPrivate: $0 % 3 == 0) }
        func group(
            _ name: String, _ order: Double, _ events: [String], _ share: EventGroupDefinition.Share = .all
        ) -> EventGroupDefinition {
            let parameters = [EventParameter(name: "n", type: .any, defaultValue: .number(1))]
            return EventGroupDefinition(
                name: name, order: order, share: share,
                events: events.map { EventDefinition(name: $0, parameters: parameters) })
        }
        let groups = (0..<extra).map { group("g\($0)", 0, ["index"]) }
        return [
            Schema(
                components: [
                    ComponentDefinition(name: "hp", type: .number, defaultValue: .number(5)),
                    ComponentDefinition(name: "mana", type: .number, isPrivate: true),
                    ComponentDefinition(name: "name", type: .string, defaultValue: .string("\"n\"")),
                    ComponentDefinition(name: "bag", type: .json, defaultValue: .array([]), isPrivate: true),
                    ComponentDefinition(name: "look", type: .json, kinds: [.init(.players), .init(.enemys)]),
                    ComponentDefinition(name: "open", type: .boolean, defaultValue: .bool(true)),
                ] + many,
                groups: [
                    group("move", 1, ["index", "up"]), group("a", 2, ["index"], .owner),
                    group("b", 3, ["index"], .none),
                ] + groups),
            Schema(
                components: [
                    ComponentDefinition(name: "hp", type: .string, defaultValue: .string("-")),
                    ComponentDefinition(name: "mana", type: .number),
                    ComponentDefinition(name: "bag", type: .json, isPrivate: false),
                    ComponentDefinition(name: "look", type: .json, isPrivate: true),
                ], groups: [group("a", 0, ["b", "index"]), group("move", 1, ["up"], .owner)]),
        ]
    }

    private mutating func add(_ key: EntityKey) throws {
        let login = key.kind == .players ? "login \(key.id)" : nil
        let record = EntityRecord(
            key: key, login: login, mapID: 4, prefab: "p", x: Double(Int.random(in: 0..<20, using: &random)), y: 3,
            created: 1_668_106_433,
            components: ["hp": .number(Double(Int.random(in: 0..<3, using: &random)))],
            events: Bool.random(using: &random) ? ["move": EventRecord(action: "up", time: 7)] : [:])
        _ = try world.add(record, now: now)
    }

    mutating func change() throws {
        let handles = world.entities
        switch Int.random(in: 0..<20, using: &random) {
        case 0:
            nextID += 1
            try add(EntityKey(EntityKind.allCases.randomElement(using: &random) ?? .objects, nextID))
        case 1:
            guard let handle = handles.randomElement(using: &random), let key = world.key(of: handle) else { return }
            let movedTo = Bool.random(using: &random) ? 5 : nil
            world.remove(handle, movedTo: movedTo)
            if receivers.contains(key) || Bool.random(using: &random) { try add(key) }
        default:
            guard let handle = handles.randomElement(using: &random) else { return }
            try change(handle)
        }
    }

    private mutating func change(_ handle: EntityHandle) throws {
        let slot = Int(handle.slot)
        let small = Double(Int.random(in: 0..<3, using: &random))
        switch Int.random(in: 0..<12, using: &random) {
        case 0...1: world.set([.x, .y, .z, .sort].randomElement(using: &random) ?? .x, small / 4, slot: slot)
        case 2: world.set([.side, .action, .prefab].randomElement(using: &random) ?? .side, "t\(small)", slot: slot)
        case 3...5: try changeComponent(handle)
        case 6...7: try changeTable(slot)
        default: try changeEvent(handle)
        }
    }

    private mutating func changeComponent(_ handle: EntityHandle) throws {
        let kind = world.kind(Int(handle.slot))
        let columns = world.columns.components.values.filter { $0.kinds.contains(kind) }.sorted { $0.name < $1.name }
        guard
            let column = [columns.prefix(6).randomElement(using: &random), columns.last].compactMap({ $0 })
                .randomElement(using: &random)
        else { return }
        let small = Int.random(in: 0..<3, using: &random)
        let value: JSON =
            switch (column.storage, small) {
            case (_, 0): .null
            case (.number, _): .number(Double(small) + 0.125)
            case (.string, _): .string("s\(small)")
            case (.boolean, _): .bool(small == 1)
            case (.json, 1): .array([.object(["n": .number(1)]), .string("x")])
            case (.json, _): .object(["list": .array([.number(1), .null, .number(3)]), "o": .object([:])])
            }
        try world.setComponent(column.name, to: value, of: handle)
    }

    private mutating func changeTable(_ slot: Int) throws {
        let columns = world.columns.components.values.filter { $0.storage == .json }.sorted { $0.name < $1.name }
        guard var node = columns.randomElement(using: &random)?.nodes[slot] else { return }
        while let child = node.next(after: nil), case .node(let deeper) = child.value, Bool.random(using: &random) {
            node = deeper
        }
        let keys: [JSONKey] = [.index(1), .index(2), .name("n"), .name("o"), .index(4)]
        let values: [JSON?] = [nil, .number(1), .number(2), .array([]), .object([:]), .string("\u{1}🐎")]
        let (key, value) = (keys.randomElement(using: &random), values.randomElement(using: &random))
        try world.set(key ?? .index(1), of: node, to: value ?? nil)
    }

    private mutating func changeEvent(_ handle: EntityHandle) throws {
        let slot = Int(handle.slot)
        let group = Int.random(in: 0..<world.schema.groups.count, using: &random)
        let definition = world.schema.groups[group]
        switch Int.random(in: 0..<6, using: &random) {
        case 0: world.clearEvent(slot: slot, group: group)
        case 1:
            world.setEventTime(now + Double(Int.random(in: 0..<3, using: &random)), slot: slot, group: group, now: now)
        case 2: world.setEventData(["n": .number(2)], slot: slot, group: group)
        case 3: for token in world.collectDue(now: now) { _ = world.removeDue(token, now: now) }
        default:
            let data: [JSONObject] = [[:], ["n": .string("a")], ["n": .array([.number(1)])]]
            try world.addEvent(
                group: definition.name, event: definition.events.randomElement(using: &random)?.name ?? "index",
                data: data.randomElement(using: &random) ?? [:], to: handle, now: now,
                commandID: Bool.random(using: &random) ? 1_670_069_589_900 : nil)
        }
    }

    /// Sends the changes to the clients.
    mutating func send() throws {
        tick += 1
        deltas.encode(world, tick: tick, time: now)
        world.markChangesSent()
        #expect(!world.hasChanges)
        for key in receivers {
            guard let slot = world[key]?.slot else { continue }
            let message = try deltas.message(slot: slot)
            let isEmpty = message.object?.count == 2
            #expect(isEmpty == (!deltas.hasPublicChanges && !deltas.hasPrivateChanges(slot: slot)))
            if !isEmpty {
                try clients[key]?.apply(message)
                // A message for compression is built in a different way.
                try compressedClients[key]?.apply(try deltas.joinedMessage(slot: slot))
            }
        }
    }

    /// Applies the other schema; as documented, every client then gets a snapshot.
    mutating func reload() throws {
        tick += 1
        let other = schemas.first { $0 != world.schema } ?? schemas[0]
        _ = world.apply(other)
        world.positionDecimals = [nil, 0, 1, 2].randomElement(using: &random) ?? nil
        world.markAllSent()
        try loadAll()
    }

    private mutating func loadAll() throws {
        snapshots.encode(world)
        for key in receivers {
            guard let slot = world[key]?.slot else { continue }
            try clients[key]?.load(try snapshots.message(world, slot: slot, tick: tick))
            try compressedClients[key]?.load(try snapshots.message(world, slot: slot, tick: tick))
        }
    }

    /// Compares each client with a new client that got a fresh snapshot.
    func compare() throws {
        snapshots.encode(world)
        for key in receivers {
            let slot = try #require(world[key]?.slot)
            var fresh = ModelClient()
            try fresh.load(try snapshots.message(world, slot: slot, tick: tick))
            for client in [clients[key], compressedClients[key]] {
                let difference = client?.difference(to: fresh)
                #expect(difference == nil, "\(key) at tick \(tick)")
            }
        }
    }
}
