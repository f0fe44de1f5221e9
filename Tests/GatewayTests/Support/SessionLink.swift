import NIOCore
import NIOEmbedded
import Testing

@testable import Gateway
@testable import Transport

/// A signal between a client and a server, independent of the transport's form.
enum SessionSignal: Equatable {
    case text(String)
    case ping
    case pong
    case close(UInt16?)

    var text: String? { if case .text(let text) = self { text } else { nil } }
}

/// The connections over which the rules of sessions are tested.
enum TestTransport: String, CaseIterable, CustomTestStringConvertible {
    case webSocket, inMemory, webRTC, socketIOPolling, socketIOWebSocket

    /// The transports of Perigee's own protocol, for rules that clients of Socket.IO can't meet.
    static let ownProtocol: [TestTransport] = [.webSocket, .inMemory, .webRTC]

    /// The transports whose clients can send pings. Those of WebRTC are SCTP's own, and no session sees them.
    static let withPings: [TestTransport] = allCases.filter { $0 != .webRTC }

    var testDescription: String { rawValue }

    /// Makes a connection that is not open yet.
    ///
    /// - Parameters:
    ///   - limits: The limits of its session.
    ///   - metrics: The metrics of the transport.
    ///   - isCompact: Whether the client chooses the compact encoding, which Socket.IO does not have.
    ///   - pauses: The total time of the server's pauses so far.
    /// - Returns: Both ends of the connection.
    /// - Throws: `ChannelError` when the connection can't be opened.
    func makeLink(
        _ limits: SessionLimits, _ metrics: TransportMetrics, isCompact: Bool,
        pauses: @escaping @Sendable () -> TimeAmount
    ) throws -> any SessionLink {
        switch self {
        case .webSocket: WebSocketLink(limits, metrics, isCompact: isCompact)
        case .inMemory: InMemoryConnection(isCompact: isCompact)
        case .webRTC: WebRTCLink(limits, metrics, isCompact: isCompact, pauses: pauses)
        case .socketIOPolling:
            try SocketIOLink(limits, metrics, namespace: "/", pauses: pauses) { try EnginePollingEnd($0, $1) }
        case .socketIOWebSocket:
            try SocketIOLink(limits, metrics, namespace: GameSockets.players, pauses: pauses) {
                try EngineWebSocketEnd($0, $1, metrics)
            }
        }
    }
}

/// Both ends of a connection, on one thread.
protocol SessionLink: AnyObject {
    /// The connection's event loop, whose clock the test advances.
    var loop: EmbeddedEventLoop { get }
    var connection: any ClientConnection { get }
    var isConnected: Bool { get }

    /// Opens the connection with its session.
    func open(_ session: any ClientSession) throws

    /// Sends something as the client.
    func receive(_ signal: SessionSignal) throws

    /// What the client was sent since the last call.
    func takeSent() throws -> [SessionSignal]

    func setWritable(_ isWritable: Bool)

    /// The most bytes that may wait before the connection counts as unwritable; `nil` before the session set a limit.
    var waitingLimit: Int? { get }

    /// Asks for the connection's end to keep to the process's bound of bytes that wait.
    func shed()

    /// Ends the connection as if the client had vanished.
    func disconnect()
}
