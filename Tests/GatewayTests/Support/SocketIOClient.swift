import JSONValues
import Testing

@testable import Gateway

/// A client of Socket.IO over a real WebSocket, which answers pings.
final class SocketIOClient {
    /// What the server sent. Events and acknowledgements have one argument here.
    enum Packet: Equatable {
        case connected
        case refused(JSONObject)
        case event(String, JSONObject)
        case acknowledgement(Int, JSONObject)
        case disconnected
        case closed(UInt16?)
        case ended

        /// The code in the error of a refusal, an event or an acknowledgement.
        var code: String? {
            switch self {
            case .refused(let refusal): refusal["data"]?.object?["code"]?.string
            case .event("error", let content), .acknowledgement(_, let content): content["code"]?.string
            default: nil
            }
        }
    }

    static let path = "/socket.io/"
    static let webSocket = "EIO=4&transport=websocket"

    private let client: TestClient

    /// Opens the connection, without a namespace.
    init(_ server: TestServer) async throws {
        client = try await server.client()
        let reply = try await client.handshake(Self.webSocket, path: Self.path)
        #expect(reply.status == 101, "\(reply.text)")
        guard case .text(let packet) = try await client.frame(), packet.hasPrefix(#"0{"sid":""#) else {
            throw SocketIOClientError.noOpenPacket
        }
    }

    /// Connects a namespace.
    ///
    /// - Returns: The answer.
    func connect(_ auth: JSONObject?, to namespace: String = GameSockets.players) async throws -> Packet {
        try await send("40", namespace, auth.map { JSON.object($0).text } ?? "")
        return try await next()
    }

    func emit(
        _ name: String, _ payload: JSONObject, acknowledgement id: Int? = nil, namespace: String = GameSockets.players
    ) async throws {
        let list = JSON.array([.string(name), .object(payload)]).text
        try await send("42", namespace, (id.map { "\($0)" } ?? "") + list)
    }

    func leave(_ namespace: String = GameSockets.players) async throws { try await send("41", namespace, "") }

    func send(_ type: String, _ namespace: String, _ rest: String) async throws {
        try await client.send(text: type + (namespace == "/" ? "" : namespace + ",") + rest)
    }

    /// The next packet of any namespace.
    func next() async throws -> Packet {
        while true {
            switch try await client.frame() {
            case .text("2"): try await client.send(text: "3")
            case .text(let packet): return try Self.read(packet)
            case .close(let code, _): return .closed(code)
            case .end: return .ended
            case let other:
                Issue.record("\(other)")
                return .ended
            }
        }
    }

    /// The next packet that is no event with this name.
    func next(after name: String) async throws -> Packet {
        while true {
            let packet = try await next()
            if case .event(name, _) = packet { continue }
            return packet
        }
    }

    private static func read(_ packet: String) throws -> Packet {
        var rest = packet.dropFirst(2)
        if rest.first == "/" { rest = rest.drop { $0 != "," }.dropFirst() }
        let id = Int(rest.prefix { $0.isNumber }) ?? 0
        rest = rest.drop { $0.isNumber }
        let content = rest.isEmpty ? JSON.null : try JSON(parsing: String(rest))
        let list = content.array ?? []
        let payload = list.last?.object ?? [:]
        switch packet.prefix(2) {
        case "40": return .connected
        case "41": return .disconnected
        case "42": return .event(list.first?.string ?? "", payload)
        case "43": return .acknowledgement(id, payload)
        case "44": return .refused(content.object ?? [:])
        default: throw SocketIOClientError.unknownPacket(packet)
        }
    }

    /// Ends the connection as the end of a killed program does.
    func vanish() async throws { try await client.close() }
}

enum SocketIOClientError: Error {
    case noOpenPacket
    case unknownPacket(String)
}

extension TestServer {
    /// A player who has joined over Socket.IO and received its snapshot.
    func joinSocket(_ auth: JSONObject) async throws -> SocketIOClient {
        let client = try await SocketIOClient(self)
        #expect(try await client.connect(auth) == .connected)
        #expect(try await client.next() == .event("load/index", ["action": .string("load/index")]))
        return client
    }
}
