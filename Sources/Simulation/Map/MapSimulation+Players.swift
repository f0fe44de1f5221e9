import GameFolder
import GameRules
import World

/// What operators do with players of the map.
extension MapSimulation {
    /// Sends a player to another map at the end of the tick, as a script does that sets `map_id`.
    func send(_ player: Int, to mapID: Int) {
        guard let entity = world[EntityKey(.players, player)], game.maps.contains(where: { $0.id == mapID }) else {
            return
        }
        host.effects.move(entity, to: mapID == world.geometry.id ? nil : mapID)
    }

    /// Takes a player off the map for good: the store forgets it. Its leave hooks run, so that what it carries is given
    /// back as the game wants.
    func erase(_ player: Int) {
        host.mutes.set(player, until: nil)
        guard let entity = world[EntityKey(.players, player)] else { return }
        runLeaveHooks(entity, .removed)
        guard world.remove(entity) != nil else { return }
        dismiss(entity)
    }

    /// Whether a player's entity is on the map, with or without a connection, or waits to enter it.
    func hasPlayer(_ player: Int) -> Bool {
        let key = EntityKey(.players, player)
        return world[key] != nil
            || entries.waiting.contains { if case .join(let record, _) = $0 { record.key == key } else { false } }
    }
}
