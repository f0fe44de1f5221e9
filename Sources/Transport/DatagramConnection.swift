/// A connection that has a lane for messages which are worth nothing when they are late, beside the one for all others.
package protocol DatagramConnection: ClientConnection {
    /// The most bytes of a datagram.
    var maxDatagramBytes: Int { get }

    /// Sends a message at once, or drops it when it would have to wait. It may get lost, and may overtake others.
    ///
    /// - Parameters:
    ///   - bytes: The content of the message; at most ``maxDatagramBytes`` bytes.
    ///   - isText: Whether it is UTF-8 text.
    /// - Returns: Whether it was sent.
    @discardableResult func sendDatagram(_ bytes: [UInt8], isText: Bool) -> Bool
}

/// A session that takes such messages; they are dropped for others.
package protocol DatagramSession: ClientSession {
    /// A datagram arrived; those that the client sent before may come later, or never.
    ///
    /// - Parameters:
    ///   - message: The content of the datagram.
    ///   - isText: Whether it is a text message; whether that is UTF-8 was not checked.
    func receivedDatagram(_ message: [UInt8], isText: Bool)
}
