import Synchronization

/// The session of each player; it ends the older session when a player joins another map [M2, checklist 9].
///
/// When both sessions are on the same map, the map replaces the older one. Any thread may call it.
final class SessionRegistry: Sendable {
    private struct Entry {
        var session: Session
        var mapID: Int
    }

    private let entries = Mutex<[Int: Entry]>([:])

    /// How many players have a session.
    var count: Int { entries.withLock { $0.count } }

    /// Adds a session that joined; of two sessions the one with the later handshake stays, whichever joined first.
    ///
    /// - Parameters:
    ///   - session: The session.
    ///   - mapID: The map it joined.
    func joined(_ session: Session, mapID: Int) {
        let entry = Entry(session: session, mapID: mapID)
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
}
