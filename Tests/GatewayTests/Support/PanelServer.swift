import Foundation
import GameFolder
import JSONValues
import Logging
import OperatorAPI
import Simulation
import Storage
import Testing

@testable import AdminPanel
@testable import Gateway

/// A gateway with the operator's panel, and requests to it as an operator's browser or a program sends them.
struct PanelServer {
    /// An operator who is logged in: the browser's cookie, and the token of its pages.
    struct User {
        var cookie: String
        var token: String
        var agent = "Browser/1"
    }

    let server: TestServer
    let panel: AdminPanel
    let players: PlayerService
    /// The key in the data folder.
    let key: String

    static let password = "correct horse battery"

    /// Runs a body against a server in a fresh folder.
    static func run(
        maps: [StubMap] = [StubMap(mapID: 4), StubMap(mapID: 3)], patience: Duration = .seconds(60),
        configure: (inout GatewayConfiguration) throws -> Void = { _ in }, reload: AdminPanel.Reload? = nil,
        editing: (SQLiteStorage) -> GameEditing? = { _ in nil }, control: StubGame? = nil,
        logs: LogHub = LogHub(), beats: any Clock<Duration> = ContinuousClock(), gameDirectory: String? = nil,
        _ body: (PanelServer) async throws -> Void
    ) async throws {
        try await TestServer.withFolder { folder in
            try await run(
                in: folder, maps: maps, patience: patience, configure: configure, reload: reload, editing: editing,
                control: control, logs: logs, beats: beats, gameDirectory: gameDirectory, body)
        }
    }

    /// As ``run(maps:patience:configure:reload:editing:control:logs:beats:gameDirectory:_:)``, in a folder that stays.
    /// The panel sees `control` instead of `maps`, if it is given.
    static func run(
        in folder: String, maps: [StubMap] = [StubMap(mapID: 4)], game: GameDefinition? = nil,
        patience: Duration = .seconds(60),
        configure: (inout GatewayConfiguration) throws -> Void = { _ in }, reload: AdminPanel.Reload? = nil,
        editing: (SQLiteStorage) -> GameEditing? = { _ in nil }, control: StubGame? = nil,
        logs: LogHub = LogHub(), beats: any Clock<Duration> = ContinuousClock(), gameDirectory: String? = nil,
        _ body: (PanelServer) async throws -> Void
    ) async throws {
        let key = try OperatorKey.load(directory: folder)
        let text = try String(contentsOfFile: key.path, encoding: .utf8).filter { !$0.isWhitespace }
        var panel: AdminPanel?
        var players: PlayerService?
        var passwords: PasswordGate?
        do {
            try await TestServer.run(
                in: folder, maps: maps, game: game, configure: { configuration, _ in try configure(&configuration) },
                players: { players = $0 },
                addRoutes: { router, storage, clock in
                    let seen: any RunningMaps = if let control { control } else { maps }
                    let gate = AdminPanel.makePasswordGate(time: clock.source, cost: .minimal)
                    guard let players else { return }
                    let made = AdminPanel(
                        key: key, storage: storage, passwords: gate, maps: seen, players: players,
                        logger: .silent, time: clock.source, patience: patience, logs: logs, clock: beats,
                        gameDirectory: gameDirectory, reload: reload, control: control, editing: editing(storage))
                    made.addRoutes(to: router)
                    (panel, passwords) = (made, gate)
                }
            ) { server in
                try await body(
                    PanelServer(
                        server: server, panel: #require(panel), players: #require(players), key: text))
            }
        } catch {
            await passwords?.shutdown()
            throw error
        }
        await passwords?.shutdown()
    }

    // MARK: - Requests

    /// Sends a request on a connection of its own.
    func send(
        _ method: String, _ path: String, as user: User? = nil, bearer: String? = nil, json: String? = nil,
        headers: [String: String] = [:], host: String = "localhost"
    ) async throws -> TestClient.Reply {
        var headers = headers
        if let user {
            headers["Cookie"] = user.cookie
            headers["X-Perigee-Token"] = headers["X-Perigee-Token"] ?? user.token
        }
        headers["User-Agent"] = headers["User-Agent"] ?? user?.agent ?? "Browser/1"
        if let bearer { headers["Authorization"] = "Bearer \(bearer)" }
        if json != nil { headers["Content-Type"] = "application/json" }
        return try await server.client().request(method, path, headers: headers, body: json, host: host)
    }

    func send(
        _ endpoint: Endpoint, _ values: [String: String] = [:], as user: User? = nil, bearer: String? = nil,
        json: String? = nil, headers: [String: String] = [:]
    ) async throws -> TestClient.Reply {
        try await send(
            endpoint.method.rawValue, endpoint.path(values), as: user, bearer: bearer, json: json, headers: headers)
    }

    // MARK: - Operators

    /// Makes an account in the store.
    @discardableResult
    func makeOperator(_ login: String, _ role: OperatorRole) async throws -> OperatorAccount {
        let hash = try #require(
            Sodium.passwordHash(Array(Self.password.utf8), cost: .minimal))
        return try await server.storage.createOperator(login: login, passwordHash: hash, role: role, created: 5)
    }

    /// Logs in, and expects success.
    func logIn(_ login: String, headers: [String: String] = [:]) async throws -> User {
        try Self.user(try await tryToLogIn(login, headers: headers))
    }

    func tryToLogIn(
        _ login: String, password: String = password, headers: [String: String] = [:]
    ) async throws -> TestClient.Reply {
        try await send(
            .beginSession, json: #"{"login":"\#(login)","password":"\#(password)"}"#, headers: headers)
    }

    /// The user of an answer that begins a session.
    static func user(_ reply: TestClient.Reply) throws -> User {
        #expect(reply.status == 200, "\(reply.text)")
        let cookie = try #require(reply.headers["set-cookie"])
        return User(
            cookie: String(cookie.prefix { $0 != ";" }), token: try #require(reply.json["token"]?.string))
    }

    /// Makes an account, and logs in.
    func user(_ role: OperatorRole) async throws -> User {
        try await makeOperator(role.rawValue, role)
        return try await logIn(role.rawValue)
    }

    /// The latest entries of the audit log.
    func audit(refused: Bool? = nil) async throws -> [AuditEntry] {
        try await server.storage.auditEntries(AuditFilter(isRefused: refused))
    }
}
