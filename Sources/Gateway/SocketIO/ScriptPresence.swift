import JSONValues
import Simulation
import Synchronization

/// The presence of one socket on the map whose scripts run its events: it outlives the connections of a client that
/// comes back. Any thread may use it.
final class ScriptPresence: Sendable {
    /// The socket's number on the map.
    let id: SessionID
    /// The socket's id, which its client and the scripts know.
    let socketID: String
    /// The player; `nil` for a guest.
    let playerID: Int?
    private let map: any MapHandle
    private let sockets: ScriptSockets
    private let hasEnded = Atomic<Bool>(false)
    /// The number of the latest connection.
    private let latest = Atomic<Int>(0)

    /// Notes a socket that the map does not know yet.
    ///
    /// - Parameters:
    ///   - id: The socket's number on the map.
    ///   - socketID: The socket's id.
    ///   - playerID: The player; `nil` for a guest.
    ///   - map: The map.
    ///   - sockets: Has the socket until it ends.
    init(id: SessionID, socketID: String, playerID: Int?, map: any MapHandle, sockets: ScriptSockets) {
        self.id = id
        self.socketID = socketID
        self.playerID = playerID
        self.map = map
        self.sockets = sockets
    }

    /// Counts the bytes to and from the map's clients; `nil` where nothing is counted.
    var traffic: TrafficMeter? { map.traffic }

    /// A number for the connection on which the client is back; the first connection has number 0.
    func nextConnection() -> Int { latest.add(1, ordering: .acquiringAndReleasing).newValue }

    /// Asks the map whether the client may connect.
    ///
    /// - Parameters:
    ///   - sink: The socket; it gets the answer.
    ///   - opening: What the map's scripts learn of the client.
    /// - Returns: `false` when too much waits there.
    func open(_ sink: any SocketSink, _ opening: SocketOpening) -> Bool { map.post(.socket(.open(sink, opening))) }

    /// Passes an event of the client to the map.
    ///
    /// - Returns: `false` when too much waits there.
    func post(_ name: String, _ arguments: [JSON], acknowledgement: Int?) -> Bool {
        map.post(.socket(.event(id, name: name, arguments: arguments, acknowledgement: acknowledgement)))
    }

    /// Notes that the map or its scripts have ended or refused the socket, so that they need not hear of it.
    func ended() {
        hasEnded.store(true, ordering: .releasing)
        sockets.remove(socketID)
    }

    /// Tells the map, once, that the client has left.
    ///
    /// - Parameters:
    ///   - reason: Why, as Socket.IO names it.
    ///   - connection: The number of the connection by which it has left. A former one does not count: its client is
    ///     back, and the connection that it has now tells how it ends.
    func leave(because reason: String, connection: Int) {
        guard latest.load(ordering: .acquiring) == connection else { return }
        guard !hasEnded.exchange(true, ordering: .acquiringAndReleasing) else { return }
        sockets.remove(socketID)
        _ = map.post(.socket(.close(id, reason: reason)))
    }
}
