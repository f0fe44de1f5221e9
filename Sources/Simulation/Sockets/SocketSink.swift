package import JSONValues
package import Wire

/// The receiver of what a map sends to one socket; implemented outside the map, by the connection.
package protocol SocketSink: AnyObject, Sendable {
    /// The connection's number, of the same numbers as those of sessions.
    var id: SessionID { get }
    /// Socket.IO's id of the socket, which scripts and its client know.
    var socketID: String { get }
    /// The thread on which `deliver` and `flush` are called.
    var thread: SessionThread { get }
    /// Accepts one output; called on `thread` only, in order. Must not block, and must limit how much it keeps.
    func deliver(_ output: SocketOutput)
    /// Ends the outputs of a tick; called on `thread` only.
    func flush()
}

/// What a map sends to one socket.
package enum SocketOutput: Sendable {
    /// The connection is accepted; the first output of a socket, unless that is `refuse`.
    case accept
    /// The connection is refused, for this reason; the only output of a socket.
    case refuse(message: String)
    /// Events, as whole packets of the main namespace.
    case packets(PacketRun)
    /// The answer to an event, by the number that the event had.
    case acknowledge(Int, [JSON])
    /// The refusal of an event, for this error. It counts against the client; the number is `nil` when the client
    /// wants no answer, or has one.
    case refuseEvent(Int?, JSON)
    /// A script ends the connection; the last output of a socket.
    case disconnect
    /// The map takes no sockets any more, because it ends or another map is the start map; the last output of a socket,
    /// or the only one. The client should connect anew.
    case close
}

/// What a tick sends to one socket.
package struct SocketDelivery {
    /// The socket.
    package var sink: any SocketSink
    /// The outputs in order.
    package var outputs: [SocketOutput]
}
