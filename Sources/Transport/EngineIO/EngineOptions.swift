package import NIOCore

/// What an Engine.IO server tells its clients, and the limits of what they may do.
package struct EngineOptions: Sendable {
    /// The path of all requests, with a slash at its end; clients may leave out that slash.
    package var path: String
    /// The time from a client's answer to a ping to the next ping, in whole milliseconds.
    package var pingInterval = TimeAmount.seconds(25)
    /// The time that a client has to answer a ping, in whole milliseconds.
    package var pingTimeout = TimeAmount.seconds(20)
    /// The most bytes of a request's body, and of a message over a WebSocket.
    package var maxPayload = 1_000_000
    /// The time from the opening of an upgrade's WebSocket until the client has to complete the upgrade.
    package var upgradeTimeout = TimeAmount.seconds(10)
    /// The most packets in one answer to a poll. python-engineio closes the connection when there are more than 16.
    package var maxPacketsPerAnswer = 16
    /// The most connections of all clients together.
    package var maxConnections = Int.max

    /// Makes options with the defaults of the reference server.
    ///
    /// - Parameter path: The path of all requests, such as `/engine.io/`.
    package init(path: String) { self.path = path }

    /// The text of the packet that opens a connection; it has exactly the members of the protocol.
    ///
    /// - Parameters:
    ///   - sid: The connection's id.
    ///   - isPolling: Whether the connection can be upgraded to a WebSocket.
    /// - Returns: The packet.
    func openPacket(sid: String, isPolling: Bool) -> String {
        let upgrades = isPolling ? "\"websocket\"" : ""
        let (interval, timeout) = (pingInterval.nanoseconds / 1_000_000, pingTimeout.nanoseconds / 1_000_000)
        return "0{\"sid\":\"\(sid)\",\"upgrades\":[\(upgrades)],\"pingInterval\":\(interval),"
            + "\"pingTimeout\":\(timeout),\"maxPayload\":\(maxPayload)}"
    }
}
