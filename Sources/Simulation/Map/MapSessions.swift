import Wire
import World

/// The players' connections to a map.
///
/// Each session has a place, a small number that it keeps until it ends. Lists of places say which sessions get
/// a message next, so that a tick does not look at the others.
///
/// A session's own `entity` says which player it has; `placesBySlot` is a cache of that. An entry of the cache is valid
/// only while the session's `entity` is still the player in that slot.
struct MapSessions {
    private var table: [PlayerSession?] = []
    private var freePlaces: [Int] = []
    private var places: [SessionID: Int] = [:]
    /// The places of all sessions, in the order of their numbers.
    private var ordered: [Int] = []
    /// The place of the session of the player in a slot.
    private var placesBySlot: [UInt32: Int] = [:]
    /// The sessions that are owed a message even if nothing in the world changes.
    private var awaiting = PlaceList()
    /// The sessions for which messages of scripts wait.
    private var holding = PlaceList()
    /// The bytes of the messages for all clients that may wait.
    private var heldBytes = 0
    /// How many connections can carry compressed messages.
    private var deflating = 0
    /// How many clients chose the compact encoding.
    private var compactCount = 0
    /// The places of the clients that take patches.
    private(set) var patched: Set<Int> = []
    /// The places of the clients that get positions in datagrams.
    private(set) var lanes: Set<Int> = []
    /// How many of the clients in ``lanes`` take patches.
    private var patchedLanes = 0
    /// How many times a snapshot was requested that waits for its turn.
    private var turns = 0
    /// How many clients have only a part of the map.
    private(set) var limitedCount = 0
    /// What these clients see, by place.
    var viewers = ViewerGrid()

    /// Whether messages of scripts may wait for a session.
    var mayHoldMessages: Bool { !holding.isEmpty }

    /// The number of connections.
    var count: Int { places.count }

    /// Whether no player is connected.
    var isEmpty: Bool { places.isEmpty }

    /// Whether any connection can carry compressed messages.
    var acceptsDeflate: Bool { deflating > 0 }

    /// The places of all sessions, in the order in which the sessions were made.
    var inOrder: [Int] { ordered }

    /// The session of a connection, if it is on the map.
    subscript(id: SessionID) -> PlayerSession? { places[id].flatMap { table[$0] } }

    /// The session at a place; `nil` when it has ended.
    subscript(place place: Int) -> PlayerSession? { table[place] }

    /// The connection that has a player, also a player that was removed from the map and is not dismissed yet.
    func id(of player: EntityHandle) -> SessionID? { session(of: player)?.sink.id }

    /// The session that has a player.
    func session(of player: EntityHandle) -> PlayerSession? { place(of: player).flatMap { table[$0] } }

    /// The place of the session that has a player.
    func place(of player: EntityHandle) -> Int? {
        placesBySlot[player.slot].flatMap { table[$0]?.entity == player ? $0 : nil }
    }

    /// How many clients get deltas of a form.
    ///
    /// - Parameters:
    ///   - takesPatches: Whether they take patches.
    ///   - hasLane: Whether they get positions in datagrams.
    /// - Returns: The number. O(1).
    func count(takingPatches takesPatches: Bool, withLane hasLane: Bool) -> Int {
        switch (takesPatches, hasLane) {
        case (true, true): patchedLanes
        case (true, false): patched.count - patchedLanes
        case (false, true): lanes.count - patchedLanes
        case (false, false): count - patched.count - lanes.count + patchedLanes
        }
    }

    /// Gives a player to a connection, and ends the player's former session.
    ///
    /// - Parameters:
    ///   - player: The player's entity.
    ///   - sink: The connection.
    ///   - now: Unix time in seconds.
    /// - Returns: The former session's connection, if the player had one.
    mutating func attach(_ player: EntityHandle, to sink: any SessionSink, now: Double) -> (any SessionSink)? {
        let former = id(of: player).flatMap { remove($0) }
        _ = remove(sink.id)
        var session = PlayerSession(sink: sink, entity: player, lastCommand: now)
        if let former { session.hold(messagesOf: former) }
        let place = freePlaces.popLast() ?? table.count
        if place == table.count { table.append(session) } else { table[place] = session }
        places[sink.id] = place
        placesBySlot[player.slot] = place
        ordered.insert(place, at: index(of: sink.id))
        if sink.acceptsDeflate { deflating += 1 }
        if sink.isCompact { compactCount += 1 }
        if sink.takesPatches { patched.insert(place) }
        if sink.hasFastLane { lanes.insert(place) }
        if sink.takesPatches, sink.hasFastLane { patchedLanes += 1 }
        list(place)
        return former?.sink
    }

    /// The index in `ordered` of a connection, or where it belongs. O(log n).
    private func index(of id: SessionID) -> Int {
        var (low, high) = (0, ordered.count)
        while low < high {
            let middle = (low + high) / 2
            if isBefore(ordered[middle], id) { low = middle + 1 } else { high = middle }
        }
        return low
    }

    private func isBefore(_ place: Int, _ id: SessionID) -> Bool { (table[place]?.sink.id ?? 0) < id }

    /// Ends a session.
    ///
    /// - Returns: The session; `nil` when the connection had none here.
    mutating func remove(_ id: SessionID) -> PlayerSession? {
        guard let place = places[id], let session = table[place] else { return nil }
        if placesBySlot[session.entity.slot] == place { placesBySlot[session.entity.slot] = nil }
        ordered.remove(at: index(of: id))
        places[id] = nil
        viewers.remove(place)
        awaiting.remove(place)
        holding.remove(place)
        if session.sink.acceptsDeflate { deflating -= 1 }
        if session.sink.isCompact { compactCount -= 1 }
        if session.sink.takesPatches { patched.remove(place) }
        if session.sink.hasFastLane { lanes.remove(place) }
        if session.sink.takesPatches, session.sink.hasFastLane { patchedLanes -= 1 }
        if session.isLimited { limitedCount -= 1 }
        table[place] = nil
        freePlaces.append(place)
        return session
    }

    /// Ends the session of a player's entity.
    mutating func remove(of player: EntityHandle) -> PlayerSession? { id(of: player).flatMap { remove($0) } }

    /// Ends the session of a player that was removed from the map, whose slot may have another entity by now.
    mutating func remove(ofRemoved player: EntityHandle) -> PlayerSession? {
        let place = place(of: player) ?? ordered.first { table[$0]?.entity == player }
        guard let place, let session = table[place] else { return nil }
        return remove(session.sink.id)
    }

    /// Changes a session; does nothing when the connection has none here.
    mutating func update(_ id: SessionID, _ change: (inout PlayerSession) -> Void) {
        if let place = places[id] { update(place: place, change) }
    }

    /// As ``update(_:_:)``, for the session at a place.
    mutating func update(place: Int, _ change: (inout PlayerSession) -> Void) {
        guard var session = table[place] else { return }
        // Without this, the change would copy the session's arrays.
        table[place] = nil
        change(&session)
        table[place] = session
        list(place)
    }

    /// Puts a session on the lists on which it belongs.
    private mutating func list(_ place: Int) {
        if table[place]?.isAwaiting == true { awaiting.insert(place) }
        if table[place]?.holdsMessages == true { holding.insert(place) }
    }

    /// Takes what a session's next delta says to its client alone: acknowledgements, and the client's own clock.
    ///
    /// - Parameters:
    ///   - place: The session's place.
    ///   - now: Unix time in seconds.
    ///   - timeouts: The `timeouts` object, if the delta tells it again.
    /// - Returns: The members of the delta.
    mutating func drainMembers(of place: Int, now: Double, timeouts: [UInt8]?) -> OwnMembers {
        guard let session = table[place] else { return .none }
        guard session.hasAcknowledgements || session.clientTime != nil || timeouts != nil else { return .none }
        let commands = table[place]?.drainAcknowledgements(now: now)
        let unixtime = table[place]?.drainUnixtime(now: now)
        return OwnMembers(commands: commands, unixtime: unixtime, timeouts: timeouts)
    }

    /// Keeps a script's message for a session until its next delta or snapshot.
    mutating func hold(_ message: OutboundMessage, for id: SessionID) {
        update(id) { $0.hold(message, isShared: false) }
    }

    /// Keeps a message for each session until its next delta or snapshot.
    mutating func holdForAll(_ message: OutboundMessage) {
        let message = compactCount > 0 ? message.withCompactForm() : message
        heldBytes += message.payloadSize
        for place in ordered { update(place: place) { $0.hold(message, isShared: true) } }
    }

    /// Sends each session the messages of scripts that wait for it, except those that wait for their snapshot.
    ///
    /// - Complexity: O(1) when none wait.
    mutating func sendHeld(_ outbox: inout Outbox) {
        guard mayHoldMessages else { return }
        for place in sorted(holding.drain()) {
            if table[place]?.awaitsTurn == true { holding.insert(place) } else { table[place]?.sendHeld(&outbox) }
        }
        if holding.isEmpty { heldBytes = 0 }
    }

    /// What the messages of scripts that wait cost, as ``ScriptEffects`` counts it.
    var heldCost: Int {
        guard mayHoldMessages else { return 0 }
        return ordered.reduce(heldBytes) { $0 + (table[$1]?.heldCost ?? 0) }
    }

    /// Makes the next message of every session the whole world, for each in its turn.
    mutating func requestSnapshots() {
        for place in ordered { requestSnapshot(of: place) }
    }

    /// Makes the next message of a session the whole world, in its turn.
    mutating func requestSnapshot(of place: Int) {
        turns += 1
        let turn = turns
        update(place: place) { $0.requestSnapshot(turn: turn) }
    }

    /// Takes the sessions that are owed a message now even if nothing in the world changes. Those whose snapshot has to
    /// wait for its turn stay owed.
    ///
    /// - Parameters:
    ///   - pace: Gives the turns.
    ///   - entities: How many entities are on the map.
    /// - Returns: Their places, in the order in which the sessions were made.
    mutating func takeDue(_ pace: inout SnapshotPace, entities: Int) -> [Int] {
        let places = sorted(awaiting.drain())
        // Those that have waited longest come first: a session that was served and asks again must not pass the others.
        let waiting = places.compactMap { place in table[place]?.turn.map { (turn: $0, place: place) } }
        for (_, place) in waiting.sorted(by: { $0.turn < $1.turn }) {
            if pace.givesTurn(entities: entities) { table[place]?.takeTurn() }
        }
        return places.filter { place in
            guard table[place]?.awaitsTurn == true else { return true }
            awaiting.insert(place)
            return false
        }
    }

    /// Notes whether a session's client has only a part of the map from its next snapshot on.
    mutating func setLimited(_ place: Int, _ isLimited: Bool) {
        if !isLimited { viewers.remove(place) }
        guard let session = table[place], session.isLimited != isLimited else { return }
        limitedCount += isLimited ? 1 : -1
        table[place]?.isLimited = isLimited
    }

    /// Sorts sessions into the order in which they were made.
    func sorted(_ places: [Int]) -> [Int] {
        places.count == count ? ordered : places.sorted { (table[$0]?.sink.id ?? 0) < (table[$1]?.sink.id ?? 0) }
    }
}

/// A list of sessions' places, each listed once.
private struct PlaceList {
    private var places: [Int] = []
    /// The index of each place in `places`; -1 for a place that is not listed.
    private var indices: [Int] = []

    var isEmpty: Bool { places.isEmpty }

    mutating func insert(_ place: Int) {
        if place >= indices.count { indices.append(contentsOf: repeatElement(-1, count: place + 1 - indices.count)) }
        guard indices[place] < 0 else { return }
        indices[place] = places.count
        places.append(place)
    }

    mutating func remove(_ place: Int) {
        guard place < indices.count, indices[place] >= 0, let last = places.popLast() else { return }
        if last != place {
            places[indices[place]] = last
            indices[last] = indices[place]
        }
        indices[place] = -1
    }

    mutating func drain() -> [Int] {
        // Most ticks find none, and emptying a list that is returned too would allocate.
        guard !places.isEmpty else { return [] }
        for place in places { indices[place] = -1 }
        defer { places.removeAll(keepingCapacity: true) }
        return places
    }
}
