import World

/// The effects that the scripts of one tick have outside the world, in order, until the map carries them out.
///
/// Bounded, since events are kept until the end of the tick, and messages until the next delta: each message and each
/// event for another map has a cost, and those that are kept may cost as much as the map may weigh. An entity is saved
/// and moved once, however often that is asked for.
struct ScriptEffects {
    /// The cost of one message for each client that gets it, in bytes: about what the server keeps until it is sent.
    /// The bytes of the message are added once. An event for another map costs as much as a message to one client.
    static let costPerReceiver = 256
    /// The cost of a packet for each socket that gets it right behind another one of the same target: that takes time,
    /// but no memory of its own.
    static let costPerFollower = 16

    /// How many players get a broadcast.
    var receivers = 0
    private var list: [ScriptEffect?] = []
    private var saved: Set<EntityHandle> = []
    /// Where in `list` each entity's move is.
    private var moves: [EntityHandle: Int] = [:]
    /// The events in `list` for each other map.
    private var events: [Int: InputShare] = [:]
    /// What this tick and the messages that wait cost.
    private(set) var spent = 0
    /// What the messages that wait for the next delta cost.
    private var waiting = 0

    var isEmpty: Bool { list.isEmpty }

    /// Forgets what the tick before spent, except for messages that still wait.
    mutating func beginTick() { spent = waiting }

    /// Notes that the messages were sent.
    ///
    /// - Parameter cost: What the messages cost that go on waiting.
    mutating func messagesSent(except cost: Int) { waiting = cost }

    /// Returns all effects, and removes them.
    mutating func takeAll() -> [ScriptEffect] {
        defer {
            list = []
            saved = []
            moves = [:]
            events = [:]
        }
        return list.compactMap(\.self)
    }

    /// Returns the messages to one player's client, and removes them.
    mutating func takeMessages(to entity: EntityHandle) -> [[UInt8]] {
        var messages: [[UInt8]] = []
        for index in list.indices {
            guard case .send(entity, let json)? = list[index] else { continue }
            messages.append(json)
            // The indices in `moves` stay valid.
            list[index] = nil
        }
        return messages
    }

    /// A table for one player's client.
    ///
    /// - Throws: ``ScriptFault`` when the tick's scripts have sent too much for `limit`, in bytes.
    mutating func send(_ json: [UInt8], to entity: EntityHandle, limit: Int) throws(ScriptFault) {
        waiting += try spend(bytes: json.count, receivers: 1, limit: limit)
        list.append(.send(entity, json))
    }

    /// A table for every player's client. Throws as ``send(_:to:limit:)``.
    mutating func broadcast(_ json: [UInt8], limit: Int) throws(ScriptFault) {
        waiting += try spend(bytes: json.count, receivers: receivers, limit: limit)
        list.append(.broadcast(json))
    }

    /// A packet or an answer for sockets, which leaves with the tick.
    ///
    /// - Parameters:
    ///   - bytes: Its size.
    ///   - receivers: How many sockets get it.
    ///   - followers: How many of them get it right behind another packet of the same target.
    ///   - limit: What the tick's scripts may send, in bytes.
    /// - Throws: As ``send(_:to:limit:)``.
    mutating func spendOnSockets(bytes: Int, receivers: Int, followers: Int = 0, limit: Int) throws(ScriptFault) {
        _ = try spend(bytes: bytes, receivers: receivers, followers: followers, limit: limit)
    }

    /// What may have been spent when half of what is left now is gone. The same in a replay.
    func halfway(to limit: Int) -> Int { spent + max(limit - spent, 0) / 2 }

    /// An event for an entity of another map, its data of about `weight` bytes. Throws as ``send(_:to:limit:)``.
    ///
    /// - Returns: `false` when the tick's events for that map already fill `room`.
    mutating func queueRemote(
        _ event: RemoteEvent, on mapID: Int, weight: Int, room: InputShare, limit: Int
    ) throws(ScriptFault) -> Bool {
        let queued = events[mapID] ?? .none
        let bytes = queued.bytes + WaitingInputs.weight + weight
        guard queued.count < room.count, bytes <= room.bytes else { return false }
        _ = try spend(bytes: weight, receivers: 1, limit: limit)
        list.append(.event(event, mapID: mapID))
        events[mapID] = InputShare(count: queued.count + 1, bytes: bytes)
        return true
    }

    /// The entity is saved in its state at the end of the tick.
    mutating func save(_ entity: EntityHandle) {
        if saved.insert(entity).inserted { list.append(.save(entity)) }
    }

    /// A player was removed from the map; its record is kept in the store.
    mutating func removePlayer(_ player: EntityHandle, _ record: EntityRecord) {
        list.append(.removedPlayer(player, record))
    }

    /// The record of a player that scripts of this tick removed from the map; it is newer than the stored one.
    func recordOfRemoved(_ key: EntityKey) -> EntityRecord? {
        for case .removedPlayer(_, let record)? in list.reversed() where record.key == key { return record }
        return nil
    }

    /// The entity moves to another map; the last request of the tick counts, so that a script can cancel a move.
    ///
    /// - Parameters:
    ///   - entity: The entity.
    ///   - mapID: The map; `nil` to stay.
    mutating func move(_ entity: EntityHandle, to mapID: Int?) {
        if let old = moves.removeValue(forKey: entity) {
            if old == list.count - 1 { list.removeLast() } else { list[old] = nil }
        }
        guard let mapID else { return }
        moves[entity] = list.count
        list.append(.move(entity, mapID: mapID))
    }

    /// Where the entity moves at the end of the tick; `nil` when it stays.
    func destination(of entity: EntityHandle) -> Int? {
        guard let at = moves[entity], case .move(_, let mapID)? = list[at] else { return nil }
        return mapID
    }

    /// Counts a cost, and returns it.
    private mutating func spend(
        bytes: Int, receivers: Int, followers: Int = 0, limit: Int
    ) throws(ScriptFault) -> Int {
        let cost = bytes + (receivers - followers) * Self.costPerReceiver + followers * Self.costPerFollower
        guard spent + cost <= limit else {
            let clients = receivers == 1 ? "" : " for \(receivers) clients"
            throw ScriptFault(
                "the map's scripts may send \(limit >> 20) MiB from one delta to the next (world_limit_mb; each message "
                    + "counts its bytes and up to \(Self.costPerReceiver) for each client that gets it) and have sent \(spent >> 10) KiB; "
                    + "this is another \((cost + 1023) >> 10) KiB\(clients)")
        }
        spent += cost
        return cost
    }
}
