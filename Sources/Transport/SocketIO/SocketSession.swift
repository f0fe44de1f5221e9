package import Wire

/// One accepted socket, as its application sees it: a ``SocketLink`` calls these functions, on its event loop.
///
/// Several sockets may share one connection. What concerns the connection is told to all of them.
package protocol SocketSession: AnyObject {
    /// The client has its socket; called once, first. What a recovered socket missed is queued before what is sent now.
    func opened()

    /// The client sent an event.
    ///
    /// - Parameters:
    ///   - event: The event. When it has an id, the client waits for ``SocketLink/acknowledge(_:_:)``.
    ///   - bytes: How many bytes its packet has, attachments included.
    func received(_ event: SocketEvent, bytes: Int)

    /// Bytes arrived from the client.
    func heard()

    /// Something arrived that is no event and needs no answer of the application, such as a pong or an acknowledgement
    /// that nobody waits for. It counts against the client's rate as a message does.
    ///
    /// - Returns: Whether the transport may answer a ping.
    func receivedControl() -> Bool

    /// The client broke the protocol; the connection is closed afterwards. It is the last moment to send something.
    ///
    /// - Parameters:
    ///   - code: The close code for this violation.
    ///   - description: The violation, for people.
    func violated(_ code: CloseCode, _ description: String)

    /// The number of bytes that wait for the client rose above the upper limit or fell below the lower one.
    ///
    /// - Parameter isWritable: Whether the waiting bytes are within the limit again.
    func writabilityChanged(_ isWritable: Bool)

    /// The connection must be closed, because too many bytes wait for all clients together.
    func connectionShed()

    /// The server begins to stop.
    func serverStops()

    /// The connection failed; it ends.
    ///
    /// - Parameter error: The error.
    func connectionFailed(_ error: any Error)

    /// The socket has ended; called once, last. It is called without ``opened()`` when the link had ended before the
    /// server accepted it, and when the server no longer has what the client of a recovered socket missed.
    ///
    /// - Parameter end: Why.
    func ended(_ end: SocketEnd)
}

/// Why a socket ended.
package enum SocketEnd: Sendable, Equatable {
    /// The client left the namespace.
    case clientLeft
    /// The application ended the socket by ``SocketLink/disconnect()``.
    case serverLeft
    /// The application closed the connection.
    case serverClosed
    /// The server stops.
    case serverStopped
    /// The client broke the protocol.
    case violation
    /// The connection has ended; with its error, if it failed.
    case connectionLost(error: String?)
    /// The client did not answer a ping in time.
    case timedOut
    /// The same client is back on another connection, before the end of this one was noticed.
    case returned

    /// The reason, as Socket.IO's servers name it.
    package var reason: String {
        switch self {
        case .clientLeft: "client namespace disconnect"
        case .serverLeft: "server namespace disconnect"
        case .serverClosed: "forced server close"
        case .serverStopped: "server shutting down"
        case .violation: "parse error"
        case .connectionLost(error: nil), .returned: "transport close"
        case .connectionLost: "transport error"
        case .timedOut: "ping timeout"
        }
    }

    /// Whether the client did not mean to leave, and may come back to get what it missed.
    package var mayReturn: Bool {
        switch self {
        case .connectionLost, .timedOut, .returned: true
        case .clientLeft, .serverLeft, .serverClosed, .serverStopped, .violation: false
        }
    }
}
