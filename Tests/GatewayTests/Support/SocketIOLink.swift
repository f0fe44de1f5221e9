import JSONValues
import NIOCore
import NIOEmbedded
import Testing
import Wire

@testable import Gateway
@testable import Transport

/// A player over Socket.IO, with all that stands between the session and the transport of Engine.IO.
///
/// It is as the other links for a test: a client's command is sent as an event, and the payload of an event that the
/// client gets is the text of a message. Socket.IO has no close codes, so a close has the code of the server's side.
final class SocketIOLink: SessionLink {
    /// Makes the client's end of a connection to a server.
    typealias MakeEnd = (EngineServer, EmbeddedEventLoop) throws -> any EngineEnd

    /// What the server has made for the client. `@unchecked Sendable`: used on the test's thread only.
    private final class Client: SocketServer, @unchecked Sendable {
        weak var engine: EngineConnection?
        private(set) var request: (link: SocketLink, answer: (SocketDecision) -> Void)?

        func connect(_ link: SocketLink, auth: JSONObject?, answer: @escaping (SocketDecision) -> Void) {
            request = (link, answer)
        }

        func takeRequest() -> (link: SocketLink, answer: (SocketDecision) -> Void)? {
            defer { request = nil }
            return request
        }
    }

    let loop = EmbeddedEventLoop()
    private let server: EngineServer
    private let client = Client()
    private let end: any EngineEnd
    /// What the packets of the namespace have after their type.
    private let namespace: String
    private let socket: PlayerSocket
    private let observed: ObservedConnection
    private let answer: (SocketDecision) -> Void
    private var isCloseTaken = false

    init(
        _ limits: SessionLimits, _ metrics: TransportMetrics, namespace: String,
        pauses: @escaping @Sendable () -> TimeAmount, makeEnd: MakeEnd
    ) throws {
        self.namespace = namespace == "/" ? "" : namespace + ","
        let client = client
        server = EngineServer(
            options: { .sockets(limits) },
            sendMemory: SendMemory(limit: 1 << 20, metrics: metrics, logger: .silent), metrics: metrics,
            pausedTime: pauses, isAllowedOrigin: { _ in true },
            makeSession: { connection, _ in
                client.engine = connection
                return SocketClient(connection, server: client, options: SocketOptions(limits, pauses: pauses))
            })
        end = try makeEnd(server, loop)
        try end.send("40" + self.namespace)
        let request = try #require(client.takeRequest())
        answer = request.answer
        socket = PlayerSocket(request.link)
        observed = ObservedConnection(socket)
    }

    var connection: any ClientConnection { observed }
    var isConnected: Bool { server.count > 0 }
    var waitingLimit: Int? { observed.waitingLimit }

    func open(_ session: any ClientSession) throws {
        socket.serve(session)
        answer(.accept(socket))
    }

    // MARK: - What the client sends

    func receive(_ signal: SessionSignal) throws {
        switch signal {
        case .text(let text): try emit(text)
        // The only control packet that a client may send.
        case .ping, .pong: try end.send("3")
        case .close:
            if !isCloseTaken { try end.send("41" + namespace) }
            try end.close()
        }
    }

    /// Sends a command as an event. A text that is no command becomes an event that is none.
    private func emit(_ text: String) throws {
        guard var members = (try? JSON(parsing: text))?.object, let name = members["action"]?.string else {
            return try emit("not a command", .string(text))
        }
        members["action"] = nil
        try emit(name, members.members.isEmpty ? nil : .object(members))
    }

    /// Sends a packet as it is.
    func send(_ packet: String) throws { try end.send(packet) }

    /// Sends an event.
    ///
    /// - Parameters:
    ///   - name: The event's name.
    ///   - argument: Its only argument; `nil` for none.
    ///   - id: The number for its acknowledgement; `nil` when the client wants none.
    /// - Throws: `ChannelError`.
    func emit(_ name: String, _ argument: JSON?, acknowledgement id: Int? = nil) throws {
        let event = JSON.array([.string(name)] + (argument.map { [$0] } ?? []))
        try end.send("42" + namespace + (id.map { "\($0)" } ?? "") + event.text)
    }

    // MARK: - What the client gets

    func takeSent() throws -> [SessionSignal] {
        try end.takePackets().flatMap { packet -> [SessionSignal] in
            switch packet.prefix(2) {
            case "1", "41": return takeClose()
            case "2": return [.ping]
            case "6", "40": return []
            case "42", "43": return [.text(payload(packet))]
            default:
                Issue.record("the packet \(packet.prefix(100))")
                return []
            }
        }
    }

    /// The packets as they come.
    func takePackets() throws -> [String] { try end.takePackets() }

    private func takeClose() -> [SessionSignal] {
        guard !isCloseTaken else { return [] }
        isCloseTaken = true
        return [.close(observed.closeCode?.rawValue)]
    }

    /// The only argument of an event or of an acknowledgement.
    private func payload(_ packet: String) -> String {
        let list = packet.drop { $0 != "[" }.dropFirst().dropLast()
        #expect(packet.dropFirst(2).hasPrefix(namespace))
        return String(packet.hasPrefix("42") ? list.drop { $0 != "," }.dropFirst() : list)
    }

    // MARK: - The connection

    func setWritable(_ isWritable: Bool) {
        guard let engine = client.engine else { return }
        do {
            try end.setWritable(isWritable, of: engine, limit: waitingLimit ?? 0)
        } catch {
            Issue.record(error)
        }
    }

    func shed() { end.shed(client.engine) }
    func disconnect() { end.disconnect() }
}

/// The connection of a session, which writes down what a client of Socket.IO does not learn.
private final class ObservedConnection: ClientConnection {
    private let connection: any ClientConnection
    private(set) var closeCode: CloseCode?
    private(set) var waitingLimit: Int?

    init(_ connection: any ClientConnection) { self.connection = connection }

    func limitWaiting(high: Int, low: Int) {
        waitingLimit = high
        connection.limitWaiting(high: high, low: low)
    }

    func close(_ code: CloseCode, reason: String) {
        if closeCode == nil { closeCode = code }
        connection.close(code, reason: reason)
    }

    var eventLoop: any EventLoop { connection.eventLoop }
    var acceptsDeflate: Bool { connection.acceptsDeflate }
    var isCompact: Bool { connection.isCompact }
    var packets: SocketPackets? { connection.packets }
    var waitingBytes: Int { connection.waitingBytes }
    func setReading(_ isOn: Bool) { connection.setReading(isOn) }
    func send(_ message: OutboundMessage) { connection.send(message) }
    func size(of message: OutboundMessage) -> Int { connection.size(of: message) }
    func send(_ bytes: [UInt8], isText: Bool) { connection.send(bytes, isText: isText) }
    func flush() { connection.flush() }
    func ping() { connection.ping() }
    func closeNow() { connection.closeNow() }
    func abort() { connection.abort() }
}
