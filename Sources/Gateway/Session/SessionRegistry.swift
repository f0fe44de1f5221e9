import Synchronization

/// Which session each player has; ends the older one when a player appears on another map [M2, checklist 9].
///
/// On one and the same map the map itself replaces the older session. Any thread may call it.
final class SessionRegistry: Sendable {
    private struct Entry {
        var session: Session
        var mapID: Int
    }

    private let entries = Mutex<[Int: Entry]>([:])

    /// How many players have a session.
    var count: Int { entries.withLock { $0.count } }

    /// Notes a session that joined; of two the one that was connected later stays, whichever took longer to join.
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

    /// Forgets a session; a newer one of the same player stays.
    ///
    /// - Parameter session: The session.
    func ended(_ session: Session) {
        entries.withLock { entries in
            if entries[session.playerID]?.session === session { entries[session.playerID] = nil }
        }
    }
}
