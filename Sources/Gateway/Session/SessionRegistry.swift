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
    /// Since when the connection is on that map, Unix time in seconds.
    package var since: Double
    /// The client's address; `nil` for a connection without one.
    package var address: IPAddress?
}

/// The session of each player; it ends the older session when a player joins another map [M2, checklist 9], and any
/// session that an operator wants to end.
///
/// When both sessions are on the same map, the map replaces the older one. Any thread may call it.
package final class SessionRegistry: Sendable {
    private struct Entry {
        var session: Session
        var mapID: Int
        var since: Double

        var player: OnlinePlayer {
            OnlinePlayer(
                id: session.playerID, login: session.admission.login, mapID: mapID, since: since,
                address: session.clientAddress)
        }
    }

    private let entries = Mutex<[Int: Entry]>([:])

    /// How many players have a session.
    package var count: Int { entries.withLock { $0.count } }

    /// The players who are connected, in no order. O(players).
    package var online: [OnlinePlayer] { entries.withLock { $0.values.map(\.player) } }

    /// A player's connection; `nil` for a player who is not connected.
    package subscript(playerID: Int) -> OnlinePlayer? { entries.withLock { $0[playerID]?.player } }

    /// Adds a session that joined; of two sessions the one with the later handshake stays, whichever joined first.
    ///
    /// - Parameters:
    ///   - session: The session.
    ///   - mapID: The map it joined.
    ///   - now: Unix time in seconds.
    func joined(_ session: Session, mapID: Int, at now: Double) {
        let entry = Entry(session: session, mapID: mapID, since: now)
        let loser: Entry? = entries.withLock { entries in
            if let other = entries[session.playerID], other.session.id > session.id {
                return other.mapID == mapID ? nil : entry
            }
            let older = entries.updateValue(entry, forKey: session.playerID)
            return older?.mapID == mapID ? nil : older
        }
        loser?.session.replace()
    }

    /// Removes a session; a newer session of the same player stays.
    ///
    /// - Parameter session: The session.
    func ended(_ session: Session) {
        entries.withLock { entries in
            if entries[session.playerID]?.session === session { entries[session.playerID] = nil }
        }
    }

    /// Closes the connection of a player, with a code and a reason.
    ///
    /// - Parameters:
    ///   - playerID: The player.
    ///   - ending: What the client is told.
    /// - Returns: Whether the player was connected.
    @discardableResult
    package func end(_ playerID: Int, because ending: SessionEnding) -> Bool {
        let session = entries.withLock { $0[playerID]?.session }
        session?.end(because: ending)
        return session != nil
    }
}
