/// The session on a connection, which decides what the client may do; a transport calls these functions.
///
/// All functions are called on the connection's event loop.
package protocol ClientSession: AnyObject {
    /// The connection is ready; called once, before everything else.
    func connectionOpened()

    /// Bytes arrived from the client.
    func heard()

    /// A whole message arrived.
    ///
    /// - Parameters:
    ///   - message: The content of the message.
    ///   - isText: Whether it is a text message, for transports that distinguish text from binary.
    func received(_ message: [UInt8], isText: Bool)

    /// A control frame arrived, such as a ping or a pong.
    ///
    /// - Returns: Whether the transport may answer a ping.
    func receivedControl() -> Bool

    /// The client broke the transport's rules, so its further input can't be read.
    ///
    /// - Parameters:
    ///   - code: The close code for this violation.
    ///   - description: The violation, for people.
    func violated(_ code: CloseCode, _ description: String)

    /// The client has begun to close the connection; the transport sends the answer.
    func clientCloses()

    /// The number of waiting bytes rose above the upper limit or fell below the lower one.
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

    /// The connection has ended; called once, after everything else.
    func connectionEnded()
}

/// Makes the session of an accepted connection; called once, on the connection's event loop.
package typealias SessionMaker = @Sendable (any ClientConnection) -> any ClientSession
