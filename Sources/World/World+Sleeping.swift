/// Events that wait until a player is near their entity, see ``EventGroupDefinition/lifeRadius``.
extension World {
    /// Lets a due event wait if its group needs a player nearby and no player is near. The event stays pending.
    ///
    /// - Parameter token: An event of which ``collectDue(now:into:)`` said that it is due.
    /// - Returns: Whether it waits.
    /// - Complexity: O(1) while the player that was near the entity last is near it; else O(players).
    package func waitsForPlayer(_ token: DueToken) -> Bool {
        // A token may be older than the event groups.
        guard queue.isCurrent(token.entry, slots) else { return false }
        let radius = queue.lifeRadii[token.group]
        guard radius.isFinite, !hasPlayer(within: radius, of: token.slot) else {
            return false
        }
        queue.park(token.slot, token.group)
        sleepers.insert(token.slot, x: number(.x, slot: token.slot), y: number(.y, slot: token.slot))
        return true
    }

    /// Makes the events due again that wait for a player where one has come near: a player, or the entity, moved since
    /// the changes were sent last.
    ///
    /// - Parameter now: Unix time in seconds.
    /// - Complexity: O(changes) while any entity sleeps, and for each player among them O(entities that sleep about as
    ///   near as the greatest radius).
    package func wakeSleepers(now: Double) {
        guard !sleepers.isEmpty else { return }
        for slot in changes.slots.lazy.map(Int.init) where slots.isAlive(slot) && changes.hasMoved(slot: slot) {
            let (x, y) = (number(.x, slot: slot), number(.y, slot: slot))
            if sleepers.contains(slot) {
                sleepers.insert(slot, x: x, y: y)
                wake(slot, now: now) { hasPlayer(within: $0, of: slot) }
            }
            guard slots.kinds[slot] == EntityKind.players.rawValue else { continue }
            for sleeper in sleepers.around(x: x, y: y).lazy.map(Int.init) {
                let distance = squaredDistance(sleeper, slot)
                wake(sleeper, now: now) { distance <= $0 * $0 }
            }
        }
    }

    /// Makes those events of an entity due whose groups have a player near enough.
    private func wake(_ slot: Int, now: Double, where isNear: (_ radius: Double) -> Bool) {
        var sleeps = false
        for group in queue.lifeRadii.indices where queue.lifeRadii[group].isFinite {
            let state = queue.state(slot, group)
            guard state.pointee.isParked else { continue }
            guard isNear(queue.lifeRadii[group]) else {
                sleeps = true
                continue
            }
            queue.schedule(slot: slot, group: group, now: now, wasWaiting: state.pointee.isWaiting, slots: slots)
        }
        if !sleeps { sleepers.remove(slot) }
    }

    private func hasPlayer(within radius: Double, of slot: Int) -> Bool {
        let (limit, witness) = (radius * radius, sleepers.witness(of: slot))
        if slots.isAlive(witness), slots.kinds[witness] == EntityKind.players.rawValue,
            squaredDistance(slot, witness) <= limit
        {
            return true
        }
        guard let player = sleepers.players.first(where: { squaredDistance(slot, Int($0)) <= limit }) else {
            return false
        }
        sleepers.setWitness(player, of: slot)
        return true
    }

    private func squaredDistance(_ first: Int, _ second: Int) -> Double {
        let dx = number(.x, slot: first) - number(.x, slot: second)
        let dy = number(.y, slot: first) - number(.y, slot: second)
        return dx * dx + dy * dy
    }
}
