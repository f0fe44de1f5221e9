import Wire
import World

/// The players' connections to a map.
///
/// A session's own `entity` says which player it has; `idsBySlot` is a cache of that. An entry of the cache is valid
/// only while the session's `entity` is still the player in that slot.
struct MapSessions {
    private var sessions: [SessionID: PlayerSession] = [:]
    /// The session of the player in a slot.
    private var idsBySlot: [UInt32: SessionID] = [:]
    /// Whether messages of scripts may wait for a session.
    private(set) var mayHoldMessages = false

    /// The number of connections.
    var count: Int { sessions.count }

    /// Whether no player is connected.
    var isEmpty: Bool { sessions.isEmpty }

    /// Whether any connection can carry compressed messages.
    var acceptsDeflate: Bool { sessions.values.contains(where: \.sink.acceptsDeflate) }

    /// The sessions in the order in which they were made.
    var inOrder: [(key: SessionID, value: PlayerSession)] { sessions.sorted { $0.key < $1.key } }

    /// The connections in the order in which they were made.
    var ids: [SessionID] { sessions.keys.sorted() }

    /// The session of a connection, if it is on the map.
    subscript(id: SessionID) -> PlayerSession? { sessions[id] }

    /// The connection that has a player, also a player that was removed from the map and is not dismissed yet.
    func id(of player: EntityHandle) -> SessionID? {
        idsBySlot[player.slot].flatMap { sessions[$0]?.entity == player ? $0 : nil }
    }

    /// The session that has a player.
    func session(of player: EntityHandle) -> PlayerSession? { id(of: player).flatMap { sessions[$0] } }

    /// Gives a player to a connection, and ends the player's former session.
    ///
    /// - Parameters:
    ///   - player: The player's entity.
    ///   - sink: The connection.
    ///   - now: Unix time in seconds.
    /// - Returns: The former session's connection, if the player had one.
    mutating func attach(_ player: EntityHandle, to sink: any SessionSink, now: Double) -> (any SessionSink)? {
        let former = id(of: player).flatMap { sessions.removeValue(forKey: $0) }
        idsBySlot[player.slot] = sink.id
        var session = PlayerSession(sink: sink, entity: player, lastCommand: now)
        if let former { session.hold(messagesOf: former) }
        sessions[sink.id] = session
        return former?.sink
    }

    /// Ends a session.
    ///
    /// - Returns: The session; `nil` when the connection had none here.
    mutating func remove(_ id: SessionID) -> PlayerSession? {
        guard let session = sessions.removeValue(forKey: id) else { return nil }
        if idsBySlot[session.entity.slot] == id { idsBySlot[session.entity.slot] = nil }
        return session
    }

    /// Ends the session of a player's entity.
    mutating func remove(of player: EntityHandle) -> PlayerSession? { id(of: player).flatMap { remove($0) } }

    /// Ends the session of a player that was removed from the map, whose slot may have another entity by now.
    mutating func remove(ofRemoved player: EntityHandle) -> PlayerSession? {
        let id = id(of: player) ?? sessions.first { $0.value.entity == player }?.key
        return id.flatMap { remove($0) }
    }

    /// Changes a session; does nothing when the connection has none here.
    mutating func update(_ id: SessionID, _ change: (inout PlayerSession) -> Void) {
        if let place = sessions.index(forKey: id) { change(&sessions.values[place]) }
    }

    /// Takes what a session's next delta says to its client alone: acknowledgements, and the client's own clock.
    ///
    /// - Parameters:
    ///   - session: The session as it is now.
    ///   - now: Unix time in seconds.
    ///   - timeouts: The `timeouts` object, if the delta tells it again.
    /// - Returns: The members of the delta.
    mutating func drainMembers(of session: PlayerSession, now: Double, timeouts: [UInt8]?) -> OwnMembers {
        guard session.hasAcknowledgements || session.clientTime != nil || timeouts != nil else { return .none }
        var own: (commands: [UInt8]?, unixtime: Double?)
        update(session.sink.id) { own = ($0.drainAcknowledgements(now: now), $0.drainUnixtime(now: now)) }
        return OwnMembers(commands: own.commands, unixtime: own.unixtime, timeouts: timeouts)
    }

    /// Keeps a script's message for a session until its next delta or snapshot.
    mutating func hold(_ message: OutboundMessage, for id: SessionID) {
        update(id) { $0.hold(message) }
        mayHoldMessages = true
    }

    /// Keeps a message for each session until its next delta or snapshot.
    mutating func holdForAll(_ message: OutboundMessage) {
        for place in sessions.values.indices { sessions.values[place].hold(message) }
        mayHoldMessages = true
    }

    /// Sends each session the messages of scripts that wait for it.
    ///
    /// - Complexity: O(1) when none wait.
    mutating func sendHeld(_ outbox: inout Outbox) {
        guard mayHoldMessages else { return }
        mayHoldMessages = false
        for id in ids { update(id) { $0.sendHeld(&outbox) } }
    }

    /// Makes the next message of every session the whole world.
    mutating func requestSnapshots() {
        for id in sessions.keys { sessions[id]?.wantsSnapshot = true }
    }
}
