import GameRules
import Synchronization

/// The sockets of scripts, by their ids: each from the moment its map is asked until its client has left for good or is
/// refused. Any thread may use it.
///
/// So it has at most as many as there are open sockets, and those that the limits of ``Transport/RecoveryStore`` keep
/// for clients that are away.
final class ScriptSockets: Sendable {
    private struct Entry {
        let socket: ScriptSocket
        /// Where the client comes from; `nil` for a connection without an address.
        var address: IPAddress?
    }

    private let entries = Mutex<[String: Entry]>([:])

    /// How many there are.
    var count: Int { entries.withLock { $0.count } }

    /// A socket; `nil` when it is gone.
    subscript(socketID: String) -> ScriptSocket? { entries.withLock { $0[socketID]?.socket } }

    /// Adds a socket.
    ///
    /// - Parameters:
    ///   - socket: The socket.
    ///   - address: Where its client comes from.
    func add(_ socket: ScriptSocket, at address: IPAddress?) {
        entries.withLock { $0[socket.socketID] = Entry(socket: socket, address: address) }
    }

    /// Notes from where the client of a socket has come back.
    func move(_ socketID: String, to address: IPAddress?) { entries.withLock { $0[socketID]?.address = address } }

    /// Removes a socket, if it is there.
    func remove(_ socketID: String) { _ = entries.withLock { $0.removeValue(forKey: socketID) } }

    /// Ends some sockets, those included whose clients are away: they can't come back.
    ///
    /// - Parameters:
    ///   - ending: What the clients are told.
    ///   - isMeant: Which sockets, by their player, which is `nil` for a guest, and the client's address.
    /// - Returns: How many sockets were ended.
    /// - Complexity: O(sockets).
    func end(because ending: SessionEnding, where isMeant: (_ playerID: Int?, _ address: IPAddress?) -> Bool) -> Int {
        let all = entries.withLock { Array($0.values) }
        let meant = all.filter { isMeant($0.socket.presence.playerID, $0.address) }
        for entry in meant { entry.socket.end(because: ending) }
        return meant.count
    }
}
