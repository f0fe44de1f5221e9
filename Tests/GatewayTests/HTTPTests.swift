import Foundation
import JSONValues
import NIOCore
import NIOPosix
import Storage
import Synchronization
import Testing
import World

@testable import Gateway
@testable import Transport

@Suite("Maps, files and status over HTTP [M3.8, 1-protocol 5]", .timeLimit(.minutes(5))) struct HTTPTests {
    func bearer(_ login: JSONObject) -> [String: String] {
        ["Authorization": "Bearer \(login["session"]?.string ?? "")"]
    }

    @Test("a map comes by number and by side, with its geometry")
    func geometry() async throws {
        let maps = [StubMap(mapID: 4, sides: ["center": 4, "left": 3]), StubMap(mapID: 3)]
        try await TestServer.run(maps: maps) { server in
            server.writeBehind.save([EntityRecord(key: EntityKey(.players, 1), mapID: 4)], removed: [])
            let headers = bearer(try await server.register("Ann"))
            let client = try await server.client()
            let byID = try await client.request("GET", "/server/sign/get_map/?map_id=3", headers: headers)
            #expect(byID.status == 200)
            #expect(
                byID.json == [
                    "map_id": .number(3), "name": .string("Meadow <3>"), "x": .number(-1), "y": .number(0),
                    "width": .number(2), "height": .number(2), "tile_width": .number(32), "tile_height": .number(32),
                    "layers": .array([
                        .object(["name": .string("ground"), "data": .array([1, 2, 3, 4].map { .number($0) })])
                    ]),
                    "tiles": .object(["2": .object(["solid": .bool(true)])]),
                    "properties": .object([:]),
                    "blocked": .array([0, 1, 0, 0].map { .number($0) }),
                ])
            let bySide = try await client.request("GET", "/server/sign/get_map?side=left", headers: headers)
            #expect(bySide.body == byID.body)
            for (path, status) in [("?side=up", 404), ("?map_id=9", 404), ("?map_id=x", 400), ("", 400)] {
                let reply = try await client.request("GET", "/server/sign/get_map/\(path)", headers: headers)
                #expect(reply.status == status, "\(path)")
            }
        }
    }

    @Test("a map has a strong ETag, and a request with that ETag gets 304 (checklist 38)")
    func entityTags() async throws {
        try await TestServer.run { server in
            var headers = bearer(try await server.register("Ann"))
            let client = try await server.client()
            let first = try await client.request("GET", "/server/sign/get_map/?map_id=4", headers: headers)
            let tag = try #require(first.headers["etag"])
            #expect(tag.hasPrefix("\""))
            #expect(first.headers["cache-control"] == "private, no-cache")
            headers["If-None-Match"] = "\"x\", \(tag)"
            let second = try await client.request("GET", "/server/sign/get_map/?map_id=4", headers: headers)
            #expect(second.status == 304)
            #expect(second.body.isEmpty)
            #expect(second.headers["etag"] == tag)
        }
    }

    @Test("maps need a session: none, a wrong one, an expired one and a signed-out one are 401")
    func sessions() async throws {
        try await TestServer.run { server in
            let client = try await server.client()
            let path = "/server/sign/get_map/?map_id=4"
            #expect(try await client.request("GET", path).status == 401)
            #expect(try await client.request("GET", path, headers: ["Authorization": "Bearer x"]).status == 401)
            let ann = bearer(try await server.register("Ann"))
            #expect(try await client.request("GET", path, headers: ann).status == 200)
            #expect(try await client.request("POST", "/server/sign/out/", headers: ann).status == 200)
            #expect(try await client.request("GET", path, headers: ann).status == 401)
            let bob = bearer(try await server.register("Bob"))
            server.clock.advance(by: .seconds(24 * 3600 - 1))
            #expect(try await client.request("GET", path, headers: bob).status == 200)
            server.clock.advance(by: .seconds(1))
            #expect(try await client.request("GET", path, headers: bob).status == 401)
        }
    }

    @Test("the game's client is served with its types, tags and nothing outside its folder")
    func files() async throws {
        try await TestServer.run(configure: { configuration, folder in
            let client = folder + "/client"
            try FileManager.default.createDirectory(atPath: client + "/sub", withIntermediateDirectories: true)
            for (name, text) in [
                ("index.html", "<p>hi"), ("game.js", "let a"), ("sub/ä b.txt", "x"), (".secret", "s"),
                ("../outside.txt", "o"),
            ] {
                try Data(text.utf8).write(to: URL(filePath: client + "/" + name))
            }
            try FileManager.default.createSymbolicLink(
                atPath: client + "/link.txt", withDestinationPath: folder + "/outside.txt")
            configuration.clientDirectory = client
        }) { server in
            let client = try await server.client()
            let index = try await client.request("GET", "/play/")
            #expect(index.status == 200)
            #expect(index.text == "<p>hi")
            #expect(index.headers["content-type"] == "text/html; charset=utf-8")
            #expect(index.headers["cache-control"] == "no-cache")
            let script = try await client.request("GET", "/play/game.js?v=1")
            #expect(script.headers["content-type"] == "text/javascript; charset=utf-8")
            let tag = try #require(script.headers["etag"])
            #expect(try await client.request("GET", "/play/game.js", headers: ["If-None-Match": tag]).status == 304)
            #expect(try await client.request("GET", "/play/sub/%C3%A4%20b.txt").text == "x")
            let head = try await client.request("HEAD", "/play/game.js")
            #expect(head.headers["content-length"] == "5")
            #expect(head.body.isEmpty)
            for path in [
                "/play/nothing.js", "/play/.secret", "/play/../outside.txt", "/play/%2e%2e/outside.txt",
                "/play/..%2foutside.txt", "/play/sub/..%5c..%5coutside.txt", "/play/link.txt", "/play/sub", "/play/%00",
                "/play/sub/", "/play/%ff",
            ] {
                #expect(try await client.request("GET", path).status == 404, "\(path)")
            }
            #expect(try await client.request("GET", "/play").headers["location"] == "/play/")
            let root = try await client.request("GET", "/")
            #expect(root.status == 307)
            #expect(root.headers["location"] == "/play/")
        }
    }

    @Test("/health answers whether the server is ready, /metrics uses Prometheus' text format")
    func status() async throws {
        try await TestServer.run { server in
            let player = try await server.join(try await server.register("Ann"))
            let client = try await server.client()
            #expect(try await client.request("GET", "/health").json["status"] == .string("ok"))
            let metrics = try await client.request("GET", "/metrics")
            #expect(metrics.headers["content-type"]?.hasPrefix("text/plain") == true)
            let lines = Set(metrics.text.split(separator: "\n").map(String.init))
            #expect(lines.contains("perigee_sessions 1"))
            #expect(lines.contains("perigee_logins_total 1"))
            #expect(lines.contains("perigee_map_ticks_total{map=\"4\"} 7"))
            #expect(lines.contains("perigee_map_ticks_missed_total{map=\"4\"} 3"))
            #expect(lines.contains("perigee_map_tick_p999_seconds{map=\"4\"} 0.009"))
            for (name, value) in [
                ("ticks_overrun_total", 2), ("events_total", 11), ("events_pending", 5), ("events_waiting", 4),
                ("lua_memory_bytes", 1024), ("lua_memory_limit_bytes", 4096),
            ] {
                #expect(lines.contains("perigee_map_\(name){map=\"4\"} \(value)"))
            }
            #expect(lines.contains("# TYPE perigee_messages_sent_total counter"))
            server.map.isReady = false
            let starting = try await client.request("GET", "/health")
            #expect(starting.status == 503)
            #expect(starting.headers["retry-after"] == "2")
            try await player.close()
        }
    }

    @Test("/health names the libs that failed, and is 200 all the same")
    func failedLibs() async throws {
        try await TestServer.run { server in
            let client = try await server.client()
            #expect(try await client.request("GET", "/health").json["failed_libs"] == nil)
            server.map.failedLibs.withLock { $0 = ["lib/a.lua", "lib/b.lua"] }
            let answer = try await client.request("GET", "/health")
            #expect(answer.status == 200)
            #expect(answer.json["failed_libs"] == .array([.string("lib/a.lua"), .string("lib/b.lua")]))
        }
    }

    @Test("/health and /metrics tell that saving fails and for how long; /health is 200 all the same")
    func failingStore() async throws {
        try await TestServer.run { server in
            let client = try await server.client()
            #expect(try await client.request("GET", "/health").json["unsaved_seconds"] == nil)
            _ = try await server.storage.writing { try $0.run("ALTER TABLE entities RENAME TO away", []) }
            server.writeBehind.save([EntityRecord(key: EntityKey(.objects, 1), mapID: 1)], removed: [])
            while server.writeBehind.failing == nil { await server.writeBehind.flush() }
            let answer = try await client.request("GET", "/health")
            #expect(answer.status == 200)
            #expect(answer.json["status"] == .string("degraded"))
            #expect(answer.json["unsaved_seconds"]?.number.map { $0 >= 0 } == true)
            let lines = try await client.request("GET", "/metrics").text.split(separator: "\n")
            let unsaved = try #require(lines.first { $0.hasPrefix("perigee_unsaved_seconds ") })
            #expect(Double(unsaved.dropFirst("perigee_unsaved_seconds ".count)).map { $0 > 0 } == true)
            _ = try await server.storage.writing { try $0.run("ALTER TABLE away RENAME TO entities", []) }
            while await !server.writeBehind.flush() {}
            let later = try await client.request("GET", "/health").json
            #expect(later["status"] == .string("ok"))
            #expect(later["unsaved_seconds"] == nil)
        }
    }

    @Test("/health names the map that does not tick, and since when")
    func hangingMap() async throws {
        try await TestServer.run { server in
            let client = try await server.client()
            server.map.lateness = .seconds(5)
            #expect(try await client.request("GET", "/health").status == 200)
            server.map.lateness = .seconds(75)
            let answer = try await client.request("GET", "/health")
            #expect(answer.status == 503)
            #expect(answer.json["code"] == .string("map_hangs"))
            let text = try #require(answer.json["error"]?.string)
            #expect(text.hasPrefix("map 4 (Meadow <4>) has not ticked since "))
            #expect(text.contains(" UTC (75 s)"))
            let metrics = try await client.request("GET", "/metrics")
            #expect(metrics.text.contains("perigee_map_late_seconds{map=\"4\"} 75\n"))
            server.map.lateness = .zero
            #expect(try await client.request("GET", "/health").status == 200)
        }
    }

    @Test("a port that is in use is an error that says what to do")
    func portTaken() async throws {
        try await TestServer.run { server in
            let port = server.port
            var error: (any Error)?
            do {
                try await TestServer.run(configure: { configuration, _ in configuration.port = port }) { _ in }
            } catch let caught { error = caught }
            #expect(error as? GameServerError == .listening(.portTaken(port)))
            #expect("\(GameServerError.listening(.portTaken(port)))".contains("--port"))
        }
    }

    @Test("an address may have its number of connections and no more; when one ends, another may be made")
    func connectionsPerAddress() async throws {
        try await TestServer.run(configure: { configuration, _ in
            configuration.maxConnectionsPerAddress = 2
        }) { server in
            let first = try await server.client()
            #expect(try await first.request("GET", "/health").status == 200)
            let second = try await server.client()
            #expect(try await second.request("GET", "/health").status == 200)
            #expect(try await server.client().readToEnd() == "")
            #expect(try await first.request("GET", "/health", headers: ["Connection": "close"]).status == 200)
            #expect(try await first.readToEnd() == "")
            try await first.close()
            // The server notices the end on another thread, so the test tries again until it is not refused.
            var reply: TestClient.Reply?
            while reply == nil {
                let another = try await server.client()
                try? await another.send("GET /health HTTP/1.1\r\nHost: x\r\n\r\n".utf8)
                reply = try await another.reply()
            }
            #expect(reply?.status == 200)
        }
    }

    @Test("a silent connection is closed after handshake_seconds")
    func silence() async throws {
        try await TestServer.run(configure: { configuration, _ in
            configuration.handshakeTimeout = .milliseconds(50)
        }) { server in
            #expect(try await server.client().readToEnd() == "")
            let slow = try await server.client()
            try await slow.send("POST /server/sign/auth/ HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nlogin".utf8)
            #expect(try await !slow.readToEnd().contains("200 OK"))
        }
    }
}
