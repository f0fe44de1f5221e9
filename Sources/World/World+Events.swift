public import JSONValues

extension World {
    /// The state of an event group of an entity.
    package func state(_ slot: Int, _ group: Int) -> EventState { queue.state(slot, group).pointee }

    /// The event of a token, as its place in the group; ``EventState/idle`` when it is not pending any more, or its
    /// group is gone.
    package func pendingAction(of token: DueToken) -> Int {
        guard queue.isCurrent(token.entry, slots) else { return Int(EventState.idle) }
        return Int(queue.state(token.slot, token.group).pointee.action)
    }

    private func change(_ slot: Int, _ group: Int, _ body: (inout EventState) -> Void) {
        weight.add(queue.change(slot, group, body))
        changes.mark(group: group, slot: slot)
    }

    /// The place of a group in the schema.
    ///
    /// - Throws: ``WorldError/unknownGroup(name:known:)``.
    package func groupIndex(_ name: String) throws(WorldError) -> Int {
        guard let index = queue.groupIndices[name] else {
            throw .unknownGroup(name: name, known: schema.groups.map(\.name).sorted())
        }
        return index
    }

    /// The place of an event in its group.
    ///
    /// - Throws: ``WorldError/unknownEvent(group:name:known:)``.
    package func eventIndex(_ name: String, group: Int) throws(WorldError) -> Int {
        let definition = schema.groups[group]
        guard let index = definition.events.firstIndex(where: { $0.name == name }) else {
            throw .unknownEvent(group: definition.name, name: name, known: definition.events.map(\.name))
        }
        return index
    }

    /// Puts an event into an entity's queue; it replaces the pending event of its group, if any [M11.2, M11.3].
    ///
    /// It runs in the next tick if the group's time has passed, or else at the group's time [M11.10].
    ///
    /// - Parameters:
    ///   - group: The group's name.
    ///   - event: The event's name.
    ///   - data: Its parameters; defaults are filled in.
    ///   - handle: The entity; nothing happens when it was removed.
    ///   - now: Unix time in seconds.
    ///   - commandID: The sender's clock in milliseconds, if a client sent the event.
    ///   - receivedAt: When the server received the command, Unix time in seconds. With this or `commandID`, the event
    ///     counts as sent by a client.
    /// - Throws: ``WorldError`` for an unknown group or event, and for parameters that do not fit.
    public func addEvent(
        group: String, event: String = "index", data: JSONObject = [:], to handle: EntityHandle, now: Double,
        commandID: Double? = nil, receivedAt: Double = 0
    ) throws(WorldError) {
        let groupIndex = try groupIndex(group)
        let action = try eventIndex(event, group: groupIndex)
        let complete = try schema.groups[groupIndex].events[action].complete(data, group: group)
        guard isAlive(handle) else { return }
        queue(
            action: action, data: complete.isEmpty ? nil : complete, slot: Int(handle.slot), group: groupIndex,
            now: now, commandID: commandID, receivedAt: receivedAt,
            isFromClient: commandID != nil || receivedAt > 0)
    }

    /// Queues an event whose parameters were checked.
    package func queue(
        action: Int, data: JSONObject?, slot: Int, group: Int, now: Double, commandID: Double? = nil,
        receivedAt: Double = 0, isFromClient: Bool = false
    ) {
        let (growth, wasWaiting) = queue.fill(
            slot, group, action: action, data: data, commandID: commandID, receivedAt: receivedAt,
            isFromClient: isFromClient)
        weight.add(growth)
        forgetKept(slot: slot, group: group)
        changes.mark(group: group, slot: slot)
        // An event that replaces a waiting one counts as due at the same moment. Otherwise a client that sends its
        // steps a little too often would walk more slowly.
        schedule(slot: slot, group: group, now: now, wasWaiting: wasWaiting)
    }

    /// Puts a pending event on the heap, due at its group's time, also one that was parked.
    func schedule(slot: Int, group: Int, now: Double, wasWaiting: Bool) {
        let wasParked = queue.state(slot, group).pointee.isParked
        queue.schedule(slot: slot, group: group, now: now, wasWaiting: wasWaiting, slots: slots)
        if wasParked { forgetAwake(slot) }
    }

    /// Removes the pending event of a group; the group's time stays [M11.4, M11.7].
    package func clearEvent(slot: Int, group: Int) {
        let wasParked = queue.state(slot, group).pointee.isParked
        weight.add(queue.clear(slot, group))
        if wasParked { forgetAwake(slot) }
        forgetKept(slot: slot, group: group)
        changes.mark(group: group, slot: slot)
    }

    /// Sets the time at which a group is ready, Unix time in seconds, from 0; a pending event becomes due at that time.
    package func setEventTime(_ time: Double, slot: Int, group: Int, now: Double) {
        change(slot, group) {
            $0.time = time
            $0.exists = true
        }
        guard queue.state(slot, group).pointee.isPending else { return }
        schedule(slot: slot, group: group, now: now, wasWaiting: false)
    }

    /// Sets the parameters of a group's event.
    package func setEventData(_ data: JSONObject?, slot: Int, group: Int) {
        change(slot, group) {
            $0.data = data
            $0.exists = true
        }
    }

    /// When the next pending event is due, Unix time in seconds; `nil` when nothing is pending.
    ///
    /// An event that waits for a player, see ``EventGroupDefinition/lifeRadius``, is due once a player is near.
    public func nextDueTime() -> Double? {
        wakeSleepers()
        return queue.nextDueTime(slots)
    }

    /// Collects the events that are due, in the order in which they run: group order, then time, then entity.
    ///
    /// The events stay pending until ``removeDue(_:now:)`` removes each one when its turn comes. So an event does not
    /// run when an earlier event of the same tick removed or replaced it.
    ///
    /// - Parameters:
    ///   - now: Unix time in seconds.
    ///   - tokens: The events are put here, in place of what is there; the memory is used again.
    package func collectDue(now: Double, into tokens: inout [DueToken]) {
        tokens.removeAll(keepingCapacity: true)
        var isSorted = true
        while let entry = queue.popDue(now: now, slots) {
            let token = DueToken(entry: entry, order: queue.orders[Int(entry.group)])
            if isSorted, let last = tokens.last, token.isBefore(last) { isSorted = false }
            tokens.append(token)
        }
        if !isSorted { tokens.sort { $0.isBefore($1) } }
    }

    /// As ``collectDue(now:into:)``, in a new array.
    package func collectDue(now: Double) -> [DueToken] {
        var tokens: [DueToken] = []
        collectDue(now: now, into: &tokens)
        return tokens
    }

    /// How late an event may run and still count as run at the moment it was due, in seconds.
    ///
    /// This is enough for a map with one tick per second. A map that stood still for longer does not catch up on all
    /// the steps that it missed.
    package static let maxCatchUp = 2.0

    /// Removes a due event from its entity's queue and returns it; `nil` when it was removed or replaced meanwhile, and
    /// when it stays pending because it waits for a player to come near its entity.
    package func removeDue(_ token: DueToken, now: Double) -> DueEvent? {
        guard queue.isCurrent(token.entry, slots), !waitsForPlayer(token) else { return nil }
        let (event, growth) = queue.take(token.entry, now: now, maxCatchUp: Self.maxCatchUp)
        weight.add(growth)
        forgetKept(slot: token.slot, group: token.group)
        changes.mark(group: token.group, slot: token.slot)
        return event
    }

    /// Runs the events that are due, in order: by the order of their groups, then by time, then by entity.
    ///
    /// An event does not run when an earlier one replaced it or removed its entity. After an event, its group is ready
    /// for the next event at once; ``setTimeoutEnd(_:ofGroup:of:now:)`` makes the next event wait. An event that is
    /// declared to repeat is queued again after its run, also when that throws.
    ///
    /// An event of a group with an ``EventGroupDefinition/lifeRadius`` does not run while no player is so near to its
    /// entity. It stays pending and costs nothing until then.
    ///
    /// - Parameters:
    ///   - now: Unix time in seconds.
    ///   - run: Runs one event. When it throws, the events whose turn has not come stay pending.
    public func runDueEvents(now: Double, _ run: (DueEvent) throws -> Void) rethrows {
        wakeSleepers()
        let tokens = collectDue(now: now)
        var next = 0
        defer { for token in tokens[next...] { queue.putBack(token.entry) } }
        while next < tokens.count {
            next += 1
            guard let event = removeDue(tokens[next - 1], now: now) else { continue }
            defer { repeatEvent(event, now: now) }
            try run(event)
        }
    }

    /// The names of a due event's group and of the event, as the schema declares them.
    ///
    /// - Parameter event: An event of this world; the schema must not have changed since it was due.
    /// - Returns: Both names.
    public func names(of event: DueEvent) -> (group: String, event: String) {
        let group = schema.groups[event.group]
        return (group.name, group.events[event.action].name)
    }

    /// Sets when an entity's event group is ready for its next event; a pending event waits until then too.
    ///
    /// - Parameters:
    ///   - time: Unix time in seconds; a value that is not finite or is below 0 counts as 0.
    ///   - group: The group's name.
    ///   - handle: The entity; nothing happens when it was removed.
    ///   - now: Unix time in seconds.
    /// - Throws: ``WorldError/unknownGroup(name:known:)``.
    public func setTimeoutEnd(
        _ time: Double, ofGroup group: String, of handle: EntityHandle, now: Double
    ) throws(WorldError) {
        let index = try groupIndex(group)
        guard isAlive(handle) else { return }
        setEventTime(time.isFinite ? max(time, 0) : 0, slot: Int(handle.slot), group: index, now: now)
    }

    /// Restores stored states; a pending event that does not fit the schema is kept until a new schema declares it.
    ///
    /// - Returns: A sentence for each such event.
    func restoreEvents(_ records: [String: EventRecord], slot: Int, now: Double) -> [String] {
        var problems: [String] = []
        for (name, record) in records.sorted(by: { $0.key < $1.key }) {
            let time = record.time.isFinite ? max(record.time, 0) : 0
            var former = EventState()
            former.data = record.data?.object
            former.commandID = record.commandID ?? .nan
            former.receivedAt = now
            former.isFromClient = record.isFromClient
            former.isWaiting = time > now
            guard let group = queue.groupIndices[name] else {
                kept.keep(time: time, slot: slot, group: name)
                if let event = record.action {
                    keepUndeclared(event, former, slot: slot, group: name)
                    problems.append("\(slots.key(slot)): pending event \(name)/\(event) is kept aside: no such group")
                }
                continue
            }
            change(slot, group) {
                $0.time = time
                $0.exists = true
            }
            guard let event = record.action else {
                if let data = record.data?.object { setEventData(data, slot: slot, group: group) }
                continue
            }
            do throws(WorldError) {
                let action = try eventIndex(event, group: group)
                let definition = schema.groups[group].events[action]
                let data = try definition.complete(record.data?.object ?? [:], group: name)
                queue(
                    action: action, data: data.isEmpty ? nil : data, slot: slot, group: group, now: now,
                    commandID: record.commandID, receivedAt: now, isFromClient: record.isFromClient)
            } catch {
                keepUndeclared(event, former, slot: slot, group: name)
                problems.append("\(slots.key(slot)): pending event is kept aside: \(error)")
            }
        }
        return problems
    }
}

/// A due event whose turn to run has not come yet.
package struct DueToken {
    let entry: DueEntry
    /// The declared order of the event's group.
    let order: Double
    /// The entity's slot.
    package var slot: Int { Int(entry.slot) }
    /// The event's group, as its place in the schema.
    package var group: Int { Int(entry.group) }

    /// Whether the event runs before another one: by order, then time, then entity; the group decides between events of
    /// one entity.
    func isBefore(_ other: DueToken) -> Bool {
        order == other.order ? DueEntry.isBefore(entry, other.entry) : order < other.order
    }
}
