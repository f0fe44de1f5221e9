import Foundation
import GameFolder
import GameRules
import JSONValues
import OperatorAPI
import Simulation
import Storage
import Testing
import World

@testable import AdminPanel
@testable import Gateway

@Suite("Operator's panel [M7, M12.2]", .timeLimit(.minutes(5))) struct AdminPanelTests {
    @Test("a map that does not answer is named, and no page waits for it")
    func hangingMap() async throws {
        let maps = [StubMap(mapID: 4), StubMap(mapID: 3)]
        try await PanelServer.run(maps: maps, patience: .milliseconds(1)) { panel in
            for map in maps { map.isSilent = true }
            let json = try await panel.send(.showPerformance, ["map_id": "4"], bearer: panel.key)
            #expect(json.status == 503)
            #expect(json.json["code"] == .string("map_hangs"))
            let page = try await panel.send(.mapsPage, bearer: panel.key)
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

    @Test("the performance log needs a role", arguments: ["log_perfomance", "log_performance"])
    func authorization(name: String) async throws {
        try await PanelServer.run { panel in
            let path = "/server/api/\(name)/4"
            for headers in [
                [:], ["Authorization": "Bearer x"], ["Authorization": "Basic \(panel.key)"],
                ["Cookie": "perigee_operator=x"],
            ] {
                let reply = try await panel.send("GET", path, headers: headers)
                #expect(reply.status == 401)
                #expect(reply.json["code"] == .string("unauthorized"))
            }
            let fragment = try await panel.send("GET", path + "/", bearer: panel.key)
            #expect(fragment.status == 200)
            #expect(fragment.headers["content-type"] == "text/html; charset=utf-8")
            #expect(fragment.text.contains("60.0 <small>of 60 Hz</small>"))
            let json = try await panel.send("GET", path, bearer: panel.key, headers: ["Accept": "application/json"])
            #expect(json.json["status"]?.object?["map_id"] == .number(4))
            #expect(json.json["status"]?.object?["tick_rate_hz"] == .number(60))
            for unknown in ["9", "x", "99999999999999999999"] {
                let reply = try await panel.send("GET", "/server/api/\(name)/\(unknown)", bearer: panel.key)
                #expect(reply.status == 404)
            }
        }
    }

    @Test("only an operator gets a map's profile, as collapsed stacks, the heaviest first")
    func profile() async throws {
        try await PanelServer.run { panel in
            let path = "/server/api/profile/4"
            #expect(try await panel.send("GET", path).status == 401)
            let profile = try await panel.send("GET", path, bearer: panel.key)
            #expect(profile.status == 200)
            #expect(profile.headers["content-type"] == "text/plain; charset=utf-8")
            #expect(profile.text == "a.lua:main:1;b.lua:walk:2 9\na.lua:main:1 5\n")
            let longer = try await panel.send("GET", path + "?seconds=12", bearer: panel.key)
            #expect(longer.text.hasPrefix("a.lua:main:1 12\n"))
            for wrong in ["0", "31", "-1", "x", "1.5", ""] {
                #expect(try await panel.send("GET", path + "?seconds=\(wrong)", bearer: panel.key).status == 400)
            }
            #expect(try await panel.send("GET", path + "?seconds=30", bearer: panel.key).status == 409)
            #expect(try await panel.send("GET", "/server/api/profile/9", bearer: panel.key).status == 404)
            let page = try await panel.send("GET", "/admin/?map=4", bearer: panel.key)
            #expect(page.text.contains("href=\"/server/api/profile/4?seconds=5\""))
        }
    }

    @Test("the page of maps shows the chosen map, and who is logged in (checklist 152)")
    func maps() async throws {
        try await PanelServer.run { panel in
            let viewer = try await panel.user(.viewer)
            let page = try await panel.send("GET", "/admin/?map=3", as: viewer)
            #expect(page.text.contains("Meadow &lt;3&gt;") && page.text.contains("Meadow &lt;4&gt;"))
            #expect(page.text.contains("data-source=\"/server/api/log_performance/3\""))
            #expect(page.text.contains("<small>viewer</small>") && page.text.contains(viewer.token))
            #expect(!page.text.contains("href=\"/admin/audit\""), "only what the caller may open is in the navigation")
        }
    }

    @Test(
        "pages of other sites can't use an operator's cookie",
        arguments: [
            (["Origin": "http://evil.example"], 403), (["Origin": "null"], 403),
            (["Sec-Fetch-Site": "cross-site"], 403), (["Sec-Fetch-Site": "same-site"], 403),
            (["Sec-Fetch-Site": "cross-site", "Origin": "http://game.example"], 403),
            (["Origin": "http://game.example:81"], 403),
            (["Sec-Fetch-Site": "same-origin", "Origin": "http://game.example"], 200),
            (["Sec-Fetch-Site": "none"], 200),
            (["Origin": "http://game.example"], 200), (["Origin": "https://game.example"], 200), ([:], 200),
        ] as [([String: String], Int)])
    func crossSite(headers: [String: String], status: Int) async throws {
        try await PanelServer.run(reload: { ReloadPanelTests.report }) { panel in
            let owner = try await panel.user(.owner)
            // The last one ends the session of the others.
            for endpoint in Endpoint.all.filter({ $0.isChange && $0 != .endSessions }) + [.endSessions] {
                let reply = try await panel.send(
                    endpoint.method.rawValue, PanelRightsTests.path(endpoint),
                    as: endpoint == .endSession ? try await panel.logIn("owner") : owner,
                    headers: headers, host: "game.example")
                let isRefused = reply.json["code"] == .string("bad_origin")
                #expect(isRefused == (status == 403), "\(endpoint.name): \(reply.text)")
                // Of one address 30 refusals are written down at once, then one each 10 s.
                panel.server.clock.advance(by: .seconds(10))
                if isRefused { #expect(try await panel.audit().first?.action == endpoint.name) }
            }
            let page = try await panel.send("GET", "/admin/help", headers: headers, host: "game.example")
            #expect(page.status == 200)
        }
    }

    @Test(
        "every page has its Help link in the top right corner, and runs no inline script (M0.2)",
        arguments: Endpoint.all.filter { $0.isPage && !$0.path.contains(":") })
    func help(page: Endpoint) async throws {
        try await PanelServer.run { panel in
            let user = page == .loginPage ? nil : try await panel.user(.owner)
            let reply = try await panel.send(page, as: user)
            #expect(reply.status == 200)
            #expect(reply.text.contains("\">Help</a></header>"))
            for form in reply.text.components(separatedBy: "<form ").dropFirst() {
                let tag = form.prefix { $0 != ">" }
                #expect(
                    tag.contains("method=\"post\"")
                        || ["audit", "help", "logs", "players"].contains { tag.contains("action=\"/admin/\($0)\"") },
                    "without scripts, what was typed must not land in a URL: \(tag)")
            }
            for name in ["style=", "<style", "onclick", "onsubmit"] { #expect(!reply.text.contains(name)) }
            #expect(!reply.text.contains("<script>") && !reply.text.contains("javascript:"))
            #expect(reply.headers["content-security-policy"]?.contains("default-src 'self'; base-uri 'none'") == true)
            #expect(reply.headers["content-security-policy"]?.contains("frame-ancestors 'none'") == true)
            #expect(reply.headers["x-content-type-options"] == "nosniff")
            #expect(reply.headers["referrer-policy"] == "same-origin")
            #expect(reply.headers["cache-control"] == "no-store")
        }
    }

    @Test("the files of the pages are those of the folder, with their types and entity tags")
    func files() async throws {
        let folder = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../../Sources/CPanelFiles/files").standardized.path
        let names = try FileManager.default.contentsOfDirectory(atPath: folder)
        #expect(Set(names) == Set(PanelFile.all.keys), "add new files to Sources/CPanelFiles/files.c")
        try await PanelServer.run { panel in
            for name in names {
                let reply = try await panel.send(.panelFile, ["name": name])
                #expect(reply.status == 200)
                #expect(reply.body == Array(try #require(FileManager.default.contents(atPath: folder + "/" + name))))
                #expect(reply.headers["content-type"] == StaticFiles.contentType(name))
                let tag = try #require(reply.headers["etag"])
                #expect(try await panel.send(.panelFile, ["name": name], headers: ["If-None-Match": tag]).status == 304)
            }
            #expect(try await panel.send(.panelFile, ["name": "nothing.js"]).status == 404)
            #expect(try await panel.send(.panelFile, ["name": "..%2Ffiles.c"]).status == 404)
            for name in ["nothing.js", "..%2Fjquery%2Fjquery.js", "chart.min.js%00"] {
                #expect(try await panel.send(.libraryFile, ["name": name]).status == 404)
            }
            // Debian's packages of the libraries are among those that the tests need.
            for name in ["chart.min.js", "codemirror.css", "lua.js"] {
                let reply = try await panel.send(.libraryFile, ["name": name])
                #expect(reply.status == 200)
                let tag = try #require(reply.headers["etag"])
                let again = try await panel.send(.libraryFile, ["name": name], headers: ["If-None-Match": tag])
                #expect(again.status == 304)
            }
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
                scripts: [.init(script: bad, version: bad, current: .init(count: 1, meanMs: 1), formerVersion: bad)]),
            mayChange: true
        ).text
        #expect(!html.contains("<script"))
        #expect(!html.contains("\u{202E}") && !html.contains("\u{0}"))
        #expect(html.contains("&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;&quot;&amp;"))
        let caller = Caller.keyFile()
        let page = MapsPage(
            maps: [
                MapAnswer(id: 1, name: bad, state: .running, address: bad, hasOwnPort: false),
                MapAnswer(id: 2, state: .closed, reason: bad, address: bad, hasOwnPort: false),
            ],
            statuses: [MapStatus(mapID: 1, name: bad)], selected: nil,
            diagnostics: MapDiagnostics(status: MapStatus(mapID: 1)), caller: caller, mayReload: true
        ).page.html(for: caller).text
        #expect(page.contains("&lt;script&gt;alert(&#39;1&#39;)"))
        #expect(!page.contains("<script>alert"))
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
                    beforeReload: .init(count: 600, meanMs: 1.25, p95Ms: 2, p999Ms: 4))), mayChange: false
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
