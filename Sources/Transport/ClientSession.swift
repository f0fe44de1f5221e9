/// What lives on a connection and decides what its client may do: what a transport tells it.
///
/// Everything is called on the connection's event loop.
package protocol ClientSession: AnyObject {
    /// The connection is ready; called once, before everything else.
    func connectionOpened()

    /// Something came from the client.
    func heard()

    /// A whole message came.
    ///
    /// - Parameters:
    ///   - message: Its content.
    ///   - isText: Whether it came as text, where the transport tells that from binary.
    func received(_ message: [UInt8], isText: Bool)

    /// A sign of life came that is no message, such as a ping or a pong.
    ///
    /// - Returns: Whether the transport may answer one that wants an answer.
    func receivedControl() -> Bool

    /// The client broke the transport's rules: nothing more of what it sends can be read.
    ///
    /// - Parameters:
    ///   - code: With which code such a connection is closed.
    ///   - description: What was wrong.
    func violated(_ code: CloseCode, _ description: String)

    /// The client has begun to close the connection; the transport answers that itself.
    func clientCloses()

    /// More bytes wait now than allowed, or few enough again.
    ///
    /// - Parameter isWritable: Whether what can be left out may be sent.
    func writabilityChanged(_ isWritable: Bool)

    /// The connection must go, since too many bytes wait for all clients together.
    func connectionShed()

    /// The server begins to stop.
    func serverStops()

    /// The connection failed; it ends.
    ///
    /// - Parameter error: How.
    func connectionFailed(_ error: any Error)

    /// The connection is gone; called once, after everything else.
    func connectionEnded()
}

/// Makes what lives on an accepted connection; called once, on the connection's event loop.
package typealias SessionMaker = @Sendable (any ClientConnection) -> any ClientSession
