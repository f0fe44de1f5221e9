import JSONValues
import Wire
import World

/// What operators do to a map. It comes as an input, so that a recording has it.
extension MapSimulation {
    func carryOut(_ action: OperatorAction) {
        switch action {
        case .kick(let player, let reason): kick(player, because: reason)
        case .announce(let text): announce(text)
        case .rerunSpawnHooks(let choice): hookAgain(choice)
        case .continueTicks(let last):
            tickNumber = max(tickNumber, last + 1)
            host.begin(tick: tickNumber, now: now)
        }
    }

    private func kick(_ player: Int, because reason: String) {
        let key = EntityKey(.players, player)
        guard let entity = world[key], let session = sessions.remove(of: entity) else { return }
        sendHeld(of: session)
        let refusal = Refusal(code: "kicked", text: reason, comingBack: .unwelcome)
        outbox.add(OutboundMessage(kind: .kicked, refusal), to: session.sink)
        // As a player whose connection is gone and who did not come back in time.
        lingering.add(entity, until: now)
        log.line("\(key) was kicked by an operator: \(reason)", time: now, tick: tickNumber)
    }

    private func announce(_ text: String) {
        let json = JSON.object(["action": .string("notice"), "text": .string(text), "from": .string("operator")])
        sessions.holdForAll(OutboundMessage(kind: .notice, json: json.bytes))
    }

    // MARK: - Spawn hooks

    private func hookAgain(_ choice: OperatorAction.EntityChoice) {
        hooked.add(
            world.entities.filter { entity in
                let slot = Int(entity.slot)
                return choice.admits(world.kind(slot), world.text(.prefab, slot: slot))
            })
    }

    /// Runs the spawn hooks of the entities that wait for it. When they have taken half of `tick_limit_ms` of CPU time,
    /// the others wait for the next tick; at least one entity has its turn in each.
    func runSpawnHooksAgain() {
        guard !hooked.isEmpty else { return }
        let start = TickStart(surroundings.clock)
        var count = 0
        while let entity = hooked.peek {
            if stopper.isStopped { return }
            let measured = count > 0 && isSpent(start, limit: tickLimit / 2)
            if surroundings.watcher?.cuts(.spawnHooks, measured, after: count) ?? measured { return }
            hooked.removeFirst()
            count += 1
            guard world.isAlive(entity) else { continue }
            // Hooks nest too deep only inside other scripts, and none runs now.
            try? host.runSpawnHooks(entity)
            hooked.countRun()
        }
        log.line(
            "spawn hooks ran again for \(hooked.takeCount()) entities, as an operator wanted", time: now,
            tick: tickNumber)
    }
}
