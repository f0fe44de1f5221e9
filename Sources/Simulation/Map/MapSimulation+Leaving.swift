import GameFolder
import GameRules
import JSONValues
import Wire
import World

/// Entities that leave the map, and their leave hooks [`2-lua-api.md` 7].
extension MapSimulation {
    /// Runs the leave hooks of an entity that the caller is about to take off the map. What they send to the entity's
    /// own player still reaches its client.
    ///
    /// - Returns: Whether there were hooks to run.
    @discardableResult
    func runLeaveHooks(_ entity: EntityHandle, _ reason: LeaveReason) -> Bool {
        // Hooks nest too deep only inside other scripts, and none runs now.
        guard (try? host.runLeaveHooks(entity, reason)) == true else { return false }
        departures.countHooks()
        guard let id = sessions.id(of: entity) else { return true }
        for json in host.effects.takeMessages(to: entity) {
            sessions.hold(OutboundMessage(kind: .direct, json: json), for: id)
        }
        return true
    }

    /// Whether the tick has time for the leave hooks of another entity; see ``Departures``.
    func mayLeave() -> Bool {
        // A game without leave hooks needs no time for them, and no entity can wait for a tick after the last one.
        guard host.scripts.hasLeaveHooks, !isClosing else { return true }
        guard !departures.isCut else { return false }
        guard let start = departures.start else {
            departures.begin(TickStart(surroundings.clock))
            return true
        }
        guard departures.count > 0 else { return true }
        let measured = isSpent(start, limit: tickLimit / 2)
        if surroundings.watcher?.cuts(.departures, measured, after: departures.count) ?? measured { departures.cut() }
        return !departures.isCut
    }

    /// A player's connection is gone: the player leaves the map after `patience` seconds.
    func leave(_ id: SessionID, lingering patience: Double) {
        guard let player = sessions.remove(id)?.entity, world.isAlive(player) else { return }
        lingering.add(player, until: now + patience)
    }

    /// Removes the players that lost their connection and did not come back in time.
    func removeLingering() {
        lingering.removeDue(now: now) {
            world.isAlive($0) && sessions.id(of: $0) == nil
        } leaves: {
            guard mayLeave() else { return false }
            disconnect($0)
            return true
        }
    }

    private func disconnect(_ player: EntityHandle) {
        runLeaveHooks(player, .disconnected)
        guard let record = world.remove(player, isKept: true) else { return }
        surroundings.persistence?.save([record], removed: [])
    }

    /// Ends the session of a player that a script removed from the map.
    func dismiss(_ player: EntityHandle) {
        guard let session = sessions.remove(ofRemoved: player) else { return }
        sendHeld(of: session)
        outbox.add(
            OutboundMessage(kind: .refused, .removed("the game took you off the map")), to: session.sink)
    }

    // MARK: The map ends

    /// Runs the leave hooks of all players, because the map ends. The players stay in the world, and are saved with it;
    /// only one whose hooks have not run yet can still be removed by another's.
    func runClosingHooks() {
        for entity in Array(world.entities) where world.key(of: entity)?.kind == .players {
            runLeaveHooks(entity, .closed)
            host.leaving.insertFinished(entity)
        }
    }

    /// Removes all players from the map, whose file is gone: they continue at the start place of another map. Other
    /// entities stay in the store, in case the map comes back.
    ///
    /// - Parameters:
    ///   - mapID: Where the players go.
    ///   - now: Unix time in seconds.
    /// - Returns: The messages to their clients.
    package func close(movingPlayersTo mapID: Int, now: Double) -> [Delivery] {
        self.now = max(now, self.now)
        for entity in world.entities {
            guard world.key(of: entity)?.kind == .players, var record = world.remove(entity, movedTo: mapID) else {
                continue
            }
            (record.mapID, record.x, record.y) = (mapID, nil, nil)
            surroundings.persistence?.save([record], removed: [])
            if let session = sessions.remove(of: entity) {
                sendHeld(of: session)
                tellToReconnect(session.sink, mapID: mapID)
            }
        }
        save()
        withdrawStrips()
        return outbox.drain()
    }

    /// Lets the clients of all players wait for the map, which has stopped and may start again.
    ///
    /// - Parameter reason: Why, as the clients are told.
    /// - Returns: The messages to them.
    func pauseSessions(because reason: String) -> [Delivery] {
        let notice = OutboundMessage(kind: .paused(mapID: world.geometry.id, reason: reason), json: [])
        for place in sessions.inOrder {
            guard let session = sessions[place: place] else { continue }
            sendHeld(of: session)
            outbox.add(notice, to: session.sink)
        }
        withdrawStrips()
        return outbox.drain()
    }

    /// Tells neighbours that nothing is near their edges any more.
    private func withdrawStrips() {
        for mapID in strips.shownNeighbours {
            surroundings.router?.sendBorder(
                BorderStrip(mapID: world.geometry.id, records: [], actionAssigned: []), to: mapID)
        }
    }
}

extension Refusal {
    /// The end of a player's connection because the game took the player off the map: a client that came back by
    /// itself would undo it.
    static func removed(_ text: String) -> Refusal {
        Refusal(code: "removed", text: text, comingBack: .unwelcome)
    }
}
