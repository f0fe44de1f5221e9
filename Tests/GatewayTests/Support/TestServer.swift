import Foundation
import GameFolder
import Hummingbird
import JSONValues
import Logging
import NIOPosix
import ServiceLifecycle
import Storage
import Testing

@testable import Gateway
@testable import Transport

/// A complete gateway on a free port, with a store in a fresh folder and stubs as maps.
struct TestServer {
    let port: Int
    let maps: [StubMap]
    let storage: SQLiteStorage
    let writeBehind: WriteBehind
    let folder: String
    let clock: TestClock
    let group: ServiceGroup
    let metrics: GatewayMetrics
    /// Changes the running server's settings.
    let reconfigure: ((inout GatewayConfiguration) -> Void) -> Void

    var map: StubMap { maps[0] }

    /// Runs a body with the path of a folder that is removed afterwards.
    static func withFolder(_ body: (String) async throws -> Void) async throws {
        let folder = NSTemporaryDirectory() + "/gateway-tests-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try await body(folder)
    }

    /// Runs a body against a server and stops it gracefully afterwards; `players` gets the server's service before
    /// `addRoutes` is called.
    static func run(
        maps: [StubMap] = [StubMap()], configure: (inout GatewayConfiguration, String) throws -> Void = { _, _ in },
        isOperator: @escaping @Sendable (Request, ClientOrigin) async throws -> Bool = { _, _ in false },
        players: (PlayerService) -> Void = { _ in },
        addRoutes: (GatewayRouter, SQLiteStorage, TestClock) -> Void = { _, _, _ in },
        _ body: (TestServer) async throws -> Void
    ) async throws {
        try await withFolder { folder in
            try await run(
                in: folder, maps: maps, configure: configure, isOperator: isOperator, players: players,
                addRoutes: addRoutes, body)
        }
    }

    /// As ``run(maps:configure:isOperator:players:addRoutes:_:)``, in a folder that stays.
    static func run(
        in folder: String, maps: [StubMap] = [StubMap()], game: GameDefinition? = nil,
        configure: (inout GatewayConfiguration, String) throws -> Void = { _, _ in },
        isOperator: @escaping @Sendable (Request, ClientOrigin) async throws -> Bool = { _, _ in false },
        players: (PlayerService) -> Void = { _ in },
        addRoutes: (GatewayRouter, SQLiteStorage, TestClock) -> Void = { _, _, _ in },
        _ body: (TestServer) async throws -> Void
    ) async throws {
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        var configuration = GatewayConfiguration()
        configuration.host = "127.0.0.1"
        configuration.port = 0
        configuration.passwordCost = .minimal
        // Without resume tokens, clients get exactly the snapshots that a test's map sends.
        configuration.resumeTime = .zero
        try configure(&configuration, folder)

        let clock = TestClock()
        let storage = try SQLiteStorage(path: folder + "/test.db")
        let writeBehind = WriteBehind(storage: storage, logger: logger)
        let service = PlayerService(
            storage: storage, writeBehind: writeBehind, maps: maps, time: clock.source, game: { game })
        players(service)
        let server = GameServer(
            configuration: configuration, storage: storage, writeBehind: writeBehind, maps: maps,
            players: service, time: clock.source, pauses: .none, eventLoopGroup: .singleton, logger: logger,
            isOperator: isOperator,
            addRoutes: { addRoutes($0, storage, clock) })
        let group = ServiceGroup(configuration: .init(services: [writeBehind, server], logger: logger))
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            guard let port = await server.boundPort() else {
                // The server could not listen; the group's error says why.
                return try await tasks.waitForAll()
            }
            do {
                try await body(
                    TestServer(
                        port: port, maps: maps, storage: storage, writeBehind: writeBehind, folder: folder,
                        clock: clock,
                        group: group, metrics: server.metrics, reconfigure: { server.reconfigure($0) }))
            } catch {
                await group.triggerGracefulShutdown()
                try await tasks.waitForAll()
                throw error
            }
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
        }
        try storage.close()
    }

    func client() async throws -> TestClient { try await TestClient(port: port) }

    func register(_ login: String, password: String = "secret") async throws -> JSONObject {
        let reply = try await client().request(
            "POST", "/server/sign/register/", headers: ["Content-Type": "application/x-www-form-urlencoded"],
            body: "login=\(login)&password=\(password)")
        #expect(reply.status == 200, "\(reply.text)")
        return reply.json
    }

    /// The handshake's query for a login answer.
    static func query(_ login: JSONObject) -> String {
        let id = Int(login["id"]?.number ?? 0)
        let text = "\(id):\(login["token"]?.string ?? "")"
        return "HTTP_AUTHORIZATION=" + Data(text.utf8).base64EncodedString()
    }

    /// A connection that has joined and received its snapshot.
    func join(_ login: JSONObject) async throws -> TestClient {
        let client = try await client()
        let reply = try await client.handshake(Self.query(login))
        #expect(reply.status == 101, "\(reply.text)")
        #expect(try await client.message()["action"] == .string("load/index"))
        return client
    }
}

extension ServerPauses {
    /// No pauses: on a busy machine beats come late, which is one for a server, and would make deadlines later.
    static var none: ServerPauses { ServerPauses(now: { .uptimeNanoseconds(1) }, threadClock: { { .zero } }) }
}
