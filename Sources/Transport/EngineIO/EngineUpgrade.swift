/// The change of a connection from polling to a WebSocket, up to the moment at which the WebSocket carries it.
///
/// The client sends `2probe` on the WebSocket and gets `3probe`. From then on polls are answered at once, so that the
/// client can stop polling; with `5` it says that it has. A WebSocket that does anything else is closed, and the
/// connection goes on polling.
struct EngineUpgrade {
    /// What a packet of the WebSocket means for the connection.
    enum Step {
        /// The packet is of another WebSocket, which is being closed.
        case ignore
        /// The client waits for the answer to its probe, and for the end of its poll.
        case probed
        /// The WebSocket carries the connection from now on.
        case completed
        /// The upgrade has ended; the WebSocket must be closed.
        case abandoned
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

    /// Decides about a packet of a WebSocket.
    mutating func step(after packet: EnginePacket, over other: EngineWebSocket) -> Step {
        guard socket === other else { return .ignore }
        switch packet {
        case .ping(EnginePacket.probe) where !isProbed:
            isProbed = true
            return .probed
        case .upgrade where isProbed:
            _ = end()
            return .completed
        default:
            _ = end()
            return .abandoned
        }
    }

    /// Ends the upgrade.
    ///
    /// - Returns: Its WebSocket; `nil` if there was no upgrade.
    mutating func end() -> EngineWebSocket? {
        defer { self = EngineUpgrade() }
        timer?.cancel()
        return socket
    }

    /// Ends the upgrade to a WebSocket; does nothing when there is another one, or none.
    ///
    /// - Returns: Whether it did.
    mutating func end(_ other: EngineWebSocket) -> Bool { socket === other && end() != nil }
}
