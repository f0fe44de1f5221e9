import GameFolder
import GameRules
import World

/// Border strips: the entities near an edge, which a map shows to the players of the neighbour there (`border_view`).
extension MapSimulation {
    /// Sends strips to the neighbours that have players, when the strip has changed.
    func showBorders() {
        for (neighbour, strip) in strips.news(of: world, edges, game, now: now, sendsChanges: sendsChanges) {
            surroundings.router?.sendBorder(strip, to: neighbour)
        }
    }

    /// Tells the neighbours every second that there are players here; a map without players forgets what it saw.
    func askForBorders() {
        guard game.configuration.borderView > 0, !edges.isEmpty else { return }
        guard !sessions.isEmpty else { return clearMirrors() }
        let mapID = world.geometry.id
        for (neighbour, isNew) in mirrors.neighboursToAsk(edges, from: mapID, now: now) {
            surroundings.router?.watch(neighbour, from: mapID, isNew: isNew)
        }
    }

    /// Removes the mirrors of the neighbours; clients that saw entities there get a snapshot.
    func clearMirrors() {
        if mirrors.clear(), !sessions.isEmpty { needsSnapshots = true }
    }

    /// Updates the mirror of a neighbour from its strip.
    func mirror(_ strip: BorderStrip) {
        guard game.configuration.borderView > 0, !sessions.isEmpty, edges.neighbours.values.contains(strip.mapID)
        else { return }
        mirrors.update(strip, beside: world, game, now: now)
    }
}
