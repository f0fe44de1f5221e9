/// The change of a connection from polling to a WebSocket, up to the moment at which the WebSocket carries it.
///
/// The client sends `2probe` on the WebSocket and gets `3probe`. From then on polls are answered at once, so that the
/// client can stop polling; with `5` it says that it has. A WebSocket that does anything else is closed, and the
/// connection goes on polling.
struct EngineUpgrade {
    /// What a packet of the WebSocket means for the connection.
    enum Step {
        /// Nothing.
        case nothing
        /// The probe was answered: a poll that waits must end.
        case probed
        /// The WebSocket carries the connection from now on.
        case completed(EngineWebSocket)
    }

    private var socket: EngineWebSocket?
    private var timer: RunningTimer?
    /// Whether the probe was answered, so that no poll waits.
    private(set) var isProbed = false

    /// Whether there is an upgrade.
    var isInProgress: Bool { socket != nil }

    /// Starts an upgrade.
    ///
    /// - Parameters:
    ///   - socket: The WebSocket.
    ///   - timer: Ends the upgrade when its time is over.
    mutating func begin(_ socket: EngineWebSocket, timer: RunningTimer) {
        self.socket = socket
        self.timer = timer
    }

    /// Handles a packet of a WebSocket; one that is not the upgrade's is ignored.
    mutating func receive(_ packet: EnginePacket, over other: EngineWebSocket) -> Step {
        guard let socket, socket === other else { return .nothing }
        switch packet {
        case .ping(EnginePacket.probe) where !isProbed:
            isProbed = true
            socket.send([.control("3probe")])
            return .probed
        case .upgrade where isProbed:
            reset()
            return .completed(socket)
        default:
            abandon(socket, EngineViolation(.protocolError, "an upgrade is 2probe, then 5"))
            return .nothing
        }
    }

    /// Closes a WebSocket and ends its upgrade; does nothing when there is another one, or none.
    mutating func abandon(_ other: EngineWebSocket, _ reason: EngineViolation) {
        if socket === other { abandon(reason) }
    }

    /// Closes the WebSocket, if there is one, and ends the upgrade.
    mutating func abandon(_ reason: EngineViolation) {
        socket?.discard(reason)
        reset()
    }

    private mutating func reset() {
        timer?.cancel()
        self = EngineUpgrade()
    }
}
