import GameRules
import JSONValues
import Simulation
import Storage
import Testing
import World

@testable import Gateway

@Suite("Who may connect over Socket.IO", .timeLimit(.minutes(5))) struct SocketAdmissionTests {
    private static let ann: JSONObject = ["login": .string("Ann"), "password": .string("secret")]

    private func run(
        _ rules: SocketRules = SocketRules(), players: (PlayerService) -> Void = { _ in },
        _ body: (TestServer) async throws -> Void
    ) async throws {
        try await TestServer.run(
            configure: { configuration, _ in configuration.sockets = rules }, players: players, body)
    }

    private func parse(_ text: String) throws -> JSONObject? { text.isEmpty ? nil : try JSON(parsing: text).object }

    @Test("a token, a session, and a name with its password are each enough", arguments: ["/", GameSockets.players])
    func ways(namespace: String) async throws {
        try await run { server in
            let login = try await server.register("Ann")
            let (id, token, session) = (login["id"] ?? .null, login["token"] ?? .null, login["session"] ?? .null)
            for auth in [["id": id, "token": token], ["session": session], Self.ann] as [JSONObject] {
                let client = try await SocketIOClient(server)
                #expect(try await client.connect(auth, to: namespace) == .connected)
                #expect(try await client.next() == .event("load/index", ["action": .string("load/index")]))
                let (record, sink) = try #require(await server.map.nextJoin())
                #expect(record.key == EntityKey(.players, 1) && record.login == "Ann")
                try await client.leave(namespace)
                #expect(await server.map.nextLeave() == sink.id)
            }
        }
    }

    @Test("whoever shows nothing or something wrong is told why, and may try again over the same connection")
    func wrong() async throws {
        try await run { server in
            let login = try await server.register("Ann")
            let token: JSONObject = ["id": .number(1), "token": login["token"] ?? .null]
            let first = try await server.joinSocket(token)
            let client = try await SocketIOClient(server)
            let wrong = [
                ("", "unauthorized"), (#"{"room":"red"}"#, "unauthorized"), (#"{"token":"x"}"#, "bad_request"),
                (#"{"id":1,"token":"x"}"#, "bad_token"), (JSON.object(token).text, "bad_token"),
                (#"{"session":"x"}"#, "unauthorized"), (#"{"login":"Ann"}"#, "bad_request"),
                (#"{"login":"Ann","password":"wrong"}"#, "bad_credentials"),
                (#"{"login":"Bob","password":"secret"}"#, "bad_credentials"),
            ]
            for (auth, code) in wrong {
                for namespace in ["/", GameSockets.players] {
                    let answer = try await client.connect(parse(auth), to: namespace)
                    #expect(answer.code == code, "\(auth): \(answer)")
                    guard case .refused(let refusal) = answer else { continue }
                    #expect(refusal["message"] == refusal["data"]?.object?["error"])
                }
            }
            #expect(try await client.connect(Self.ann) == .connected)
            try await first.vanish()
        }
    }

    @Test("a name that is not a namespace here is refused as all servers do")
    func unknownNamespace() async throws {
        try await run { server in
            _ = try await server.register("Ann")
            let client = try await SocketIOClient(server)
            for namespace in ["/other", "/Perigee", "/perigee/"] {
                #expect(
                    try await client.connect(Self.ann, to: namespace)
                        == .refused(["message": .string("Invalid namespace")]))
            }
        }
    }

    @Test("a banned player is told so after the right password only, and a banned address gets no connection")
    func banned() async throws {
        var players: PlayerService?
        try await run(players: { players = $0 }) { server in
            let login = try await server.register("Ann")
            let standings = try #require(players).standings
            standings.add(Ban(id: 1, playerID: 1, addresses: nil, reason: "r", madeBy: "op", created: 0, expires: nil))
            let client = try await SocketIOClient(server)
            let shown: [(JSONObject, String)] = [
                (Self.ann, "banned"), (["session": login["session"] ?? .null], "banned"),
                (["id": .number(1), "token": login["token"] ?? .null], "banned"),
                (["login": .string("Ann"), "password": .string("wrong")], "bad_credentials"),
            ]
            for (auth, code) in shown { #expect(try await client.connect(auth).code == code, "\(auth)") }
            standings.add(
                Ban(
                    id: 2, playerID: nil, addresses: "127.0.0.0/8", reason: "r", madeBy: "op", created: 0,
                    expires: nil))
            let refusal = try await server.client().handshake(SocketIOClient.webSocket, path: SocketIOClient.path)
            #expect(refusal.status == 403 && refusal.json["code"] == .number(4), "\(refusal.text)")
            let poll = try await server.client().request("GET", "/socket.io/?EIO=4&transport=polling")
            #expect(poll.status == 403 && poll.json["message"]?.string?.contains("banned") == true, "\(poll.text)")
        }
    }

    @Test("a full server takes no further player")
    func full() async throws {
        try await TestServer.run(configure: { configuration, _ in configuration.maxSessions = 1 }) { server in
            _ = try await server.register("Ann")
            let waiting = try await SocketIOClient(server)
            let first = try await server.joinSocket(Self.ann)
            #expect(try await waiting.connect(Self.ann).code == "full")
            let refusal = try await server.client().handshake(SocketIOClient.webSocket, path: SocketIOClient.path)
            #expect(refusal.status == 503)
            try await first.vanish()
        }
    }

    // MARK: - Scripted sockets

    @Test("guests connect to a game's scripts if the game allows it, and never to the players' namespace")
    func guests() async throws {
        try await run(SocketRules(hasScripts: true, allowsGuests: true)) { server in
            let client = try await SocketIOClient(server)
            #expect(try await client.connect(nil).code == "unauthorized")
            try await client.send("40", "/", #"{"room":"red"}"#)
            guard case .open(let sink, let opening)? = await server.map.nextSocket() else {
                Issue.record("the map was not asked")
                return
            }
            #expect(
                opening == SocketOpening(auth: .object(["room": .string("red")]), address: "127.0.0.1"))
            sink.thread.execute { sink.deliver(.accept) }
            #expect(try await client.next() == .connected)
            try await client.emit("move", ["x": .number(1)], acknowledgement: 3, namespace: "/")
            guard case .event(sink.id, "move", let arguments, 3)? = await server.map.nextSocket() else {
                Issue.record("the event did not arrive")
                return
            }
            #expect(arguments == [.object(["x": .number(1)])])
            sink.thread.execute {
                sink.deliver(.acknowledge(3, [.object(["ok": .bool(true)])]))
                sink.flush()
            }
            #expect(try await client.next() == .acknowledgement(3, ["ok": .bool(true)]))
            try await client.leave("/")
            guard case .close(sink.id, "client namespace disconnect")? = await server.map.nextSocket() else {
                Issue.record("the map was not told of the end")
                return
            }
        }
    }

    @Test("scripts may refuse a client, with their own words")
    func refusedByScript() async throws {
        try await run(SocketRules(hasScripts: true, allowsGuests: true)) { server in
            let client = try await SocketIOClient(server)
            try await client.send("40", "/", "")
            guard case .open(let sink, _)? = await server.map.nextSocket() else {
                Issue.record("the map was not asked")
                return
            }
            sink.thread.execute { sink.deliver(.refuse(message: "no room")) }
            #expect(try await client.next() == .refused(["message": .string("no room")]))
        }
    }

    @Test("without guests a game's scripts get players only, whose secrets they do not see")
    func playersOfScripts() async throws {
        try await run(SocketRules(hasScripts: true)) { server in
            _ = try await server.register("Ann")
            let client = try await SocketIOClient(server)
            #expect(try await client.connect(nil, to: "/").code == "unauthorized")
            try await client.send("40", "/", JSON.object(Self.ann).text)
            guard case .open(let sink, let opening)? = await server.map.nextSocket() else {
                Issue.record("the map was not asked")
                return
            }
            #expect(
                opening
                    == SocketOpening(
                        login: "Ann", playerID: 1, auth: .object(["login": .string("Ann")]), address: "127.0.0.1"))
            sink.thread.execute { sink.deliver(.accept) }
            #expect(try await client.next() == .connected)
            // The same connection may carry a player, too.
            #expect(try await client.connect(Self.ann) == .connected)
            #expect(try await client.next() == .event("load/index", ["action": .string("load/index")]))
        }
    }
}
