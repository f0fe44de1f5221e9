package import JSONValues
import World

/// What happens to a socket of the map, from outside.
package enum SocketInput: Sendable {
    /// A client wants to connect; the map answers once, by ``SocketOutput/accept``,
    /// ``SocketOutput/refuse(message:)`` or ``SocketOutput/close``.
    case open(any SocketSink, SocketOpening)
    /// A client sent an event. A socket that is not answered yet may have events: they run after its connection was
    /// accepted.
    ///
    /// `acknowledgement` is the number by which the client asked for an answer; `nil` when it did not.
    case event(SessionID, name: String, arguments: [JSON], acknowledgement: Int?)
    /// A connection is gone, for this reason in the words of Socket.IO: `transport close`, `ping timeout`, …
    case close(SessionID, reason: String)

    /// How it waits for the map's next tick.
    var waitingRule: WaitingRule {
        switch self {
        case .open: .bounded(.openings, weight: weight)
        case .event: .bounded(.socketEvents, weight: weight)
        // At most one for each socket.
        case .close: .unbounded(isTakenWhenClosed: true)
        }
    }

    /// The weight of its texts and tables, in bytes.
    private var weight: Int {
        switch self {
        case .open(_, let opening): opening.auth.weight + opening.address.utf8.count
        case .event(_, let name, let arguments, _): arguments.reduce(name.utf8.count) { $0 + 16 + $1.weight }
        case .close(_, let reason): reason.utf8.count
        }
    }
}

/// What is known of a client that wants to connect.
package struct SocketOpening: Sendable, Equatable {
    /// The login of its player; `nil` for a guest.
    package var login: String?
    /// The number of its player; `nil` for a guest.
    package var playerID: Int?
    /// What the client gave to connect, without passwords and tokens; null for nothing.
    package var auth: JSON
    /// The address that it comes from; empty when it is not known.
    package var address: String

    /// Makes a description.
    ///
    /// - Parameters:
    ///   - login: The login of its player; `nil` for a guest.
    ///   - playerID: The number of its player; `nil` for a guest.
    ///   - auth: What the client gave to connect, without passwords and tokens; null for nothing.
    ///   - address: The address that it comes from; empty when it is not known.
    package init(login: String? = nil, playerID: Int? = nil, auth: JSON = .null, address: String = "") {
        self.login = login
        self.playerID = playerID
        self.auth = auth
        self.address = address
    }
}
