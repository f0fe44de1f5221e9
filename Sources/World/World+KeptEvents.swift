import JSONValues

/// What happens to events after they ran, and to those that a mistake in the game would lose.
extension World {
    /// Whether an event that ran is neither queued again nor taken off since, and its entity is still there.
    private func isOver(_ event: DueEvent) -> Bool {
        isAlive(event.entity) && queue.isRunning(Int(event.entity.slot), event.group)
    }

    /// Queues an event that ran again, if it repeats [`2-lua-api.md` 7]: unless its entity is gone, or its group's
    /// event was taken off or replaced meanwhile. The new event is the server's own, also when a client sent this one.
    ///
    /// - Parameters:
    ///   - event: An event that ran just now, or would have if its script were not suspended.
    ///   - now: Unix time in seconds.
    package func repeatEvent(_ event: DueEvent, now: Double) {
        guard schema.groups[event.group].events[event.action].repeats, isOver(event) else { return }
        queue(action: event.action, data: event.data, slot: Int(event.entity.slot), group: event.group, now: now)
    }

    /// Keeps an event whose script failed until ``queueFailed(now:where:)``, unless the script queued or took off
    /// an event of the group before it failed, or the event repeats.
    ///
    /// - Parameter event: An event that ran just now, or would have if its script were not suspended.
    package func keepFailed(_ event: DueEvent) {
        guard isOver(event) else { return }
        let group = schema.groups[event.group]
        let kept = KeptEvents.Event(
            name: group.events[event.action].name, data: event.data, cause: .failed, isFromClient: event.isFromClient)
        weight.add(self.kept.insert(kept, slot: Int(event.entity.slot), group: group.name))
    }

    /// Queues failed events again that are kept, now that their scripts are others.
    ///
    /// - Parameters:
    ///   - now: Unix time in seconds.
    ///   - isWanted: Whether to queue an event again, by its group and its name.
    /// - Returns: How many were queued, by group and name. One that does not fit its declaration stays where it is.
    package func queueFailed(
        now: Double, where isWanted: (_ group: String, _ event: String) -> Bool
    ) -> [String: [String: Int]] {
        var counts: [String: [String: Int]] = [:]
        for slot in kept.slots {
            for (group, event) in kept.events(of: slot) where event.cause == .failed && isWanted(group, event.name) {
                guard queueKept(event, group: group, slot: slot, now: now) else { continue }
                counts[group, default: [:]][event.name, default: 0] += 1
            }
        }
        return counts
    }

    /// Leaves a due event pending that can't run now: it is not due again before ``unpark(now:where:)``, or before it
    /// is scheduled anew.
    package func park(_ token: DueToken) {
        guard queue.isCurrent(token.entry, slots) else { return }
        queue.park(token.slot, token.group)
    }

    /// Makes parked events due again.
    ///
    /// - Parameters:
    ///   - now: Unix time in seconds.
    ///   - isWanted: Whether to do so, by the event's group and its name.
    package func unpark(now: Double, where isWanted: (_ group: String, _ event: String) -> Bool) {
        guard queue.mayHaveParked else { return }
        for (index, group) in schema.groups.enumerated() {
            let actions = Set(group.events.indices.filter { isWanted(group.name, group.events[$0].name) })
            if actions.isEmpty { continue }
            for entity in entities {
                let slot = Int(entity.slot)
                let state = state(slot, index)
                guard state.isParked, actions.contains(Int(state.action)) else { continue }
                schedule(slot: slot, group: index, now: now, wasWaiting: state.isWaiting)
            }
        }
    }

    /// How many failed events are kept, by group and name.
    package var failedEventCounts: [String: [String: Int]] { kept.failedCounts }

    /// Keeps an event that was pending and can't be any more, until ``restoreUndeclared()`` finds it declared.
    func keepUndeclared(_ name: String, _ state: EventState, slot: Int, group: String) {
        let event = KeptEvents.Event(
            name: name, data: state.data, cause: .undeclared, isFromClient: state.isFromClient,
            commandID: state.commandID, receivedAt: state.receivedAt, isWaiting: state.isWaiting)
        weight.add(kept.insert(event, slot: slot, group: group))
    }

    /// Gives entities back what they had of groups and events that are declared again.
    func restoreUndeclared() {
        for slot in kept.slotsWithTimes {
            for (name, time) in kept.takeTimes(slot: slot, isDeclared: { queue.groupIndices[$0] != nil }) {
                guard let group = queue.groupIndices[name], !state(slot, group).exists else { continue }
                setEventTime(time, slot: slot, group: group, now: 0)
            }
        }
        for slot in kept.slots {
            for (name, event) in kept.events(of: slot) where event.cause == .undeclared {
                // As in a group that was never away: whether it waits for its time does not depend on what time it is.
                _ = queueKept(event, group: name, slot: slot, now: event.isWaiting ? 0 : .infinity)
            }
        }
    }

    /// Queues a kept event, which is then kept no more.
    ///
    /// - Returns: Whether it is declared, with such parameters.
    private func queueKept(_ event: KeptEvents.Event, group name: String, slot: Int, now: Double) -> Bool {
        do throws(WorldError) {
            let group = try groupIndex(name)
            let action = try eventIndex(event.name, group: group)
            let data = try schema.groups[group].events[action].complete(event.data ?? [:], group: name)
            queue(
                action: action, data: data.isEmpty ? nil : data, slot: slot, group: group, now: now,
                commandID: event.commandID.isNaN ? nil : event.commandID, receivedAt: event.receivedAt,
                isFromClient: event.isFromClient)
            return true
        } catch {
            return false
        }
    }

    /// Forgets the kept event of a group, because another takes its place or a script takes it off.
    func forgetKept(slot: Int, group: Int) {
        guard !kept.isEmpty else { return }
        weight.add(kept.remove(slot: slot, group: schema.groups[group].name))
    }
}
