import JSONValues
package import World

/// Runs a snippet on a copy of a map, to show what it would do.
///
/// The copy differs from the map: libs are loaded anew, so what scripts keep in Lua variables is as at the start;
/// `math.random` of Lua gives other numbers; new entities get other numbers; it is alone, without the entities of
/// neighbouring maps; and time goes on until the snippet runs on the map itself.
package struct DryRun: Sendable, Equatable {
    /// The most changes that are kept.
    package static let maxChanges = 500
    /// What the kept changes may weigh, in bytes.
    package static let maxChangeBytes = 1 << 20
    /// The most entities of a map that is copied.
    package static let maxEntities = 20_000

    /// What the snippet did in the VM.
    package private(set) var result: ConsoleResult
    /// What is different afterwards, by ascending key.
    package private(set) var changes: [WorldChange] = []
    /// How many changes were left out.
    package private(set) var omitted = 0
    /// What would leave the map, in order.
    package private(set) var effects: [OutsideEffect] = []
    /// How many entities were copied.
    package private(set) var entities: Int

    /// Runs a snippet. Takes time for a copy of the map and for compiling the game's scripts; call it on a thread of
    /// its own, which must have a stack of at least 4 MiB.
    ///
    /// - Parameters:
    ///   - snippet: The snippet.
    ///   - copy: The map's world.
    /// - Throws: ``OperatorRefusal``, or ``ScriptError`` when the memory limit does not hold a VM.
    package init(_ snippet: ConsoleSnippet, on copy: MapCopy) throws {
        let map = try MapSimulation(of: copy)
        let world = map.world
        let before = Self.records(of: world)
        result = try map.host.runConsole(snippet)
        entities = before.count
        let difference = WorldChange.all(from: before, to: Self.records(of: world))
        var bytes = 0
        for change in difference.prefix(Self.maxChanges) {
            bytes += change.weight
            guard bytes <= Self.maxChangeBytes else { break }
            changes.append(change)
        }
        omitted = difference.count - changes.count
        for effect in map.host.effects.takeAll() {
            guard effects.count < Self.maxChanges else {
                omitted += 1
                continue
            }
            effects.append(OutsideEffect(effect, in: world))
        }
    }

    private static func records(of world: World) -> [EntityKey: EntityRecord] {
        Dictionary(uniqueKeysWithValues: world.entities.compactMap { world.record(of: $0).map { ($0.key, $0) } })
    }
}

/// Something that a snippet would do outside of the world.
package enum OutsideEffect: Sendable, Equatable {
    /// A message to the client of a player, as JSON text.
    case send(to: EntityKey?, String)
    /// A message to the clients of all players, as JSON text.
    case broadcast(String)
    /// The entity is stored.
    case save(EntityKey?)
    /// The entity goes to another map.
    case move(EntityKey?, mapID: Int)
    /// An event for an entity of another map.
    case event(RemoteEvent, mapID: Int)
    /// The player's client is disconnected.
    case disconnect(EntityKey)

    /// The longest text of a message that is kept, in bytes.
    private static let maxText = 4_000

    init(_ effect: ScriptEffect, in world: World) {
        switch effect {
        case .send(let entity, let json):
            self = .send(to: world.key(of: entity), String(decoding: json, as: UTF8.self).clipped(to: Self.maxText))
        case .broadcast(let json): self = .broadcast(String(decoding: json, as: UTF8.self).clipped(to: Self.maxText))
        case .save(let entity): self = .save(world.key(of: entity))
        case .move(let entity, let mapID): self = .move(world.key(of: entity), mapID: mapID)
        case .event(let event, let mapID): self = .event(event, mapID: mapID)
        case .removedPlayer(_, let record): self = .disconnect(record.key)
        }
    }
}
