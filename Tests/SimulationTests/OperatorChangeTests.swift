import JSONValues
import SimulationTestKit
import Synchronization
import Testing
import World

@testable import Simulation

/// The outcomes of changes, in the order in which the map told them.
final class Outcomes: Sendable {
    private let list = Mutex<[OperatorOutcome]>([])

    var all: [OperatorOutcome] { list.withLock { $0 } }

    func input(_ change: OperatorChange) -> MapInput {
        .edit(change, OperatorAnswer { [self] outcome in list.withLock { $0.append(outcome) } })
    }
}

extension TestMap {
    /// Lets the map make a change in a tick of its own.
    func edit(_ change: OperatorChange) throws -> OperatorOutcome {
        let outcomes = Outcomes()
        tick([outcomes.input(change)])
        return try #require(outcomes.all.first)
    }

    /// The message of a change that must be refused.
    func refusal(_ change: OperatorChange) throws -> OperatorRefusal {
        guard case .refused(let refusal) = try edit(change) else {
            throw OperatorRefusal(.wrong, "it was not refused")
        }
        return refusal
    }
}

@Suite("Changes of operators to a running map (M0.11, M9, M10, M11)") struct OperatorChangeTests {
    static let files = [
        "maps/1-field.tmj": TestMaps.empty,
        "components/hp.lua": """
        --@type number
        --@default 5
        print('trigger', object.key, name, old, value)
        """, "components/tag.lua": "--@type string\n", "components/open.lua": "--@type boolean\n--@default false\n",
        "components/bag.lua": "--@type json\n--@default {\"coins\":1}\n",
        "components/mana.lua": "--@type number\n--@entities players\n",
        "events/walk/index.lua":
            "--@param x number\n--@param fast boolean = false\nprint('walks', data.x, data.fast)",
        "events/walk/timeout.lua": "return 0", "spawn/animals.lua": "print('spawned', object.prefab)",
        "leave/animals.lua": "print('left', reason)",
    ]
    static let sheep = EntityKey(.animals, 1)

    func map() throws -> TestMap {
        try TestMap(Self.files, records: [EntityRecord(key: Self.sheep, mapID: 1, prefab: "sheep", x: 2, y: 3)])
    }

    @Test("fields and components are set as by a script, triggers run, and the outcome has both values")
    func set() throws {
        let map = try map()
        let player = map.join(1)
        let outcome = try map.edit(
            .set(Self.sheep, fields: ["x": .number(4), "side": .string("up")], components: ["hp": .number(7)]))
        #expect(
            outcome
                == .done(
                    Self.sheep,
                    before: ["x": .number(2), "side": .string("down"), "components": .object(["hp": .number(5)])],
                    after: ["x": .number(4), "side": .string("up"), "components": .object(["hp": .number(7)])]))
        #expect(map.log.contains("trigger\tanimals_1\thp\t5\t7"))
        let entity = try #require(map.entity("animals_1"))
        #expect(map.simulation.world.component("hp", of: entity) == .number(7))
        map.tick()
        #expect(!player.messages.isEmpty)
        // The same value again is no change.
        _ = try map.edit(.set(Self.sheep, fields: [:], components: ["hp": .number(7)]))
        #expect(map.log.count { $0.hasPrefix("trigger") } == 1)
        _ = try map.edit(
            .set(
                Self.sheep, fields: [:],
                components: [
                    "hp": .null, "tag": .string("a"), "open": .bool(true), "bag": .object(["coins": .number(2)]),
                ]))
        #expect(map.simulation.world.component("hp", of: entity) == .null)
        #expect(map.simulation.world.component("bag", of: entity) == .object(["coins": .number(2)]))
    }

    @Test(
        "wrong names, types and ranges are refused with what is allowed, and nothing is changed",
        arguments: [
            (["x": .string("4")], [:], "x", "x must be a number, got string"),
            (["x": .number(10)], [:], "x", "from -0.5 to below 9.5, got 10"),
            (["side": .number(1)], [:], "side", "side must be a string"),
            (["action": .string("remove")], [:], nil, "action can't be 'remove'"),
            (["prefab": .string("a\0b")], [:], nil, "character NUL"),
            (["size": .number(1)], [:], "fields", "it has x, y, z, sort, side, action, prefab"),
            (["y": .number(5)], ["hp": .string("7")], "components.hp", "takes a number or nil, got string"),
            ([:], ["hq": .number(7)], "components.hq", "they have bag, hp, open, tag"),
            ([:], ["mana": .number(7)], "components.mana", "animals have no component 'mana'"),
            ([:], ["open": .number(1)], "components.open", "takes a boolean"),
            ([:], ["bag": .number(1)], "components.bag", "takes a table"),
            ([:], ["tag": .string(String(repeating: "x", count: 70_000))], nil, "65536 bytes of text"),
            ([:], [:], nil, "give fields or components"),
        ] as [(JSONObject, JSONObject, String?, String)])
    func refusals(fields: JSONObject, components: JSONObject, field: String?, text: String) throws {
        let map = try map()
        let entity = try #require(map.entity("animals_1"))
        let before = map.simulation.world.record(of: entity)
        let refusal = try map.refusal(.set(Self.sheep, fields: fields, components: components))
        #expect(refusal.message.contains(text), "\(refusal.message)")
        #expect(refusal.kind == .wrong && refusal.field == field)
        #expect(map.simulation.world.record(of: entity) == before)
    }

    @Test("an entity is added and removed; its hooks run")
    func addAndRemove() throws {
        let map = try map()
        let data: JSONObject = [
            "prefab": .string("cow"), "x": .number(1), "y": .number(2), "components": .object(["hp": .number(9)]),
        ]
        guard case .done(let key, let before, let after) = try map.edit(.add(.animals, data)) else {
            Issue.record("it was refused")
            return
        }
        #expect(before.isEmpty && after["prefab"] == .string("cow") && after["x"] == .number(1))
        #expect(map.log.contains("spawned\tcow") && map.log.contains("trigger\t\(key)\thp\t5\t9"))
        guard case .done(_, let last, [:]) = try map.edit(.remove(key)) else {
            Issue.record("it was refused")
            return
        }
        #expect(last["prefab"] == .string("cow"))
        #expect(map.log.contains("left\tremoved") && map.entity(key.description) == nil)
        #expect(try map.refusal(.remove(key)).kind == .absent)
        for (kind, data, text) in [
            (.players, [:], "players come by logging in"), (.animals, ["x": .number(1)], "give x and y"),
            (.animals, ["x": .number(-3), "y": .number(1)], "must be on the map"),
            (.animals, ["colour": .string("red")], "unknown field 'colour'"),
            (.animals, ["components": .object(["hp": .bool(true)])], "takes a number"),
        ] as [(EntityKind, JSONObject, String)] {
            let refusal = try map.refusal(.add(kind, data))
            #expect(refusal.message.contains(text), "\(refusal.message)")
        }
        #expect(map.simulation.world.count == 1)
    }

    @Test("a player who is removed is disconnected and kept")
    func removePlayer() throws {
        let map = try map()
        map.join(1)
        guard case .done = try map.edit(.remove(EntityKey(.players, 1))) else {
            Issue.record("it was refused")
            return
        }
        #expect(map.simulation.playerCount == 0 && map.store.saved[EntityKey(.players, 1)] != nil)
    }

    @Test("an event is queued with its declared parameters and defaults, and taken off")
    func events() throws {
        let map = try map()
        for (event, data, field, text) in [
            ("index", [:], "data.x", "needs parameter 'x' (number)"),
            ("index", ["x": .string("1")], "data.x", "must be a number, got string"),
            ("index", ["x": .number(1), "z": .number(1)], "data.z", "it declares x, fast"),
            ("run", [:], "event", "it has index"),
        ] as [(String, JSONObject, String, String)] {
            let refusal = try map.refusal(.queueEvent(Self.sheep, group: "walk", event: event, data: data))
            #expect(refusal.message.contains(text) && refusal.field == field, "\(refusal)")
        }
        #expect(try map.refusal(.queueEvent(Self.sheep, group: "fly", event: "index", data: [:])).field == "group")
        #expect(try map.refusal(.removeEvent(Self.sheep, group: "walk")).kind == .conflict)
        _ = try map.edit(.queueEvent(Self.sheep, group: "walk", event: "index", data: ["x": .number(3)]))
        #expect(map.log.contains("walks\t3\tfalse"))
        // In one tick: the second change takes off what the first one queued, before it runs.
        let outcomes = Outcomes()
        map.tick([
            outcomes.input(.queueEvent(Self.sheep, group: "walk", event: "index", data: ["x": .number(4)])),
            outcomes.input(.removeEvent(Self.sheep, group: "walk")),
        ])
        guard case .done(_, [:], let queued) = outcomes.all.first, case .done(_, let taken, [:]) = outcomes.all.last
        else {
            Issue.record("\(outcomes.all)")
            return
        }
        #expect(queued == taken && queued["data"]?.object?["x"] == .number(4))
        #expect(!map.log.contains("walks\t4\tfalse"))
    }

    @Test("a map that drops the input says that it has ended")
    func dropped() {
        let outcomes = Outcomes()
        _ = outcomes.input(.remove(Self.sheep))
        #expect(outcomes.all == [.closed])
    }

    @Test("a change can be withdrawn until the map begins with it, and its sender hears one outcome")
    func withdrawal() throws {
        let outcomes = Outcomes()
        let (waiting, begun) = (outcomes.input(.remove(Self.sheep)), outcomes.input(.remove(Self.sheep)))
        guard case .edit(_, let first?) = waiting, case .edit(_, let second?) = begun else { return }
        #expect(first.withdraw())
        #expect(!first.withdraw())
        #expect(!waiting.take(), "the map must not see it")
        #expect(begun.take())
        #expect(!second.withdraw(), "the map has it")
        second.give(.unknown)
        second.give(.closed)
        #expect(outcomes.all == [.withdrawn, .unknown])
        #expect(MapInput.close.take())
    }

    @Test("a map that does not tick in time does not make the change later")
    func late() async throws {
        let map = try self.map().makeActor()
        let record = EntityRecord(key: Self.sheep, mapID: 1, prefab: "sheep", x: 2, y: 3)
        func set(_ field: String, within patience: Duration) async -> OperatorOutcome {
            await map.edit(
                .set(Self.sheep, fields: [field: .number(4)], components: [:]), within: patience, runtime: patience)
        }
        // A map that has not started does not tick.
        #expect(await set("x", within: .zero) == .withdrawn)
        await map.start(with: [record])
        guard case .done = await set("y", within: .seconds(60)) else {
            Issue.record("the map does not make changes")
            return
        }
        let now = await map.entity(Self.sheep)?.record
        #expect(now?.x == 2 && now?.y == 4)
        await map.stop()
        #expect(await set("x", within: .seconds(60)) == .closed)
    }
}
