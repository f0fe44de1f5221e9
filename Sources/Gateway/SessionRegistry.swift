import Synchronization

/// Which session each player has; ends the older one when a player appears on another map [M2, checklist 9].
///
/// On one and the same map the map itself replaces the older session. Any thread may call it.
final class SessionRegistry: Sendable {
    private struct Entry {
        var session: WebSocketSession
        var mapID: Int
    }

    private let entries = Mutex<[Int: Entry]>([:])

    /// How many players have a session.
    var count: Int { entries.withLock { $0.count } }

    /// Notes a session that joined.
    ///
    /// - Parameters:
    ///   - session: The session.
    ///   - mapID: The map it joined.
    func joined(_ session: WebSocketSession, mapID: Int) {
        let older = entries.withLock { $0.updateValue(Entry(session: session, mapID: mapID), forKey: session.playerID) }
        if let older, older.mapID != mapID { older.session.replace() }
    }

    /// Forgets a session; a newer one of the same player stays.
    ///
    /// - Parameter session: The session.
    func ended(_ session: WebSocketSession) {
        entries.withLock { entries in
            if entries[session.playerID]?.session === session { entries[session.playerID] = nil }
        }
    }
}
