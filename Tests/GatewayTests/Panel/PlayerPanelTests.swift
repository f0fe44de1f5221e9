import GameFolder
import GameRules
import JSONValues
import OperatorAPI
import Storage
import Synchronization
import Testing
import World

@testable import AdminPanel
@testable import Gateway

@Suite("Players in the panel", .timeLimit(.minutes(5))) struct PlayerPanelTests {
    /// Logs in with the password; `address` is told by a trusted proxy.
    private func sign(
        _ panel: PanelServer, _ login: String, password: String = "secret", kind: String = "auth",
        from address: String = ""
    ) async throws -> TestClient.Reply {
        let headers = address.isEmpty ? [:] : ["X-Forwarded-For": address]
        return try await panel.send(
            "POST", "/server/sign/\(kind)/", json: #"{"login":"\#(login)","password":"\#(password)"}"#, headers: headers
        )
    }

    private func trustProxies(_ configuration: inout GatewayConfiguration) {
        configuration.trustedProxies = TrustedProxies([AddressRange("127.0.0.1")].compactMap(\.self))
    }

    // MARK: - Bans

    @Test("a ban closes the connection with the reason, refuses logins, tokens and renewals, and ends by the clock")
    func ban() async throws {
        try await PanelServer.run { panel in
            let editor = try await panel.user(.editor)
            let login = try await panel.server.register("ann")
            let client = try await panel.server.join(login)
            let spare = try await sign(panel, "ann").json
            let now = panel.players.now
            let made = try await panel.send(
                .createBan, as: editor, json: #"{"player":1,"reason":"cheats <b>","until":\#(now + 60)}"#)
            #expect(made.status == 200 && made.json["closed"] == .number(1), "\(made.text)")
            let told = try await client.message()
            #expect(told["code"] == .string("banned") && told["reason"] == .string("cheats <b>"))
            #expect(told["return"] == .bool(false) && told["until"] == .number(now + 60))
            guard case .close(1008, let reason) = try await client.frame() else {
                Issue.record("the connection is not closed")
                return
            }
            #expect(reason.hasPrefix("you are banned until "))
            let refused = try await sign(panel, "ann")
            #expect(refused.status == 403 && refused.json["code"] == .string("banned"))
            #expect(refused.json["reason"] == .string("cheats <b>") && refused.json["until"] == .number(now + 60))
            let wrong = try await sign(panel, "ann", password: "wrong one")
            #expect(wrong.status == 401, "only who knows the password learns of the ban")
            let token = try await panel.server.client().handshake(TestServer.query(spare))
            #expect(token.status == 403 && token.json["code"] == .string("banned"))
            let bearer = ["Authorization": "Bearer \(spare["session"]?.string ?? "")"]
            #expect(try await panel.send("POST", "/server/sign/token", headers: bearer).status == 403)
            #expect(try await panel.send("GET", "/server/sign/get_map?map_id=4", headers: bearer).status == 403)
            panel.server.clock.advance(by: .seconds(61))
            #expect(try await sign(panel, "ann").status == 200)
            #expect(try await panel.send("POST", "/server/sign/token", headers: bearer).status == 200)
            let entry = try #require(try await panel.audit(refused: false).first)
            #expect(entry.action == "bans.create" && entry.target == "player 1" && entry.actor == "editor")
            #expect(entry.after?.contains("cheats <b>") == true)
        }
    }

    @Test("a ban of addresses counts clients behind trusted proxies, and leaves operators and others alone")
    func addresses() async throws {
        try await PanelServer.run(configure: { trustProxies(&$0) }) { panel in
            let editor = try await panel.user(.editor)
            let made = try await panel.send(
                .createBan, as: editor, json: #"{"addresses":"192.0.2.0/24","reason":"flood"}"#)
            #expect(made.status == 200, "\(made.text)")
            let refused = try await sign(panel, "ann", kind: "register", from: "192.0.2.77")
            #expect(refused.status == 403 && refused.json["reason"] == .string("flood") && refused.json["until"] == nil)
            #expect(try await panel.server.storage.account(login: "ann") == nil)
            let login = try await sign(panel, "ann", kind: "register", from: "192.0.3.77")
            #expect(login.status == 200)
            let query = TestServer.query(login.json)
            let handshake = try await panel.server.client().handshake(
                query, headers: ["X-Forwarded-For": "192.0.2.5"])
            #expect(handshake.status == 403 && handshake.json["code"] == .string("banned"))
            let free = try await panel.server.client().handshake(query, headers: ["X-Forwarded-For": "192.0.3.5"])
            #expect(free.status == 101, "the refused handshake has not used the token up")
            let operators = try await panel.tryToLogIn("editor", headers: ["X-Forwarded-For": "192.0.2.77"])
            #expect(operators.status == 200, "operators can't be locked out")
        }
    }

    @Test("a ban of addresses closes the connections from there at once, and no others")
    func openConnections() async throws {
        try await PanelServer.run(configure: { trustProxies(&$0) }) { panel in
            let editor = try await panel.user(.editor)
            var clients: [TestClient] = []
            for (name, address) in [("ann", "198.51.100.1"), ("bob", "198.51.100.200")] {
                let login = try await sign(panel, name, kind: "register", from: address)
                let client = try await panel.server.client()
                let reply = try await client.handshake(
                    TestServer.query(login.json), headers: ["X-Forwarded-For": address])
                #expect(reply.status == 101)
                #expect(try await client.message()["action"] == .string("load/index"))
                clients.append(client)
            }
            let made = try await panel.send(
                .createBan, as: editor, json: #"{"addresses":"198.51.100.0/25","reason":"r"}"#)
            #expect(made.json["closed"] == .number(1))
            #expect(try await clients[0].message()["code"] == .string("banned"))
            #expect(panel.players.registry[2] != nil)
            let shown = try await panel.send(.showPlayer, ["id": "2"], as: editor)
            #expect(shown.json["online"]?.object?["address"] == .string("198.51.100.200"))
        }
    }

    @Test("bans survive a restart and are ended by an operator")
    func restart() async throws {
        try await TestServer.withFolder { folder in
            try await PanelServer.run(in: folder) { panel in
                _ = try await panel.server.register("ann")
                _ = try await panel.send(.createBan, bearer: panel.key, json: #"{"player":1,"reason":"r"}"#)
                _ = try await panel.send(.mutePlayer, ["id": "1"], bearer: panel.key, json: #"{"reason":"loud"}"#)
            }
            try await PanelServer.run(in: folder) { panel in
                #expect(try await sign(panel, "ann").status == 403)
                let list = try await panel.send(.listBans, bearer: panel.key)
                #expect(list.text.contains(#""made_by":"key file""#) && list.text.contains(#""login":"ann""#))
                #expect(panel.players.standings.mutedUntil(1, now: 5) == .infinity)
                #expect(try await panel.send(.deleteBan, ["id": "1"], bearer: panel.key).status == 200)
                #expect(try await panel.send(.deleteBan, ["id": "1"], bearer: panel.key).status == 404)
                #expect(try await sign(panel, "ann").status == 200)
            }
        }
    }

    @Test(
        "a ban that can't be is refused with the field that is wrong",
        arguments: [
            (#"{"reason":"r"}"#, "player", 400), (#"{"player":9,"reason":"r"}"#, nil, 404),
            (#"{"player":1,"reason":" "}"#, "reason", 400), (#"{"player":1,"reason":"r","until":5}"#, "until", 400),
            (#"{"addresses":"192.0.2.1/24","reason":"r"}"#, "addresses", 400),
            (#"{"addresses":"everywhere","reason":"r"}"#, "addresses", 400),
            (#"{"addresses":"0.0.0.0/1","reason":"r"}"#, "addresses", 400),
            (#"{"addresses":"::/0","reason":"r"}"#, "addresses", 400), (#"{"player":"1","reason":"r"}"#, "player", 400),
        ] as [(String, String?, Int)])
    func mistakes(body: String, field: String?, status: Int) async throws {
        try await PanelServer.run { panel in
            _ = try await panel.server.register("ann")
            let reply = try await panel.send(.createBan, bearer: panel.key, json: body)
            #expect(reply.status == status && reply.json["field"]?.string == field, "\(reply.text)")
            #expect(try await panel.server.storage.bans(before: nil, limit: nil) == [])
        }
    }

    // MARK: - Accounts and sessions

    @Test("players are found by a part of the login, by number and by what they do, page by page")
    func search() async throws {
        try await PanelServer.run { panel in
            for login in ["Ann", "Hanna", "bob"] { _ = try await panel.server.register(login) }
            let client = try await panel.server.join(try await sign(panel, "hanna").json)
            _ = try await panel.send(.createBan, bearer: panel.key, json: #"{"player":3,"reason":"r"}"#)
            _ = try await panel.send(.mutePlayer, ["id": "1"], bearer: panel.key, json: "{}")
            func found(_ query: String) async throws -> [String] {
                let reply = try await panel.send("GET", "/server/api/v1/players?\(query)", bearer: panel.key)
                #expect(reply.status == 200, "\(reply.text)")
                return reply.json["players"]?.array?.compactMap { $0.object?["login"]?.string } ?? []
            }
            #expect(try await found("") == ["bob", "Hanna", "Ann"])
            #expect(try await found("q=AN") == ["Ann", "Hanna"])
            #expect(try await found("q=3") == ["bob"])
            #expect(try await found("q=%231") == ["Ann"])
            #expect(try await found("state=online") == ["Hanna"])
            #expect(try await found("state=online&q=bob") == [])
            #expect(try await found("state=offline") == ["bob", "Ann"])
            #expect(try await found("state=banned") == ["bob"])
            #expect(try await found("state=muted") == ["Ann"])
            #expect(try await found("limit=2&state=offline") == ["bob", "Ann"])
            let first = try await panel.send("GET", "/server/api/v1/players?limit=1&q=an", bearer: panel.key)
            #expect(first.json["next"] == .number(1))
            #expect(try await found("limit=1&q=an&after=1") == ["Hanna"])
            for wrong in ["state=gone", "limit=0", "limit=201", "after=x"] {
                #expect(try await panel.send("GET", "/server/api/v1/players?\(wrong)", bearer: panel.key).status == 400)
            }
            _ = client
        }
    }

    @Test("an operator makes an account and resets a password, which ends all sessions of the player")
    func accounts() async throws {
        try await PanelServer.run { panel in
            let editor = try await panel.user(.editor)
            let made = try await panel.send(
                .createPlayer, as: editor, json: #"{"login":"ann","password":"secret"}"#)
            #expect(made.status == 200 && made.json["id"] == .number(1), "\(made.text)")
            let taken = try await panel.send(.createPlayer, as: editor, json: #"{"login":"ANN","password":"secret"}"#)
            #expect(taken.status == 409 && taken.json["code"] == .string("login_taken"))
            #expect(try await panel.audit(refused: true).first?.refusal == "the login is taken")
            #expect(
                try await panel.send(.createPlayer, as: editor, json: #"{"login":"bob","password":"abc"}"#).status
                    == 400)
            let login = try await sign(panel, "ann").json
            let spare = try await sign(panel, "ann").json
            let client = try await panel.server.join(login)
            let reset = try await panel.send(
                .resetPlayerPassword, ["id": "1"], as: editor, json: #"{"password":"fresh-secret"}"#)
            #expect(reset.status == 200)
            #expect(try await client.message()["code"] == .string("ended"))
            #expect(try await panel.server.client().handshake(TestServer.query(spare)).status == 401)
            let bearer = ["Authorization": "Bearer \(spare["session"]?.string ?? "")"]
            #expect(try await panel.send("POST", "/server/sign/token", headers: bearer).status == 401)
            #expect(try await sign(panel, "ann").status == 401)
            #expect(try await sign(panel, "ann", password: "fresh-secret").status == 200)
            for entry in try await panel.audit() { #expect(!"\(entry)".contains("fresh-secret")) }
        }
    }

    @Test("sessions are listed with their addresses, and ended one by one or all together")
    func sessions() async throws {
        try await PanelServer.run { panel in
            let editor = try await panel.user(.editor)
            let login = try await panel.server.register("ann")
            panel.server.clock.advance(by: .seconds(5))
            let second = try await sign(panel, "ann").json
            let client = try await panel.server.join(second)
            let shown = try await panel.send(.showPlayer, ["id": "1"], as: editor).json
            let sessions = shown["sessions"]?.array ?? []
            #expect(sessions.count == 2 && sessions[0].object?["address"] == .string("127.0.0.1"))
            #expect(shown["last_login"] == .number(panel.players.now))
            let name = try #require(sessions[0].object?["id"]?.string)
            let end = try await panel.send(.endPlayerSession, ["id": "1", "session": name], as: editor)
            #expect(end.status == 200)
            func renewal(_ login: JSONObject) async throws -> Int {
                let bearer = ["Authorization": "Bearer \(login["session"]?.string ?? "")"]
                return try await panel.send("POST", "/server/sign/token", headers: bearer).status
            }
            #expect(try await renewal(second) == 401)
            #expect(try await renewal(login) == 200)
            #expect(
                try await panel.send(.endPlayerSession, ["id": "1", "session": "connection"], as: editor).status == 200)
            #expect(try await client.message()["code"] == .string("ended"))
            #expect(
                try await panel.send(.endPlayerSession, ["id": "1", "session": "nothing"], as: editor).status == 404)
            #expect(try await panel.send(.endPlayerSessions, ["id": "1"], as: editor).status == 200)
            #expect(try await renewal(login) == 401)
        }
    }

    @Test("a mute reaches the maps at once, and a map before its player joins")
    func mute() async throws {
        let map = StubMap()
        try await PanelServer.run(maps: [map]) { panel in
            let login = try await panel.server.register("ann")
            let until = panel.players.now + 60
            let made = try await panel.send(
                .mutePlayer, ["id": "1"], bearer: panel.key, json: #"{"until":\#(until)}"#)
            #expect(made.status == 200)
            #expect(await map.nextMute() == .init(player: 1, until: until))
            _ = try await panel.server.join(login)
            #expect(await map.nextMute() == .init(player: 1, until: until))
            #expect(await map.nextJoin() != nil)
            #expect(try await panel.send(.unmutePlayer, ["id": "1"], bearer: panel.key).status == 200)
            #expect(await map.nextMute() == .init(player: 1, until: nil))
            #expect(try await panel.send(.unmutePlayer, ["id": "1"], bearer: panel.key).status == 404)
        }
    }

    // MARK: - The entity

    /// A game whose players have a few components.
    static let game = GameDefinition(
        schema: Schema(components: [
            .init(name: "hp", type: .number, defaultValue: .number(10)), .init(name: "title", type: .string),
            .init(name: "bag", type: .json), .init(name: "brave", type: .boolean),
            .init(name: "wool", type: .number, kinds: .init(.animals)),
        ]))

    @Test("an offline player's saved values are changed, with checks by the schema, and stand in the audit log")
    func edit() async throws {
        try await TestServer.withFolder { folder in
            try await PanelServer.run(in: folder, game: Self.game) { panel in
                _ = try await panel.server.register("ann")
                func edit(_ json: String) async throws -> TestClient.Reply {
                    try await panel.send(.editPlayer, ["id": "1"], bearer: panel.key, json: json)
                }
                #expect(try await edit(#"{"fields":{"x":1}}"#).json["code"] == .string("never_played"))
                panel.server.writeBehind.save(
                    [EntityRecord(key: EntityKey(.players, 1), login: "ann", mapID: 4, x: 1, y: 2)], removed: [])
                let good = try await edit(
                    #"{"fields":{"x":7.5,"side":"left"},"components":{"hp":3,"title":null,"bag":{"a":[1]},"brave":true}}"#
                )
                #expect(good.status == 200, "\(good.text)")
                let saved = try #require(try await panel.server.writeBehind.player(id: 1))
                #expect(saved.x == 7.5 && saved.y == 2 && saved.side == "left" && saved.components["hp"] == .number(3))
                #expect(saved.components["bag"] == .object(["a": .array([.number(1)])]))
                let entry = try #require(try await panel.audit().first)
                #expect(
                    entry.before?.contains(#""x":1,"#) == true && entry.after?.contains(#""components.hp":3"#) == true)
                for (json, field) in [
                    (#"{"fields":{"x":"1"}}"#, "x"),
                    (#"{"fields":{"id":1}}"#, "fields"),
                    (#"{"fields":{"action":"remove"}}"#, "action"), (#"{"fields":{"side":"a\u0000"}}"#, "side"),
                    (#"{"components":{"hp":"3"}}"#, "hp"), (#"{"components":{"bag":3}}"#, "bag"),
                    (#"{"components":{"title":true}}"#, "title"), (#"{"components":{"wool":3}}"#, "components"),
                    (#"{"components":[]}"#, "components"), ("{}", "fields"), (#"{"login":"x"}"#, "fields"), ("[]", nil),
                ] as [(String, String?)] {
                    let reply = try await edit(json)
                    #expect(reply.status == 400 && reply.json["field"]?.string == field, "\(json): \(reply.text)")
                }
                #expect(try await panel.server.writeBehind.player(id: 1) == saved)
                let client = try await panel.server.join(try await sign(panel, "ann").json)
                let online = try await edit(#"{"fields":{"x":1}}"#)
                #expect(online.status == 409 && online.json["code"] == .string("on_map"))
                try await client.close()
            }
        }
    }

    @Test("a player is moved: by its map while it is there, else by the saved record")
    func move() async throws {
        let map = StubMap(mapID: 4)
        try await PanelServer.run(maps: [map, StubMap(mapID: 3)]) { panel in
            _ = try await panel.server.register("ann")
            func move(_ mapID: Int) async throws -> TestClient.Reply {
                try await panel.send(.movePlayer, ["id": "1"], bearer: panel.key, json: #"{"map_id":\#(mapID)}"#)
            }
            #expect(try await move(3).json["code"] == .string("never_played"))
            panel.server.writeBehind.save(
                [EntityRecord(key: EntityKey(.players, 1), login: "ann", mapID: 3)], removed: [])
            #expect(try await move(9).json["field"] == .string("map_id"))
            #expect(try await move(4).status == 200)
            #expect(try await panel.server.writeBehind.player(id: 1)?.mapID == 4)
            let client = try await panel.server.join(try await sign(panel, "ann").json)
            #expect(try await move(3).status == 200)
            try await client.close()
            #expect(await map.nextMove() == .init(player: 1, mapID: 3))
            let entry = try #require(try await panel.audit().first)
            #expect(
                entry.action == "players.move" && entry.before == #"{"map_id":4}"# && entry.after == #"{"map_id":3}"#)
        }
    }

    @Test("a player whose entity is still on a map counts as there, without a connection")
    func lingering() async throws {
        let map = StubMap(mapID: 4)
        try await PanelServer.run(maps: [map]) { panel in
            _ = try await panel.server.register("ann")
            map.lingering.withLock { $0 = [1] }
            #expect(try await panel.players.currentMap(of: 1) == 4)
            #expect(try await panel.players.currentMap(of: 2) == nil)
            let page = try await panel.send(.playerPage, ["id": "1"], bearer: panel.key)
            #expect(page.text.contains("offline, still on the map"))
        }
    }

    @Test("while it is not known on which map a player is, the saved values are only shown")
    func unknownMap() async throws {
        try await PanelServer.run { panel in
            _ = try await panel.server.register("ann")
            var content = PlayerPage.Content(
                player: PlayerAnswer(try await panel.players.player(1)), sessions: [],
                entity: EntityRecord(key: EntityKey(.players, 1), login: "ann", mapID: 4), components: [], maps: [])
            #expect(SavedValuesView.card(content, mayChange: true).text.contains("<form"))
            content.unknownMap = "map 4 does not answer"
            let shown = SavedValuesView.card(content, mayChange: true).text
            #expect(shown.contains("map 4 does not answer") && !shown.contains("<form"))
        }
    }

    // MARK: - Export and erase

    @Test("the export has everything about a player and no password")
    func export() async throws {
        try await PanelServer.run { panel in
            _ = try await panel.server.register("ann")
            _ = try await panel.send(.createBan, bearer: panel.key, json: #"{"player":1,"reason":"why"}"#)
            panel.server.writeBehind.save(
                [EntityRecord(key: EntityKey(.players, 1), login: "ann", mapID: 4, components: ["hp": .number(7)])],
                removed: [])
            let reply = try await panel.send(.exportPlayer, ["id": "1"], bearer: panel.key)
            #expect(reply.headers["content-disposition"] == "attachment; filename=\"player-1.json\"")
            #expect(reply.json["account"]?.object?["login"] == .string("ann"))
            #expect(reply.json["entity"]?.object?["components"]?.object?["hp"] == .number(7))
            #expect(reply.json["sessions"]?.array?.count == 1 && reply.json["bans"]?.array?.count == 1)
            #expect(reply.json["audit_log"]?.array?.first?.object?["action"] == .string("bans.create"))
            #expect(!reply.text.contains("argon2") && !reply.text.contains("hash"))
            let entry = try #require(try await panel.audit(refused: false).first)
            #expect(entry.action == "players.export" && entry.target == "player 1" && entry.actor == "key file")
            #expect(entry.before == nil && entry.after == nil)
            #expect(try await panel.send(.showPlayer, ["id": "9"], bearer: panel.key).status == 404)
            #expect(try await panel.audit(refused: true) == [], "looking for a player is no attempt at anything")
            #expect(try await panel.send(.exportPlayer, ["id": "9"], bearer: panel.key).status == 404)
            #expect(try await panel.audit(refused: true).map(\.action) == ["players.export"])
        }
    }

    @Test("an erased player is disconnected, gone from all tables, and does not come back after a restart")
    func erase() async throws {
        try await TestServer.withFolder { folder in
            let map = StubMap()
            try await PanelServer.run(in: folder, maps: [map]) { panel in
                let owner = try await panel.user(.owner)
                let login = try await panel.server.register("kilroy")
                let spare = try await sign(panel, "kilroy").json
                let client = try await panel.server.join(login)
                let record = EntityRecord(key: EntityKey(.players, 1), login: "kilroy", mapID: 4)
                panel.server.writeBehind.save([record], removed: [])
                for target in ["players_1 on map 4", "chat/say of players_1 on map 4", "map 4, object players_1"] {
                    try await panel.server.storage.appendAuditEntry(
                        AuditEntry(
                            time: 1, actor: "owner", address: "a", action: "entities.change", target: target,
                            before: #"{"name":"kilroy"}"#), limit: 100)
                }
                let taken = try await panel.send(
                    .createPlayer, as: owner, json: #"{"login":"kilroy","password":"secret"}"#)
                #expect(taken.status == 409, "\(taken.text)")
                let export = try await panel.send(.exportPlayer, ["id": "1"], as: owner)
                #expect(export.json["audit_log"]?.array?.count == 3, "\(export.text)")
                let wrong = try await panel.send(.erasePlayer, ["id": "1"], as: owner, json: #"{"login":"Kilroy"}"#)
                #expect(wrong.status == 400 && wrong.json["field"] == .string("login"))
                let done = try await panel.send(.erasePlayer, ["id": "1"], as: owner, json: #"{"login":"kilroy"}"#)
                #expect(done.status == 200, "\(done.text)")
                #expect(try await client.message()["code"] == .string("erased"))
                #expect(await map.nextErased() == 1)
                // The map saves once more what it had.
                panel.server.writeBehind.save([record], removed: [])
                #expect(try await panel.server.client().handshake(TestServer.query(spare)).status == 401)
                #expect(try await sign(panel, "kilroy").status == 401)
                #expect(try await panel.send(.showPlayer, ["id": "1"], as: owner).status == 404)
                let entry = try #require(try await panel.audit(refused: false).first)
                #expect(entry.action == "players.erase" && entry.target == "player 1")
                #expect(entry.before == nil && entry.after == nil)
            }
            try await PanelServer.run(in: folder) { panel in
                #expect(try await panel.server.storage.player(id: 1) == nil)
                #expect(try await panel.server.storage.account(id: 1) == nil)
                #expect(try await sign(panel, "kilroy").status == 401)
                let entries = try await panel.server.storage.auditEntries(AuditFilter(text: "kilroy"))
                #expect(entries == [], "the log has the number only")
                #expect(try await panel.server.register("kilroy")["id"] == .number(2), "the number is never used again")
            }
        }
    }

    // MARK: - Pages

    @Test("the pages escape logins and reasons, and show no form to viewers")
    func pages() async throws {
        try await TestServer.withFolder { folder in
            try await PanelServer.run(in: folder, game: Self.game) { panel in
                let bad = "<img src=x onerror=alert(1)>"
                let made = try await panel.send(
                    .createPlayer, bearer: panel.key, json: #"{"login":"\#(bad)","password":"secret"}"#)
                #expect(made.status == 200, "\(made.text)")
                _ = try await panel.send(.createBan, bearer: panel.key, json: #"{"player":1,"reason":"\#(bad)"}"#)
                panel.server.writeBehind.save(
                    [
                        EntityRecord(
                            key: EntityKey(.players, 1), login: bad, mapID: 4, side: bad,
                            components: ["title": .string(bad)])
                    ], removed: [])
                let (viewer, owner) = (try await panel.user(.viewer), try await panel.user(.owner))
                for (endpoint, values) in [
                    (Endpoint.playersPage, [:]), (.playerPage, ["id": "1"]), (.bansPage, [:]),
                ] as [(Endpoint, [String: String])] {
                    for user in [viewer, owner] {
                        let page = try await panel.send(endpoint, values, as: user)
                        #expect(page.status == 200 && page.text.contains("&lt;img src=x"), "\(endpoint.path)")
                        #expect(!page.text.contains("<img src=x"))
                    }
                    let seen = try await panel.send(endpoint, values, as: viewer).text
                    #expect(!seen.contains("data-send") && !seen.contains("/server/api/v1/players"), "\(endpoint.path)")
                    #expect(!seen.contains("/server/api/v1/bans"), "\(endpoint.path)")
                }
                #expect(try await panel.send(.playerPage, ["id": "9"], as: owner).status == 404)
            }
        }
    }

    @Test("changes without the session's token are refused, and nothing happens")
    func csrf() async throws {
        try await PanelServer.run { panel in
            let owner = try await panel.user(.owner)
            _ = try await panel.server.register("ann")
            let forged = ["X-Perigee-Token": "0"]
            for (endpoint, json) in [
                (Endpoint.createBan, #"{"player":1,"reason":"r"}"#), (.erasePlayer, #"{"login":"ann"}"#),
                (.resetPlayerPassword, #"{"password":"another"}"#), (.mutePlayer, "{}"),
            ] {
                let reply = try await panel.send(endpoint, ["id": "1"], as: owner, json: json, headers: forged)
                #expect(reply.status == 403 && reply.json["code"] == .string("bad_token"), "\(endpoint.name)")
            }
            #expect(try await sign(panel, "ann").status == 200)
        }
    }
}
