import Wire
import World

/// Joins and arrivals for which a tick had no time, because the spawn hooks of earlier ones took it; players for whose
/// snapshots the next message of the world has no place; and the later inputs for the same players and entities, which
/// must not overtake them. In the next tick they come first, in order.
///
/// Where the joins of each tick were cut decides this; a recording holds that.
struct EntryBacklog {
    /// What waits, in order.
    private(set) var waiting: [MapInput] = []
    private var sessions: Set<SessionID> = []
    private var keys: Set<EntityKey> = []

    /// All inputs of a tick: those that wait here, then the new ones.
    mutating func inputs(_ new: [MapInput]) -> [MapInput] {
        guard !waiting.isEmpty else { return new }
        defer { self = EntryBacklog() }
        return waiting + new
    }

    /// Keeps an input for the next tick.
    mutating func hold(_ input: MapInput) {
        switch input {
        case .join(_, let sink): sessions.insert(sink.id)
        case .arrive(let record, _): keys.insert(record.key)
        default: break
        }
        waiting.append(input)
    }

    /// Whether an input is about a player or an entity that waits here.
    func concerns(_ input: MapInput) -> Bool {
        guard !waiting.isEmpty else { return false }
        return switch input {
        case .leave(let id), .leaveAtStop(let id), .reload(let id), .command(let id, _, _): sessions.contains(id)
        case .event(let event): keys.contains(event.key)
        default: false
        }
    }
}

extension MapSimulation {
    /// The first part of a tick: the inputs. When joins and arrivals have taken half of `tick_limit_ms` of CPU time, or
    /// the next message has enough snapshots (``SnapshotPace``), the others wait for the next tick.
    ///
    /// - Parameters:
    ///   - inputs: The inputs since the last tick.
    ///   - start: The readings of the clocks when the tick began.
    func apply(_ inputs: [MapInput], since start: TickStart) {
        // No later tick follows.
        let isLast = inputs.contains(where: \.closesMap)
        var entered = 0
        var isCut = false
        for input in entries.inputs(inputs) {
            if entries.concerns(input) {
                entries.hold(input)
            } else if input.isEntry, !isLast {
                isCut = isCut || cutsEntries(after: entered, since: start)
                if isCut {
                    entries.hold(input)
                } else {
                    entered += 1
                    if input.isJoin { pace.take() }
                    apply(input)
                }
            } else if let id = input.snapshotWish, sessions[id]?.wantsSnapshot == false, !isLast {
                if isCut || pace.isFull(entities: world.count) {
                    entries.hold(input)
                } else {
                    pace.take()
                    apply(input)
                }
            } else {
                apply(input)
            }
        }
    }

    private func cutsEntries(after count: Int, since start: TickStart) -> Bool {
        let measured = count > 0 && isSpent(start, limit: tickLimit / 2) || pace.isFull(entities: world.count)
        guard let watcher = surroundings.watcher else { return measured }
        return watcher.cutsEntries(measured, after: count)
    }
}

extension MapInput {
    /// Whether the input makes an entity enter the map, so that spawn hooks run.
    fileprivate var isEntry: Bool {
        switch self {
        case .join, .arrive: true
        default: false
        }
    }

    fileprivate var isJoin: Bool {
        if case .join = self { true } else { false }
    }

    /// The connection whose client wants a snapshot.
    fileprivate var snapshotWish: SessionID? {
        switch self {
        case .reload(let id): id
        case .command(let id, let command, _): command.isLoad ? id : nil
        default: nil
        }
    }

    fileprivate var closesMap: Bool {
        if case .close = self { true } else { false }
    }
}
