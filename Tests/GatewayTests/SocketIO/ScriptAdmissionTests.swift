import JSONValues
import NIOCore
import Simulation
import Storage
import Testing
import World

@testable import Gateway

@Suite("Who may connect to scripts", .timeLimit(.minutes(5))) struct ScriptAdmissionTests {
    @Test("a player whose own map takes no players connects to the scripts of the start map")
    func otherMap() async throws {
        try await TestServer.run(
            maps: [StubMap(mapID: 4), StubMap(mapID: 9)],
            configure: { configuration, _ in configuration.sockets = SocketRules(hasScripts: true) }
        ) { server in
            let session = try await server.register("Ann")["session"] ?? .null
            server.writeBehind.save([EntityRecord(key: EntityKey(.players, 1), mapID: 9)], removed: [])
            server.maps[1].isReady = false
            let ways: [JSONObject] = [
                ["session": session], ["login": .string("Ann"), "password": .string("secret")],
            ]
            // Kept, so that none of them leaves meanwhile.
            var clients: [SocketIOClient] = []
            for auth in ways {
                let client = try await SocketIOClient(server)
                clients.append(client)
                #expect(try await client.connect(auth).code == "map_starting")
                try await client.send("40", "/", JSON.object(auth).text)
                guard case .open(let sink, let opening)? = await server.map.nextSocket() else {
                    Issue.record("the start map was not asked")
                    return
                }
                #expect(opening.login == "Ann" && opening.playerID == 1)
                sink.thread.execute { sink.deliver(.accept) }
                #expect(try await client.next() == .connected)
            }
        }
    }

    @Test("with recovery, scripts and recordings do not get the secret by which a client comes back")
    func recoverySecret() throws {
        let auth = #"{"pid":"p","offset":"o","room":"red"}"#
        for (recovery, names) in [(TimeAmount.seconds(120), ["room"]), (.zero, ["pid", "offset", "room"])] {
            let bench = try SocketBench(recovery: recovery)
            _ = try bench.client(auth).answer()
            let members = bench.map.openings.first?.auth.object?.members.map { $0.key } ?? []
            #expect(members == names, "without recovery they are the game's own")
        }
    }
}
