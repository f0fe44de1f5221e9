import Foundation
import GameFolder
import GameRules
import JSONValues
import Simulation
import Testing
import World

@testable import AdminPanel
@testable import Gateway

@Suite("Operator's panel [M7, M12.2]", .timeLimit(.minutes(5))) struct AdminPanelTests {
    func run(
        patience: Duration = .seconds(60), configure: (inout GatewayConfiguration) throws -> Void = { _ in },
        _ body: (TestServer, String, [StubMap]) async throws -> Void
    ) async throws {
        let maps = [StubMap(mapID: 4), StubMap(mapID: 3)]
        var key = ""
        try await TestServer.run(
            maps: maps, configure: { configuration, _ in try configure(&configuration) },
            addRoutes: { router, folder in
                guard let operatorKey = try? OperatorKey.load(directory: folder) else { return }
                key = (try? String(contentsOfFile: operatorKey.path, encoding: .utf8)) ?? ""
                AdminPanel(key: operatorKey, maps: maps, patience: patience).addRoutes(to: router)
            }
        ) { server in
            try await body(server, key.filter { !$0.isWhitespace }, maps)
        }
    }

    func run(
        configure: (inout GatewayConfiguration) throws -> Void = { _ in },
        _ body: (TestServer, String) async throws -> Void
    ) async throws {
        try await run(configure: configure) { server, key, _ in try await body(server, key) }
    }

    @Test("a map that does not answer is named, and no page waits for it")
    func hangingMap() async throws {
        try await run(patience: .milliseconds(1)) { server, key, maps in
            for map in maps { map.isSilent = true }
            let client = try await server.client()
            let authorization = ["Authorization": "Bearer \(key)"]
            let json = try await client.request("GET", "/server/api/log_performance/4", headers: authorization)
            #expect(json.status == 503)
            #expect(json.json["code"] == .string("map_hangs"))
            let page = try await client.request("GET", "/admin", headers: authorization)
            #expect(page.status == 200)
            #expect(page.text.contains("map 3 does not answer: its tick does not end"))
        }
    }

    @Test("the key file is made once with mode 0600, and later starts read it")
    func key() throws {
        let folder = NSTemporaryDirectory() + "/admin-tests-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let first = try OperatorKey.load(directory: folder)
        let text = try String(contentsOfFile: first.path, encoding: .utf8).filter { !$0.isWhitespace }
        #expect(text.count == 48)
        #expect(try OperatorKey.load(directory: folder).matches(text))
        let mode = try FileManager.default.attributesOfItem(atPath: first.path)[.posixPermissions] as? NSNumber
        #expect(mode?.intValue == 0o600)
        try Data("short\n".utf8).write(to: URL(filePath: first.path))
        #expect(throws: OperatorKeyError.tooShort(path: first.path)) { try OperatorKey.load(directory: folder) }
        #expect(throws: OperatorKeyError.self) { try OperatorKey.load(directory: folder + "/nowhere") }
    }

    @Test(
        "the performance log needs the key or an operator's cookie", arguments: ["log_perfomance", "log_performance"])
    func authorization(name: String) async throws {
        try await run { server, key in
            let client = try await server.client()
            let path = "/server/api/\(name)/4"
            for headers in [
                [:], ["Authorization": "Bearer x"], ["Authorization": "Basic \(key)"], ["Cookie": "perigee_operator=x"],
            ] {
                let reply = try await client.request("GET", path, headers: headers)
                #expect(reply.status == 401)
                #expect(reply.json["code"] == .string("unauthorized"))
            }
            let fragment = try await client.request("GET", path + "/", headers: ["Authorization": "Bearer \(key)"])
            #expect(fragment.status == 200)
            #expect(fragment.headers["content-type"] == "text/html; charset=utf-8")
            #expect(fragment.text.contains("60.0 of 60 Hz"))
            let json = try await client.request(
                "GET", path, headers: ["Authorization": "Bearer \(key)", "Accept": "application/json"])
            #expect(json.json["status"]?.object?["map_id"] == .number(4))
            #expect(json.json["status"]?.object?["tick_rate_hz"] == .number(60))
            for unknown in ["9", "x", "99999999999999999999"] {
                let reply = try await client.request(
                    "GET", "/server/api/\(name)/\(unknown)", headers: ["Authorization": "Bearer \(key)"])
                #expect(reply.status == 404)
            }
        }
    }

    @Test("only an operator gets a map's profile, as collapsed stacks, the heaviest first")
    func profile() async throws {
        try await run { server, key in
            let client = try await server.client()
            let path = "/server/api/profile/4"
            #expect(try await client.request("GET", path).status == 401)
            let headers = ["Authorization": "Bearer \(key)"]
            let profile = try await client.request("GET", path, headers: headers)
            #expect(profile.status == 200)
            #expect(profile.headers["content-type"] == "text/plain; charset=utf-8")
            #expect(profile.text == "a.lua:main:1;b.lua:walk:2 9\na.lua:main:1 5\n")
            let longer = try await client.request("GET", path + "?seconds=12", headers: headers)
            #expect(longer.text.hasPrefix("a.lua:main:1 12\n"))
            for wrong in ["0", "31", "-1", "x", "1.5", ""] {
                let reply = try await client.request("GET", path + "?seconds=\(wrong)", headers: headers)
                #expect(reply.status == 400)
            }
            #expect(try await client.request("GET", path + "?seconds=30", headers: headers).status == 409)
            #expect(try await client.request("GET", "/server/api/profile/9", headers: headers).status == 404)
            let panel = try await client.request("GET", "/admin/?map=4", headers: headers)
            #expect(panel.text.contains("href=\"/server/api/profile/4?seconds=5\""))
        }
    }

    @Test("an operator logs in with the key, sees the maps, and logs out")
    func login() async throws {
        try await run { server, key in
            let client = try await server.client()
            let form = ["Content-Type": "application/x-www-form-urlencoded"]
            let before = try await client.request("GET", "/admin/")
            #expect(before.text.contains("action=\"/admin/login\""))
            #expect(!before.text.contains("Meadow"))
            #expect(before.headers["content-security-policy"]?.contains("default-src 'self'") == true)
            #expect(try await client.request("POST", "/admin/login", headers: form, body: "key=wrong").status == 401)
            #expect(try await client.request("POST", "/admin/login", headers: form, body: "").status == 401)
            let reply = try await client.request("POST", "/admin/login", headers: form, body: "key=\(key)")
            #expect(reply.status == 303)
            let cookie = try #require(reply.headers["set-cookie"])
            #expect(cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"))
            let session = ["Cookie": String(cookie.prefix { $0 != ";" })]
            let panel = try await client.request("GET", "/admin/?map=3", headers: session)
            #expect(panel.text.contains("Meadow &lt;3&gt;") && panel.text.contains("Meadow &lt;4&gt;"))
            #expect(panel.text.contains("data-source=\"/server/api/log_performance/3\""))
            #expect(try await client.request("GET", "/server/api/log_performance/3", headers: session).status == 200)
            #expect(try await client.request("POST", "/admin/logout", headers: session).status == 303)
            #expect(try await client.request("GET", "/server/api/log_performance/3", headers: session).status == 401)
        }
    }

    @Test("the cookie is Secure when the operator uses TLS, also when TLS ends at a trusted proxy")
    func secureCookie() async throws {
        for (proto, isSecure) in [("https", true), ("http", false)] {
            try await run(configure: {
                $0.trustedProxies = TrustedProxies([try #require(AddressRange("127.0.0.1"))])
            }) { server, key in
                let client = try await server.client()
                let headers = ["X-Forwarded-For": "192.0.2.1", "X-Forwarded-Proto": proto]
                for (path, body) in [("/admin/login", "key=\(key)"), ("/admin/logout", "")] {
                    let reply = try await client.request("POST", path, headers: headers, body: body)
                    #expect(reply.headers["set-cookie"]?.hasSuffix("; Secure") == isSecure)
                }
            }
        }
        try await run { server, key in
            let reply = try await server.client().request(
                "POST", "/admin/login", headers: ["X-Forwarded-Proto": "https"], body: "key=\(key)")
            #expect(reply.headers["set-cookie"]?.contains("Secure") == false, "nobody is believed who is not trusted")
        }
    }

    @Test(
        "pages of other sites can't use an operator's cookie",
        arguments: [
            (["Origin": "http://evil.example"], 403), (["Origin": "null"], 403),
            (["Sec-Fetch-Site": "cross-site"], 403), (["Sec-Fetch-Site": "same-site"], 403),
            (["Sec-Fetch-Site": "cross-site", "Origin": "http://game.example"], 403),
            (["Origin": "http://game.example:81"], 403),
            (["Sec-Fetch-Site": "same-origin", "Origin": "http://game.example"], 303),
            (["Sec-Fetch-Site": "none"], 303),
            (["Origin": "http://game.example"], 303), (["Origin": "https://game.example"], 303), ([:], 303),
        ] as [([String: String], Int)])
    func crossSite(headers: [String: String], status: Int) async throws {
        try await run { server, key in
            let client = try await server.client()
            let path = "/admin/login"
            let reply = try await client.request(
                "POST", path, headers: headers, body: "key=\(key)", host: "game.example")
            #expect(reply.status == status)
            if status == 403 { #expect(reply.json["code"] == .string("bad_origin")) }
            for path in [
                "/admin/reload", "/admin/resume", "/server/api/reload", "/server/api/resume/4", "/admin/logout",
            ] {
                let reply = try await client.request("POST", path, headers: headers, body: "", host: "game.example")
                #expect((reply.status == 403) == (status == 403), "\(path)")
            }
            #expect(try await client.request("GET", "/admin/", headers: headers, host: "game.example").status == 200)
        }
    }

    @Test("guessing the key is throttled")
    func guessing() async throws {
        try await run { server, _ in
            let client = try await server.client()
            var statuses: [Int] = []
            for _ in 0..<11 {
                statuses.append(try await client.request("POST", "/admin/login", body: "key=guess").status)
            }
            #expect(statuses == Array(repeating: 401, count: 10) + [429])
        }
    }

    @Test("every page has its Help link (M0.2)", arguments: ["/admin/", "/admin/help", "/admin"])
    func help(path: String) async throws {
        try await run { server, _ in
            let reply = try await server.client().request("GET", path)
            #expect(reply.text.contains("<a class=\"help\" href=\"/admin/help\">Help</a></header>"))
        }
    }

    @Test("no text from a script or a player becomes markup")
    func escaping() {
        let bad = "<script>alert('1')</script>\"&\u{202E}\u{0}"
        let html = DiagnosticsView.html(
            MapDiagnostics(
                status: MapStatus(mapID: 1, name: bad),
                log: [.init(time: 1, tick: 2, script: bad, text: bad)],
                errors: [
                    .init(
                        time: 1, tick: 2, script: bad, line: 3, kind: bad, message: bad, traceback: bad, entity: bad,
                        count: 2)
                ],
                scripts: [.init(script: bad, version: bad, current: .init(count: 1, meanMs: 1), formerVersion: bad)])
        ).text
        #expect(!html.contains("<script"))
        #expect(!html.contains("\u{202E}") && !html.contains("\u{0}"))
        #expect(html.contains("&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;&quot;&amp;"))
        #expect(
            !AdminPages.maps(
                [MapStatus(mapID: 1, name: bad)], selected: MapDiagnostics(status: MapStatus(mapID: 1)), mayReload: true
            )
            .text.contains("<script>alert"))
    }

    @Test("scripts, errors with traceback, and log lines are shown (M7.3, M7.6)")
    func content() {
        let html = DiagnosticsView.html(
            MapDiagnostics(
                status: MapStatus(mapID: 1),
                log: [
                    .init(time: 0, tick: 2, script: "events/a/b.lua", text: "first"),
                    .init(time: 1, tick: 3, script: nil, text: "second"),
                ],
                errors: [
                    .init(
                        time: 0, tick: 9, script: "events/a/b.lua", line: 3, kind: "runtime", message: "boom",
                        traceback: "stack traceback:", entity: "players_1", count: 5)
                ],
                scripts: [
                    .init(script: "cheap.lua", lastMinute: .init(count: 10, meanMs: 0.01)),
                    .init(
                        script: "dear.lua",
                        current: .init(count: 10, meanMs: 1.5, p95Ms: 2.25, p999Ms: 3, maxMs: 3.125),
                        lastTenSeconds: .init(count: 1, meanMs: 1.75), lastMinute: .init(count: 5, meanMs: 1.625),
                        former: .init(count: 40, meanMs: 0.5, p95Ms: 0.75, p999Ms: 1, maxMs: 1), isSuspended: true),
                ],
                ticks: .init(
                    lastTenSeconds: .init(count: 300, meanMs: 2.5, maxMs: 4),
                    sinceReload: .init(count: 900, meanMs: 2.25, p95Ms: 3, p999Ms: 5),
                    beforeReload: .init(count: 600, meanMs: 1.25, p95Ms: 2, p999Ms: 4)))
        ).text
        #expect(
            html.contains("events/a/b.lua:3") && html.contains("boom") && html.contains("<pre>stack traceback:</pre>"))
        #expect(html.contains("tick 9, players_1, 5 times"))
        #expect(
            html.contains(
                "<td>1.7500</td><td>1.6250</td><td>10</td><td>0.5000 → 1.5000</td><td>0.0000 → 0.0000</td>"
                    + "<td>0.7500 → 2.2500</td><td>0.0000 → 0.0000</td>"
                    + "<td>1.0000 → 3.0000</td><td>1.0000 → 3.1250</td>"),
            "before a change and after it [M7.5]")
        #expect(
            html.contains(
                "<td>since the last change</td><td>900</td><td>1.250 → 2.250</td><td>2.000 → 3.000</td>"
                    + "<td>4.000 → 5.000</td>"))
        #expect(html.contains("<td>the last 10 s</td><td>300</td><td>2.500</td>"))
        let dear = html.range(of: "dear.lua")?.lowerBound, cheap = html.range(of: "cheap.lua")?.lowerBound
        #expect(
            (dear ?? html.endIndex) < (cheap ?? html.startIndex),
            "the one that took most of the last minute comes first")
        let second = html.range(of: "second")?.lowerBound, first = html.range(of: "first")?.lowerBound
        #expect((second ?? html.endIndex) < (first ?? html.startIndex), "the newest line comes first")
    }
}
