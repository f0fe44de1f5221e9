import JSONValues

/// The event states of all entities of a world, and the pending events by the time they are due.
///
/// The heap is never searched for an entry. When an event is cleared or rescheduled, its state gets another stamp, and
/// an entry with an old stamp is dropped when it reaches the top of the heap. So a change costs O(log n) for n pending
/// events, and the cost of a tick depends only on the events that are due.
package struct EventQueue: ~Copyable {
    /// The number of event groups.
    package var groupCount: Int { states.groupCount }
    /// The place of each group in the schema, by name.
    package private(set) var groupIndices: [String: Int] = [:]
    /// The names of each group and of its events as JSON, ready to be written.
    package private(set) var groupTexts: [EncodedGroupNames] = []
    /// The declared order of each group.
    private(set) var orders: [Double] = []
    /// How near a player must be for events of each group to run; infinite for groups that need no player.
    private(set) var lifeRadii: [Double] = []
    /// Which clients get the queue of each group.
    package private(set) var groupShares: [EventGroupDefinition.Share] = []
    private var states = EventStates(groupCount: 0, slotCapacity: 0)
    private var capacity = 0
    private var heap = MinHeap<DueEntry>()
    /// How many events are pending.
    package private(set) var pendingCount = 0
    /// Whether an event was parked since the groups were set: as long as none was, nothing has to be searched for one.
    private(set) var mayHaveParked = false
    private var nextStamp: UInt32 = 1
    /// The stamp of a group whose event was taken off to be run; no heap entry has it.
    private static let runningStamp = UInt32.max

    /// How many entries the heap has, outdated ones included; after ``schedule(slot:group:now:wasWaiting:slots:)`` at
    /// most `64 + 2 * pendingCount`.
    var entryCount: Int { heap.elements.count }

    /// The state of an event group of an entity; valid until a group is used on an entity for the first time, and until
    /// the queue grows or gets other groups.
    package func state(_ slot: Int, _ group: Int) -> UnsafePointer<EventState> { states.reader[slot, group] }

    /// Changes a state, but not whether an event is pending.
    ///
    /// - Returns: By how much the weight of its data grew; negative when it shrank.
    mutating func change(_ slot: Int, _ group: Int, _ body: (inout EventState) -> Void) -> Int {
        let place = states.use(slot, group)
        let old = place.pointee.dataWeight
        body(&place.pointee)
        return place.pointee.dataWeight - old
    }

    /// Notes that clients have the current state of a group.
    func markSent(_ slot: Int, _ group: Int) { states.used(slot, group)?.pointee.markSent() }

    /// Makes an event the pending event of a group, in place of the one that was pending; the caller schedules it.
    ///
    /// - Returns: By how much the weight of the group's data grew, and whether the replaced event was waiting for its
    ///   time.
    mutating func fill(
        _ slot: Int, _ group: Int, action: Int, data: JSONObject?, commandID: Double?, receivedAt: Double,
        isFromClient: Bool
    ) -> (weight: Int, wasWaiting: Bool) {
        var wasWaiting = false
        if state(slot, group).pointee.isPending {
            wasWaiting = state(slot, group).pointee.isWaiting
        } else {
            pendingCount += 1
        }
        let weight = change(slot, group) {
            $0.action = Int32(action)
            $0.data = data
            $0.commandID = commandID ?? .nan
            $0.receivedAt = receivedAt
            $0.isFromClient = isFromClient
            $0.exists = true
        }
        return (weight, wasWaiting)
    }

    /// Clears the pending event of a group; the group's time stays [M11.4, M11.7].
    ///
    /// - Returns: By how much the weight of the group's data grew: 0 or less.
    mutating func clear(_ slot: Int, _ group: Int) -> Int {
        guard let state = states.used(slot, group) else { return 0 }
        if state.pointee.isPending { pendingCount -= 1 }
        return change(slot, group) {
            $0.forgetPending()
            $0.stamp = 0
        }
    }

    /// Whether nothing was queued in a group nor taken off it since ``take(_:now:maxCatchUp:)``.
    func isRunning(_ slot: Int, _ group: Int) -> Bool { state(slot, group).pointee.stamp == Self.runningStamp }

    /// Clears the states of all groups of a slot.
    ///
    /// - Returns: The weight of the data that they had.
    mutating func removeAll(slot: Int) -> Int {
        var (weight, pending) = (0, 0)
        states.removeAll(slot: slot) { state in
            if state.isPending { pending += 1 }
            weight += state.dataWeight
        }
        pendingCount -= pending
        return weight
    }

    /// Puts a pending event on the heap, due at its group's time.
    mutating func schedule(slot: Int, group: Int, now: Double, wasWaiting: Bool, slots: borrowing SlotTable) {
        let stamp = nextStamp
        nextStamp = nextStamp + 1 == Self.runningStamp ? 1 : nextStamp + 1
        let place = states.use(slot, group)
        place.pointee.stamp = stamp
        place.pointee.isParked = false
        place.pointee.isWaiting = place.pointee.time > now || wasWaiting
        heap.push(
            DueEntry(
                time: place.pointee.time, rank: slots.key(slot).rank, slot: UInt32(slot),
                generation: slots.generations[slot], group: Int32(group), stamp: stamp))
        guard heap.elements.count > 64 + 2 * pendingCount else { return }
        let (states, generations) = (states.reader, slots.generations)
        heap.removeAll { !Self.isCurrent($0, states, generations) }
    }

    /// Whether an entry's event is still pending, at the time that the entry says.
    func isCurrent(_ entry: DueEntry, _ slots: borrowing SlotTable) -> Bool {
        Self.isCurrent(entry, states.reader, slots.generations)
    }

    private static func isCurrent(
        _ entry: DueEntry, _ states: EventStates.Reader, _ generations: UnsafePointer<UInt32>
    ) -> Bool {
        let slot = Int(entry.slot)
        return generations[slot] == entry.generation && Int(entry.group) < states.groupCount
            && states[slot, Int(entry.group)].pointee.stamp == entry.stamp
    }

    /// When the next pending event is due, Unix time in seconds; `nil` when nothing is pending.
    mutating func nextDueTime(_ slots: borrowing SlotTable) -> Double? {
        while let entry = heap.first, !isCurrent(entry, slots) { _ = heap.pop() }
        return heap.first?.time
    }

    /// Removes the entry that is due first from the heap; the event stays pending. `nil` when none is due.
    mutating func popDue(now: Double, _ slots: borrowing SlotTable) -> DueEntry? {
        while let entry = heap.first, entry.time <= now || !isCurrent(entry, slots) {
            _ = heap.pop()
            if isCurrent(entry, slots) { return entry }
        }
        return nil
    }

    /// Takes a due event off its entity to be run.
    ///
    /// - Returns: The event, and by how much the weight of the group's data grew: 0 or less.
    mutating func take(_ entry: DueEntry, now: Double, maxCatchUp: Double) -> (event: DueEvent, weight: Int) {
        let place = states.use(Int(entry.slot), Int(entry.group))
        let (time, commandID, weight) = (place.pointee.time, place.pointee.commandID, place.pointee.dataWeight)
        let event = DueEvent(
            entity: EntityHandle(slot: entry.slot, generation: entry.generation), group: Int(entry.group),
            action: Int(place.pointee.action), data: place.pointee.data, commandID: commandID.isNaN ? nil : commandID,
            receivedAt: place.pointee.receivedAt, isFromClient: place.pointee.isFromClient,
            at: place.pointee.isWaiting && now - time <= maxCatchUp ? time : now)
        place.pointee.forgetPending()
        pendingCount -= 1
        place.pointee.stamp = Self.runningStamp
        return (event, -weight)
    }

    /// Puts back an entry that ``popDue(now:_:)`` removed and whose event did not run.
    mutating func putBack(_ entry: DueEntry) { heap.push(entry) }

    /// Leaves an event pending whose entry ``popDue(now:_:)`` removed, until it is scheduled again.
    mutating func park(_ slot: Int, _ group: Int) {
        states.use(slot, group).pointee.isParked = true
        mayHaveParked = true
    }

    /// Replaces the groups; afterwards no event is pending, and all states are empty.
    ///
    /// - Parameter groups: The new groups.
    /// - Returns: The former states; the caller copies those that stay.
    mutating func replaceGroups(_ groups: [EventGroupDefinition]) -> EventStates {
        var former = EventStates(groupCount: groups.count, slotCapacity: capacity)
        swap(&states, &former)
        orders = groups.map(\.order)
        lifeRadii = groups.map { $0.lifeRadius ?? .infinity }
        groupTexts = groups.map(EncodedGroupNames.init)
        groupShares = groups.map(\.share)
        groupIndices = Dictionary(groups.indices.map { (groups[$0].name, $0) }) { first, _ in first }
        heap.removeAll { _ in true }
        pendingCount = 0
        mayHaveParked = false
        return former
    }

    /// Makes room for more slots.
    mutating func grow(to newCapacity: Int) {
        states.grow(to: newCapacity)
        capacity = newCapacity
    }
}
