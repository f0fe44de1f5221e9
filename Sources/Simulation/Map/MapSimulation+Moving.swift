import GameFolder
import GameRules
import JSONValues
import Wire
import World

/// Entities that go to other maps and come from them [M6.1, M7.2].
///
/// An entity is on exactly one map: the step that removes it from the map also posts it to the other map, and a map
/// that can't accept it sends it back. Until the new map has saved it, the store has it on the old map. A player is
/// saved with the new map at once instead, and its client reconnects there.
extension MapSimulation {
    /// Takes an entity to another map.
    ///
    /// - Parameters:
    ///   - entity: The entity; nothing happens when it is gone.
    ///   - mapID: Where it goes.
    ///   - place: Where it stands there; `nil` keeps its coordinates.
    func move(_ entity: EntityHandle, to mapID: Int, at place: (x: Double, y: Double)? = nil) {
        guard mapID != world.geometry.id, let key = world.key(of: entity) else { return }
        if place != nil, host.scripts.hasLeaveHooks { putInside(entity) }
        let ranHooks = runLeaveHooks(entity, .moved)
        guard let left = world.remove(entity, movedTo: mapID) else { return }
        var record = left
        record.mapID = mapID
        if let place { (record.x, record.y) = (place.x, place.y) }
        if key.kind == .players {
            surroundings.persistence?.save([record], removed: [])
            if let session = sessions.remove(of: entity) {
                sendHeld(of: session)
                tellToReconnect(session.sink, mapID: mapID)
            }
        } else if surroundings.router?.transfer(record, to: mapID, from: world.geometry.id) != true {
            logTraffic("\(key): map \(mapID) is closed, or has too many entities of this map waiting; it stays here")
            // `.exact`, because a search for a place could fail: walls may have changed since the entity came here.
            guard let back = try? world.add(left, placement: .exact, now: now).entity else { return }
            if place != nil { departures.noteRefused(back) }
            // Its leave hooks ran, so for the game it comes back.
            if ranHooks { try? host.runSpawnHooks(back) }
        }
    }

    /// Puts an entity that walked over an edge back inside the map for its leave hooks: what they add at its place
    /// shall lie where it left.
    private func putInside(_ entity: EntityHandle) {
        let slot = Int(entity.slot)
        let place = world.nearestPlace(x: world.number(.x, slot: slot), y: world.number(.y, slot: slot))
        guard let place else { return }
        world.set(.x, place.x, slot: slot)
        world.set(.y, place.y, slot: slot)
    }

    /// Puts an entity that comes from another map on this map; sends it back when it can't enter.
    func arrive(_ record: EntityRecord, from origin: Int?) {
        guard enter(record) == nil else { return }
        guard let origin else {
            // The entity was sent back and has no place here either. The store keeps it until the map is opened again.
            surroundings.persistence?.save([record], removed: [])
            log.line(
                "\(record.key) has no place on any map; it is kept in the store until map \(record.mapID) opens again",
                time: now, tick: tickNumber)
            return
        }
        var record = record
        record.mapID = origin
        if surroundings.router?.transfer(record, to: origin, from: nil) == true {
            logTraffic("\(record.key) goes back to map \(origin)")
        } else {
            surroundings.persistence?.save([record], removed: [])
            log.line(
                "\(record.key) can't go back to map \(origin), which is closed; it is kept in the store", time: now,
                tick: tickNumber)
        }
    }

    // MARK: Edges [M3.8]

    /// Moves entities that walked over an edge to the map beyond it. Checks only entities that changed since the last
    /// delta.
    func crossEdges() {
        guard !edges.isEmpty else { return }
        for entity in departures.takeWaiting() where world.isAlive(entity) { crossEdge(entity) }
        for entity in movedEntities { crossEdge(entity) }
        guard departures.count > 0 else { return }
        // Hooks may have moved other entities over an edge.
        for entity in movedEntities where beyondEdge(entity) != nil && !departures.wasRefused(entity) {
            departures.wait(entity)
        }
    }

    private var movedEntities: [EntityHandle] {
        world.changes.slots.compactMap { slot in
            let index = Int(slot)
            return world.slots.isAlive(index) && world.changes.hasMoved(slot: index) ? world.slots.handle(index) : nil
        }
    }

    private func beyondEdge(_ entity: EntityHandle) -> (map: MapGeometry, place: (x: Double, y: Double))? {
        let (x, y) = (world.number(.x, slot: Int(entity.slot)), world.number(.y, slot: Int(entity.slot)))
        return MapEdges.beyond(x: x, y: y, of: world.geometry, in: game)
    }

    private func crossEdge(_ entity: EntityHandle) {
        guard world.isAlive(entity), let (map, place) = beyondEdge(entity) else { return }
        if map.id == world.geometry.id {
            let free = map.isWalkable(x: place.x, y: place.y) ? place : world.nearestPlace(x: place.x, y: place.y)
            guard let free else { return }
            world.set(.x, free.x, slot: Int(entity.slot))
            world.set(.y, free.y, slot: Int(entity.slot))
        } else if !departures.wasRefused(entity) {
            if mayLeave() { move(entity, to: map.id, at: place) } else { departures.wait(entity) }
        }
    }

    // MARK: Events for entities of other maps

    /// Forwards an event that a script queued on an entity of another map.
    func forward(_ event: RemoteEvent, to mapID: Int) {
        guard surroundings.router?.queue(event, on: mapID) != true else { return }
        logTraffic(
            "\(event.group)/\(event.event) for \(event.key): map \(mapID) is closed, or has too much of this map waiting"
        )
    }

    /// Queues an event that comes from another map.
    func queue(_ event: RemoteEvent) {
        guard let entity = world[event.key] else {
            return logTraffic(
                "\(event.group)/\(event.event) from map \(event.mapID) for \(event.key): it is not on this map")
        }
        do {
            try world.addEvent(group: event.group, event: event.event, data: event.data, to: entity, now: now)
        } catch {
            guard traffic.admitLine() else { return }
            host.logError(
                kind: "runtime",
                message: "\(event.group)/\(event.event) from map \(event.mapID) for \(event.key): \(error)")
        }
    }
}
