import JSONValues
import OperatorAPI
import Simulation
import Storage
import Testing

@testable import AdminPanel
@testable import Gateway

@Suite("Standings of players with sockets of scripts", .timeLimit(.minutes(5))) struct SocketStandingTests {
    private static let ann: JSONObject = ["login": .string("Ann"), "password": .string("secret")]

    /// What an operator does about Ann.
    enum Act: String, CaseIterable {
        case ban, addressBan, erase, endSessions, resetPassword

        /// The code that Ann's client gets.
        var code: String {
            switch self {
            case .ban, .addressBan: "banned"
            case .erase: "erased"
            case .endSessions, .resetPassword: "ended"
            }
        }

        func carryOut(by players: PlayerService) async throws {
            switch self {
            case .ban:
                let (_, closed) = try await players.bans.add(
                    Ban(playerID: 1, reason: "r", madeBy: "op", created: 0))
                #expect(closed == 1)
            case .addressBan:
                let (_, closed) = try await players.bans.add(
                    Ban(addresses: "127.0.0.1", reason: "r", madeBy: "op", created: 0))
                #expect(closed == 1)
            case .erase: try await players.erase(1)
            case .endSessions: #expect(try await players.endSessions(of: 1).wasOnline)
            case .resetPassword: try await players.resetPassword(of: 1, hash: "x")
            }
        }
    }

    /// Runs a server on which Ann's client has asked for the scripts.
    private func run(
        _ body: (SocketIOClient, any SocketSink, StubMap, PlayerService) async throws -> Void
    ) async throws {
        var players: PlayerService?
        try await TestServer.run(
            configure: { configuration, _ in configuration.sockets = SocketRules(hasScripts: true) },
            players: { players = $0 }
        ) { server in
            _ = try await server.register("Ann")
            let client = try await SocketIOClient(server)
            try await client.send("40", "/", JSON.object(Self.ann).text)
            guard case .open(let sink, _)? = await server.map.nextSocket() else {
                Issue.record("the map was not asked")
                return
            }
            try await body(client, sink, server.map, try #require(players))
        }
    }

    private func expectEnd(of sink: any SocketSink, on map: StubMap) async {
        guard case .close(sink.id, "server namespace disconnect")? = await map.nextSocket() else {
            Issue.record("the map was not told of the end")
            return
        }
    }

    @Test("whatever ends a player's sessions ends its sockets of scripts", arguments: Act.allCases)
    func ended(act: Act) async throws {
        try await run { client, sink, map, players in
            sink.thread.execute { sink.deliver(.accept) }
            #expect(try await client.next() == .connected)
            try await act.carryOut(by: players)
            #expect(try await client.next().code == act.code)
            #expect(try await client.next() == .disconnected)
            await expectEnd(of: sink, on: map)
        }
    }

    @Test("so it does while the map decides", arguments: Act.allCases)
    func meanwhile(act: Act) async throws {
        try await run { client, sink, map, players in
            try await act.carryOut(by: players)
            #expect(try await client.next().code == act.code)
            await expectEnd(of: sink, on: map)
        }
    }

    @Test("a ban of another account ends nobody else's sockets, and no guest's")
    func others() async throws {
        try await run { client, sink, map, players in
            sink.thread.execute { sink.deliver(.accept) }
            #expect(try await client.next() == .connected)
            #expect(try await players.create(login: "Bob", hash: "x").id == 2)
            let ban = Ban(playerID: 2, reason: "r", madeBy: "op", created: 0)
            #expect(try await players.bans.add(ban).closed == 0)
            let addresses = Ban(addresses: "192.0.2.1", reason: "r", madeBy: "op", created: 0)
            #expect(try await players.bans.add(addresses).closed == 0)
            try await client.leave("/")
            guard case .close(sink.id, "client namespace disconnect")? = await map.nextSocket() else {
                Issue.record("the socket had ended before")
                return
            }
        }
    }

    @Test("the panel ends the connection of a player who has sockets of scripts only")
    func panel() async throws {
        try await PanelServer.run(
            maps: [StubMap()], configure: { $0.sockets = SocketRules(hasScripts: true) }
        ) { panel in
            _ = try await panel.server.register("Ann")
            let client = try await SocketIOClient(panel.server)
            try await client.send("40", "/", JSON.object(Self.ann).text)
            guard case .open(let sink, _)? = await panel.server.map.nextSocket() else {
                Issue.record("the map was not asked")
                return
            }
            sink.thread.execute { sink.deliver(.accept) }
            #expect(try await client.next() == .connected)
            func end() async throws -> Int {
                try await panel.send(.endPlayerSession, ["id": "1", "session": "connection"], bearer: panel.key).status
            }
            #expect(try await end() == 200)
            #expect(try await client.next().code == "ended")
            #expect(try await client.next() == .disconnected)
            await expectEnd(of: sink, on: panel.server.map)
            #expect(try await end() == 404)
        }
    }
}
