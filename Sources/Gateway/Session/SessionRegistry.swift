package import GameRules
import Synchronization

/// A player who is connected.
package struct OnlinePlayer: Sendable, Equatable {
    /// The player's number.
    package var id: Int
    /// The player's login.
    package var login: String
    /// The map.
    package var mapID: Int
    /// Whether the player is not on the map yet, because the map takes no players now.
    package var isWaiting: Bool
    /// Since when the connection is on that map or waits for it, Unix time in seconds.
    package var since: Double
    /// The client's address; `nil` for a connection without one.
    package var address: IPAddress?
}

/// The sessions of all players, on their maps and waiting for one. It ends the older session when a player joins
/// another map [M2, checklist 9], and any session that an operator wants to end.
///
/// When both sessions are on the same map, the map replaces the older one. Any thread may call it.
package final class SessionRegistry: Sendable {
    private struct Entry {
        var session: Session
        var mapID: Int
        var since: Double
        var isWaiting = false

        var player: OnlinePlayer {
            OnlinePlayer(
                id: session.playerID, login: session.admission.login, mapID: mapID, isWaiting: isWaiting, since: since,
                address: session.clientAddress)
        }
    }

    private struct State {
        /// The session of each player who is on a map.
        var joined: [Int: Entry] = [:]
        /// Each player's sessions that wait for a map, in the order in which they began to; no list is empty.
        var waiting: [Int: [Entry]] = [:]

        func entry(of playerID: Int) -> Entry? { joined[playerID] ?? waiting[playerID]?.last }

        /// The connection of each player, the one on a map if there is one.
        var players: [OnlinePlayer] {
            joined.values.map(\.player) + waiting.keys.filter { joined[$0] == nil }.compactMap { entry(of: $0)?.player }
        }

        func sessions(of playerID: Int) -> [Session] {
            (joined[playerID].map { [$0.session] } ?? []) + (waiting[playerID] ?? []).map(\.session)
        }

        mutating func removeWaiting(_ session: Session) {
            guard var entries = waiting[session.playerID] else { return }
            entries.removeAll { $0.session === session }
            waiting[session.playerID] = entries.isEmpty ? nil : entries
        }
    }

    private let state = Mutex(State())
    /// The sockets of scripts, of players and of guests; they are on no map as players, and don't count as online.
    let sockets = ScriptSockets()

    /// How many players have a session.
    package var count: Int {
        state.withLock { state in state.joined.count + state.waiting.keys.count { state.joined[$0] == nil } }
    }

    /// The players who are connected, in no order. O(players).
    package var online: [OnlinePlayer] { state.withLock { $0.players } }

    /// A player's connection; `nil` for a player who is not connected.
    package subscript(playerID: Int) -> OnlinePlayer? { state.withLock { $0.entry(of: playerID)?.player } }

    /// Adds a session that waits for a map; one that waits already waits for this map now.
    ///
    /// - Parameters:
    ///   - session: The session.
    ///   - mapID: The map.
    ///   - now: Unix time in seconds.
    func waits(_ session: Session, forMap mapID: Int, at now: Double) {
        let entry = Entry(session: session, mapID: mapID, since: now, isWaiting: true)
        state.withLock { state in
            state.removeWaiting(session)
            state.waiting[session.playerID, default: []].append(entry)
        }
    }

    /// Removes a session that waited, if it did.
    func waitsNoMore(_ session: Session) { state.withLock { $0.removeWaiting(session) } }

    /// Adds a session that joined; of two sessions the one with the later handshake stays, whichever joined first.
    ///
    /// - Parameters:
    ///   - session: The session.
    ///   - mapID: The map it joined.
    ///   - now: Unix time in seconds.
    func joined(_ session: Session, mapID: Int, at now: Double) {
        let entry = Entry(session: session, mapID: mapID, since: now)
        let losers: [Session] = state.withLock { state in
            let playerID = session.playerID
            state.removeWaiting(session)
            // An older session that still waits would take this one's place when it joins.
            var outdated = (state.waiting[playerID] ?? []).map(\.session).filter { $0.id < session.id }
            if let other = state.joined[playerID], other.session.id > session.id {
                if other.mapID != mapID { outdated.append(session) }
            } else if let older = state.joined.updateValue(entry, forKey: playerID), older.mapID != mapID {
                outdated.append(older.session)
            }
            return outdated
        }
        for loser in losers { loser.replace() }
    }

    /// Removes a session that was on a map; a newer session of the same player stays.
    ///
    /// - Parameter session: The session.
    func ended(_ session: Session) {
        state.withLock { state in
            if state.joined[session.playerID]?.session === session { state.joined[session.playerID] = nil }
        }
    }

    /// Lets the waiting sessions of a player look now on which map the player is.
    ///
    /// - Parameter playerID: The player, whose saved record has another map.
    func lookAgain(_ playerID: Int) {
        let sessions = state.withLock { ($0.waiting[playerID] ?? []).map(\.session) }
        for session in sessions { session.lookAgain() }
    }

    /// Closes the connections of a player, with a code and a reason, and ends the player's sockets of scripts.
    ///
    /// - Parameters:
    ///   - playerID: The player.
    ///   - ending: What the client is told.
    /// - Returns: Whether the player was connected.
    @discardableResult
    package func end(_ playerID: Int, because ending: SessionEnding) -> Bool {
        let sessions = state.withLock { $0.sessions(of: playerID) }
        for session in sessions { session.end(because: ending) }
        let sockets = sockets.end(because: ending) { id, _ in id == playerID }
        return !sessions.isEmpty || sockets > 0
    }

    /// Closes some connections, with a code and a reason, and ends some sockets of scripts.
    ///
    /// - Parameters:
    ///   - ending: What the clients are told.
    ///   - isMeant: Which connections and sockets, by their player, which is `nil` for a guest, and the client's
    ///     address.
    /// - Returns: How many connections and sockets were ended.
    /// - Complexity: O(connections + sockets).
    func end(because ending: SessionEnding, where isMeant: (_ playerID: Int?, _ address: IPAddress?) -> Bool) -> Int {
        let entries = state.withLock { Array($0.joined.values) + $0.waiting.values.flatMap(\.self) }
        let meant = entries.filter { isMeant($0.session.playerID, $0.session.clientAddress) }
        for entry in meant { entry.session.end(because: ending) }
        return meant.count + sockets.end(because: ending, where: isMeant)
    }
}
