import Foundation
import GameRules
import JSONValues
import Logging
import NIOCore
import NIOEmbedded
import NIOHTTP1
import Storage
import Testing
import Wire

@testable import Gateway
@testable import Transport

/// A gateway whose clients of Socket.IO each have a connection on an event loop of their own; a test runs the loops.
final class SocketBench: Sendable {
    let map = SocketMap()
    let clock = TestClock()
    let core: GatewayCore
    private let folder: String

    /// Makes a gateway of a game with socket scripts that takes guests.
    ///
    /// - Parameters:
    ///   - recovery: How long clients may come back.
    ///   - configure: Changes the server's settings.
    /// - Throws: What the file system or the store throws.
    init(
        recovery: TimeAmount = .seconds(120), configure: (inout GatewayConfiguration) -> Void = { _ in }
    ) throws {
        folder = NSTemporaryDirectory() + "/socket-tests-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let storage = try SQLiteStorage(path: folder + "/test.db")
        var configuration = GatewayConfiguration()
        configuration.sockets = SocketRules(hasScripts: true, allowsGuests: true, recoveryTime: recovery)
        configure(&configuration)
        core = GatewayCore(
            configuration: configuration, storage: storage,
            writeBehind: WriteBehind(storage: storage, logger: .silent), maps: map, players: nil,
            metrics: GatewayMetrics(), ports: ListeningPorts(), time: clock.source, pauses: .none,
            logger: .silent)
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    /// A client that has asked for the main namespace.
    ///
    /// - Parameters:
    ///   - auth: The payload with which it asks, as JSON.
    ///   - address: Where it comes from.
    /// - Returns: The client, which may have no answer yet.
    /// - Throws: An error for a text that is not an address.
    func client(_ auth: String = "", address: String = "127.0.0.1") throws -> Client {
        let line = InMemoryConnection()
        try line.open(session(of: line, from: try SocketAddress(ipAddress: address, port: 1)))
        try line.receive(.text("0" + auth))
        return Client(line: line)
    }

    /// The session of a connection.
    func session(
        of connection: any PacketConnection, from peer: SocketAddress? = nil, options: SocketOptions = SocketOptions()
    ) -> SocketClient {
        let head = HTTPRequestHead(version: .http1_1, method: .GET, uri: "/socket.io/?EIO=4&transport=websocket")
        let handshake = EngineHandshake(head: head, peer: peer)
        return SocketClient(
            connection, server: GameSockets(core, handshake), options: options, recovery: core.recovery)
    }

    /// A client without an account that has its socket.
    func enter() throws -> (client: Client, answer: Answer) {
        let client = try client()
        let answer = try client.answer()
        #expect(map.takeTexts() == ["open guest"])
        return (client, answer)
    }

    /// One client.
    struct Client {
        let line: InMemoryConnection

        func run() { line.loop.run() }

        /// What the client was sent since the last call.
        func take() throws -> [String] { try line.takeSent().compactMap(\.text) }

        /// The code with which the server has closed the connection since the last call of this or of ``take()``.
        func closeCode() throws -> UInt16? {
            try line.takeSent().compactMap { if case .close(let code) = $0 { code } else { nil } }.first
        }

        /// The answer to the wish for the namespace, and what came after it.
        func answer() throws -> Answer {
            run()
            var sent = try take()
            let text = try #require(sent.isEmpty ? nil : sent.removeFirst())
            let object = try #require(try JSON(parsing: String(text.dropFirst())).object)
            return Answer(
                sid: try #require(object["sid"]?.string, "\(text)"), pid: object["pid"]?.string, events: sent)
        }
    }

    /// What a client got that has its socket.
    struct Answer {
        var sid: String
        var pid: String?
        /// The packets after the answer.
        var events: [String]

        /// The payload of a client that is back.
        ///
        /// - Parameter offset: The latest event that it received; `nil` for none.
        /// - Returns: The payload as JSON.
        func back(_ offset: String? = nil) -> String {
            var object: JSONObject = ["pid": .string(pid ?? "")]
            if let offset { object["offset"] = .string(offset) }
            return String(decoding: JSON.object(object).bytes, as: UTF8.self)
        }
    }
}

/// The texts of a client of Socket.IO are packets without the digit of the Engine.IO message.
extension InMemoryConnection: PacketConnection {
    func send(packet: OutboundMessage) { send(text: Array(packet.bytes.dropFirst())) }
    func send(run: PacketRun) { for packet in run.packets { send(packet: packet) } }
}
