import JSONValues

/// Events that entities lost by a mistake in the game, until they can be queued again: at most one for each entity and
/// event group, and none for a group in which another event is pending.
package struct KeptEvents {
    /// Why an event is kept.
    enum Cause {
        /// Its script failed, or was suspended when its turn came.
        case failed
        /// It was pending when it was not declared any more, or its parameters did not fit any more.
        case undeclared
    }

    struct Event {
        var name: String
        var data: JSONObject?
        var cause: Cause
        /// Whether a client sent it.
        var isFromClient: Bool
        /// As in ``EventState``; for a failed event those of its next run.
        var commandID = Double.nan
        var receivedAt = 0.0
        var isWaiting = false

        var weight: Int { name.utf8.count + (data?.keptWeight ?? 0) }
    }

    /// By slot and the group's name.
    private var events: [Int: [String: Event]] = [:]
    /// When the timeouts of groups end that are not declared any more, by slot and the group's name.
    private var times: [Int: [String: Double]] = [:]

    /// Whether no event is kept.
    var isEmpty: Bool { events.isEmpty }

    /// The slots of entities that have any, ascending.
    var slots: [Int] { events.keys.sorted() }

    /// The slots of entities that used groups which are not declared any more, ascending.
    var slotsWithTimes: [Int] { times.keys.sorted() }

    /// The events of an entity, by the names of their groups, ascending.
    func events(of slot: Int) -> [(group: String, event: Event)] {
        (events[slot] ?? [:]).sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    /// How many failed events are kept, by group and name.
    var failedCounts: [String: [String: Int]] {
        var counts: [String: [String: Int]] = [:]
        for case (let group, let event) in events.values.joined() where event.cause == .failed {
            counts[group, default: [:]][event.name, default: 0] += 1
        }
        return counts
    }

    /// Keeps an event, in the place of another one of the group.
    ///
    /// - Returns: By how much all of them weigh more.
    mutating func insert(_ event: Event, slot: Int, group: String) -> Int {
        let old = events[slot, default: [:]].updateValue(event, forKey: group)
        return event.weight - (old?.weight ?? 0)
    }

    /// Forgets the event of a group.
    ///
    /// - Returns: By how much all of them weigh more.
    mutating func remove(slot: Int, group: String) -> Int {
        guard let old = events[slot]?.removeValue(forKey: group) else { return 0 }
        if events[slot]?.isEmpty == true { events[slot] = nil }
        return -old.weight
    }

    /// Forgets everything of a slot's entity.
    ///
    /// - Returns: By how much all events weigh more.
    mutating func removeAll(slot: Int) -> Int {
        times[slot] = nil
        return -(events.removeValue(forKey: slot)?.values.reduce(0) { $0 + $1.weight } ?? 0)
    }

    /// Keeps when a group's timeout ends.
    mutating func keep(time: Double, slot: Int, group: String) { times[slot, default: [:]][group] = time }

    /// Gives back the times of an entity's groups that are declared again.
    mutating func takeTimes(slot: Int, isDeclared: (String) -> Bool) -> [(group: String, time: Double)] {
        let back = (times[slot] ?? [:]).filter { isDeclared($0.key) }.sorted { $0.key < $1.key }
        for (group, _) in back { times[slot]?[group] = nil }
        if times[slot]?.isEmpty == true { times[slot] = nil }
        return back.map { ($0.key, $0.value) }
    }
}
