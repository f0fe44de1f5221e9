/// Events that wait until a player is near their entity, see ``EventGroupDefinition/lifeRadius``.
extension World {
    /// Lets a due event wait if its group needs a player nearby and no player is near. The event stays pending.
    ///
    /// - Parameter token: An event that is pending and due.
    /// - Returns: Whether it waits.
    /// - Complexity: O(1) while the player that was near the entity last is near it; else O(players).
    func waitsForPlayer(_ token: DueToken) -> Bool {
        let radius = queue.lifeRadii[token.group]
        guard radius.isFinite, !hasPlayer(within: radius, of: token.slot) else {
            return false
        }
        queue.park(token.slot, token.group)
        sleepers.insert(token.slot, x: number(.x, slot: token.slot), y: number(.y, slot: token.slot))
        return true
    }

    /// Makes the events due again that wait for a player where one has come near: a player, or the entity, moved since
    /// the changes were sent last. To be called before changes are forgotten.
    ///
    /// - Complexity: O(changes) while any entity sleeps, and for each player among them O(entities that sleep about as
    ///   near as the greatest radius).
    package func wakeSleepers() {
        guard !sleepers.isEmpty else { return }
        for slot in changes.slots.lazy.map(Int.init) where slots.isAlive(slot) && changes.hasMoved(slot: slot) {
            let (x, y) = (number(.x, slot: slot), number(.y, slot: slot))
            if sleepers.contains(slot) {
                sleepers.insert(slot, x: x, y: y)
                wake(slot) { hasPlayer(within: $0, of: slot) }
            }
            guard slots.kinds[slot] == EntityKind.players.rawValue else { continue }
            for sleeper in sleepers.around(x: x, y: y).lazy.map(Int.init) {
                let distance = squaredDistance(sleeper, slot)
                wake(sleeper) { distance <= $0 * $0 }
            }
        }
    }

    /// Makes those events of an entity due whose groups have a player near enough.
    private func wake(_ slot: Int, where isNear: (_ radius: Double) -> Bool) {
        for group in queue.lifeRadii.indices {
            let (radius, state) = (queue.lifeRadii[group], queue.state(slot, group))
            guard radius.isFinite, state.pointee.isParked, isNear(radius) else { continue }
            // The time of a parked event has passed, whatever time it is now: it was due.
            schedule(slot: slot, group: group, now: .infinity, wasWaiting: state.pointee.isWaiting)
        }
    }

    /// Takes an entity from the list of sleepers once none of its events waits for a player. To be called when an event
    /// is parked no more, so that the list never holds an entity without such an event.
    func forgetAwake(_ slot: Int) {
        guard sleepers.contains(slot) else { return }
        for group in queue.lifeRadii.indices
        where queue.lifeRadii[group].isFinite && queue.state(slot, group).pointee.isParked { return }
        sleepers.remove(slot)
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
