import GameFolder
import GameRules
import World

/// What maps show each other of their edges (`border_view`).
extension MapSimulation {
    /// Shows neighbours that have players what stands near the edge, when it is news to them.
    func showBorders() {
        for (neighbour, strip) in strips.news(of: world, edges, game, now: now, isTelling: isTelling) {
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

    /// Forgets what is beyond the edges; clients that were told of it get a snapshot.
    func clearMirrors() {
        if mirrors.clear(), !sessions.isEmpty { needsSnapshots = true }
    }

    /// Takes over what a neighbour shows.
    func mirror(_ strip: BorderStrip) {
        guard game.configuration.borderView > 0, !sessions.isEmpty, edges.neighbours.values.contains(strip.mapID)
        else { return }
        mirrors.update(strip, beside: world, game, now: now)
    }
}
