import JSONValues
import Testing

@testable import World

/// A game with every type of component and two event groups.
let sampleSchema = Schema(
    components: [
        ComponentDefinition(name: "hp", type: .number, defaultValue: .number(5)),
        ComponentDefinition(name: "title", type: .string, defaultValue: .string("novice")),
        ComponentDefinition(name: "bag", type: .json, defaultValue: .array([]), isPrivate: true),
        ComponentDefinition(name: "mood", type: .string, kinds: EntityKindSet(.animals)),
    ],
    groups: [
        EventGroupDefinition(
            name: "move", order: 2,
            events: [
                EventDefinition(
                    name: "to", isPublic: true,
                    parameters: [
                        EventParameter(name: "x", type: .number), EventParameter(name: "y", type: .number),
                    ]),
                EventDefinition(name: "up", isPublic: true), EventDefinition(name: "index"),
            ]),
        EventGroupDefinition(
            name: "regen", order: 1,
            events: [
                EventDefinition(
                    name: "index",
                    parameters: [EventParameter(name: "life", type: .number, defaultValue: .number(1))])
            ]),
    ])

func makeWorld(
    schema: Schema = sampleSchema, width: Int = 16, height: Int = 16, blocked: [Bool]? = nil, maxEntities: Int = 10_000,
    seed: UInt64 = 1
) -> World {
    let geometry = MapGeometry(id: 4, name: "meadow", width: width, height: height, blocked: blocked)
    return World(geometry: geometry, schema: schema, maxEntities: maxEntities, seed: seed)
}

extension World {
    /// Adds an entity at a place and returns its handle.
    @discardableResult
    func spawn(_ kind: EntityKind, _ id: Int, x: Double = 1, y: Double = 1) throws -> EntityHandle {
        try add(EntityRecord(key: EntityKey(kind, id), mapID: geometry.id, x: x, y: y), placement: .exact).entity
    }

    /// The state of a group of an entity.
    func event(_ group: String, of entity: EntityHandle) throws -> EventState {
        state(Int(entity.slot), try groupIndex(group))
    }

    /// Adds the event `move/to`, due at 20, to the entity in the first slot.
    func addMove(to player: EntityHandle, now: Double) throws {
        setEventTime(20, slot: 0, group: try groupIndex("move"), now: now)
        try addEvent(
            group: "move", event: "to", data: ["x": .number(1), "y": .number(2)], to: player, now: now, commandID: 8,
            receivedAt: 0.5)
    }

    /// Expects that the event of ``addMove(to:now:)`` is due, and is as it was added.
    func expectMove() throws {
        let late = try #require(runDue(now: 21).first)
        #expect(names(of: late) == ("move", "to"))
        #expect(late.data == ["x": .number(1), "y": .number(2)])
        #expect(late.commandID == 8 && late.receivedAt == 0.5 && late.at == 20)
    }

    /// Takes every due event off the queue, as a tick without scripts would.
    @discardableResult
    func runDue(now: Double) -> [DueEvent] {
        collectDue(now: now).compactMap { removeDue($0, now: now) }
    }
}

/// A map of random walls.
func randomMap(seed: UInt64, width: Int, height: Int, wallShare: Double, originX: Int = 0, originY: Int = 0)
    -> MapGeometry
{
    var random = SeededGenerator(seed: seed)
    let blocked = (0..<width * height).map { _ in Double.random(in: 0..<1, using: &random) < wallShare }
    return MapGeometry(
        id: 1, name: "random", originX: originX, originY: originY, width: width, height: height, blocked: blocked)
}
