import GameFolder
import World

/// Players whose connection is gone and who stay on the map for a while, so that nobody escapes a fight by pulling a plug.
extension MapSimulation {
    /// Keeps a player without a connection, if the game says so.
    ///
    /// - Returns: `false` when it has to leave at once.
    func linger(_ entity: EntityHandle) -> Bool {
        guard game.configuration.lingerSeconds > 0, world.isAlive(entity) else { return false }
        // It may have come and gone again within one tick.
        lingering.removeAll { $0.entity == entity }
        lingering.append((entity, now + Double(game.configuration.lingerSeconds)))
        return true
    }

    /// Takes those off the map who did not come back in time.
    func dismissLingering() {
        guard !lingering.isEmpty else { return }
        // Who came back, or is gone for another reason, is nobody's to take off.
        lingering.removeAll { !world.isAlive($0.entity) || owners[$0.entity.slot] != nil }
        for (entity, _) in lingering.filter({ $0.until <= now }) { takeOff(entity) }
        lingering.removeAll { $0.until <= now }
    }

    /// When the next of them has to go; `nil` when there is none.
    var nextLingeringEnd: Double? { lingering.map(\.until).min() }

    /// Takes a player off the map and stores it.
    func takeOff(_ entity: EntityHandle) {
        guard let record = world.remove(entity, isKept: true) else { return }
        surroundings.persistence?.save([record], removed: [])
    }
}
