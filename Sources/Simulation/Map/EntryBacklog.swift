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
    /// How many commands wait for each session.
    private var commandCounts: [SessionID: Int] = [:]

    /// The most commands that wait for one session.
    static let maxCommands = 32

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
        case .command(let id, _, _): commandCounts[id, default: 0] += 1
        default: break
        }
        waiting.append(input)
    }

    /// Whether another command may wait for a session.
    func hasRoom(forCommandsOf id: SessionID) -> Bool { commandCounts[id, default: 0] < Self.maxCommands }

    /// The connection of a player who waits here.
    func sink(_ id: SessionID) -> (any SessionSink)? {
        for case .join(_, let sink) in waiting where sink.id == id { return sink }
        return nil
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
        isClosing = inputs.last?.closesMap == true
        var entered = 0
        var isCut = false
        let inputs = entries.inputs(inputs)
        // A player whose client has left already gets no snapshot.
        let left = Set(inputs.lazy.compactMap(\.leaving))
        for input in inputs {
            if entries.concerns(input) {
                hold(input)
            } else if input.isEntry, !isClosing {
                let getsSnapshot = input.joining.map { !left.contains($0) } ?? false
                isCut = isCut || cutsEntries(after: entered, since: start)
                if isCut || getsSnapshot && pace.isFull(entities: world.count) {
                    entries.hold(input)
                } else {
                    entered += 1
                    if getsSnapshot { pace.take() }
                    apply(input)
                }
            } else if let id = input.snapshotWish, sessions[id]?.wantsSnapshot == false, !isClosing {
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

    /// Keeps an input of a player who waits; refuses further commands when many wait.
    private func hold(_ input: MapInput) {
        if case .command(let id, let command, _) = input, !entries.hasRoom(forCommandsOf: id) {
            let error = CommandError(
                .busy, "you are not on the map yet; it keeps \(EntryBacklog.maxCommands) commands until then",
                action: command.action, commandID: command.commandID)
            if let sink = entries.sink(id) { outbox.add(OutboundMessage(kind: .error, json: error.payload), to: sink) }
        } else {
            entries.hold(input)
        }
    }

    private func cutsEntries(after count: Int, since start: TickStart) -> Bool {
        let measured = count > 0 && isSpent(start, limit: tickLimit / 2)
        guard let watcher = surroundings.watcher else { return measured }
        return watcher.cuts(.entries, measured, after: count)
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

    /// Whether an entity of another map arrives.
    var isArrival: Bool {
        if case .arrive = self { true } else { false }
    }

    /// The connection whose player joins.
    fileprivate var joining: SessionID? {
        if case .join(_, let sink) = self { sink.id } else { nil }
    }

    /// The connection that is gone.
    fileprivate var leaving: SessionID? {
        switch self {
        case .leave(let id), .leaveAtStop(let id): id
        default: nil
        }
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
