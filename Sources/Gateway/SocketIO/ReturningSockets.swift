import Synchronization

/// The sockets of scripts whose clients may come back, by their ids. Any thread may use it.
///
/// It has a socket from the moment its client knows how to come back until the client has left for good. So it has at
/// most as many as there are open sockets, and those that the limits of ``Transport/RecoveryStore`` keep for clients
/// that are away.
final class ReturningSockets: Sendable {
    private let sockets = Mutex<[String: ScriptSocket]>([:])

    /// How many there are.
    var count: Int { sockets.withLock { $0.count } }

    /// A socket; `nil` when its client can't come back to it.
    subscript(socketID: String) -> ScriptSocket? { sockets.withLock { $0[socketID] } }

    /// Adds a socket.
    func add(_ socket: ScriptSocket) { sockets.withLock { $0[socket.socketID] = socket } }

    /// Removes a socket, if it is there.
    func remove(_ socketID: String) { _ = sockets.withLock { $0.removeValue(forKey: socketID) } }
}
