import Foundation
import JSONValues
import Logging
import NIOCore
import OperatorAPI
import Simulation
import Storage
import Synchronization
import Testing

@testable import AdminPanel
@testable import Gateway

@Suite("Logs and errors in the panel [M7.3, rows 157 to 160]", .timeLimit(.minutes(5)))
struct LogRoutesTests {
    private static let xss = "<img src=x onerror=alert(1)>"

    private func fill(_ logs: LogHub) {
        logs.note(.line(.init(time: 5, tick: 3, script: "events/a/b.lua", text: "hello \(Self.xss)")), mapID: 4)
        var error = ErrorGroupsTests.error("events/a/b.lua:3: \(Self.xss)", entity: "animals_1")
        error.traceback = "events/a/b.lua:3: in main\n\(Self.xss) lib/x.lua:7"
        logs.note(.error(error), mapID: 4)
    }

    @Test("a viewer reads entries with a filter; a wrong one is refused with the field")
    func list() async throws {
        let logs = LogHub()
        fill(logs)
        try await PanelServer.run(logs: logs) { panel in
            #expect(try await panel.send(.listLogs).status == 401)
            let viewer = try await panel.user(.viewer)
            let all = try await panel.send(.listLogs, as: viewer)
            let entries = try OperatorJSON.read([LogEntry].self, all.body)
            #expect(entries.map(\.level) == [.print, .error] && entries[1].line == 3)
            let some = try await panel.send("GET", "\(Endpoint.listLogs.path)?level=error&map=4&limit=5", as: viewer)
            #expect(try OperatorJSON.read([LogEntry].self, some.body).count == 1)
            for (query, field) in [
                ("level=x", "level"), ("map=x", "map"), ("limit=0", "limit"), ("limit=9999", "limit"),
            ] {
                let refusal = try await panel.send("GET", "\(Endpoint.listLogs.path)?\(query)", as: viewer)
                #expect(refusal.status == 400 && refusal.json["field"] == .string(field))
            }
        }
    }

    @Test("the page has texts as texts, and places as links to the editor")
    func page() async throws {
        let logs = LogHub()
        fill(logs)
        try await PanelServer.run(logs: logs) { panel in
            let viewer = try await panel.user(.viewer)
            let page = try await panel.send("GET", "/admin/logs?text=\(Endpoint.encoded(Self.xss))", as: viewer)
            #expect(page.status == 200 && !page.text.contains("<img src=x") && page.text.contains("&lt;img src=x"))
            #expect(page.text.contains("<a href=\"/admin/editor?file=lib%2Fx.lua&amp;line=7\">lib/x.lua:7</a>"))
            #expect(page.text.contains("href=\"/admin/editor?file=events%2Fa%2Fb.lua&amp;line=3\""))
            #expect(!page.text.contains("DELETE /server/api/v1/errors"), "a viewer can't clear")
            let editor = try await panel.user(.editor)
            #expect(try await panel.send(.logsPage, as: editor).text.contains("DELETE /server/api/v1/errors"))
        }
    }

    @Test("an answer that would be the same is 204; a fix turns a group mended; an editor clears, and it is audited")
    func errors() async throws {
        let logs = LogHub()
        fill(logs)
        try await PanelServer.run(logs: logs) { panel in
            let viewer = try await panel.user(.viewer)
            func groups(_ query: String = "") async throws -> ErrorGroupsAnswer {
                panel.server.clock.advance(by: .seconds(1))
                let reply = try await panel.send("GET", Endpoint.listErrors.path + query, as: viewer)
                return try OperatorJSON.read(ErrorGroupsAnswer.self, reply.body)
            }
            func runs(_ version: String, _ count: Int) {
                panel.server.map.states.withLock {
                    $0 = ScriptStates(versions: ["events/a/b.lua": version], runs: ["events/a/b.lua": count])
                }
            }
            runs("v1", 1)
            let first = try await groups()
            #expect(first.groups.map(\.count) == [1] && first.groups[0].mended == nil)
            let same = try await panel.send("GET", "\(Endpoint.listErrors.path)?version=\(first.version)", as: viewer)
            #expect(same.status == 204)
            #expect(try await groups("?map=3").groups.isEmpty)
            runs("v2", 20)
            let fixed = try await groups("?version=\(first.version)")
            #expect(fixed.groups[0].mended != nil && fixed.version != first.version)
            let id = fixed.groups[0].id
            #expect(try await panel.send(.clearError, ["id": id], as: viewer).status == 403)
            let editor = try await panel.user(.editor)
            #expect(try await panel.send(.clearError, ["id": "nothing"], as: editor).status == 404)
            #expect(try await panel.send(.clearError, ["id": id], as: editor).status == 200)
            let entry = try #require(try await panel.audit(refused: false).first)
            #expect(entry.action == "errors.clear" && entry.target == "events/a/b.lua:3" && entry.actor == "editor")
            #expect(entry.before?.contains("onerror") == true)
            runs("v1", 1)
            fill(logs)
            #expect(
                try await panel.send("DELETE", "\(Endpoint.clearErrors.path)?mended=true", as: editor).status == 200)
            #expect(try await groups().groups.count == 1, "it is not mended")
            #expect(try await panel.send("DELETE", "\(Endpoint.clearErrors.path)?map=3", as: editor).status == 200)
            #expect(try await groups().groups.count == 1)
            #expect(try await panel.send("DELETE", Endpoint.clearErrors.path, as: editor).status == 200)
            #expect(try await groups().groups.isEmpty)
        }
    }

    @Test("a map that hangs does not keep the errors from being read")
    func hangingMap() async throws {
        let logs = LogHub()
        fill(logs)
        let map = StubMap(mapID: 4)
        map.isSilent = true
        try await PanelServer.run(maps: [map], logs: logs) { panel in
            let reply = try await panel.send(.listErrors, bearer: panel.key)
            #expect(reply.status == 200)
        }
    }

    private func follow(_ panel: PanelServer, _ query: String = "", headers: [String: String] = [:]) async throws
        -> TestClient
    {
        let client = try await panel.server.client()
        var text = "GET \(Endpoint.streamLogs.path)\(query) HTTP/1.1\r\nHost: localhost\r\n"
        for (name, value) in headers.merging(["Authorization": "Bearer \(panel.key)"], uniquingKeysWith: { $1 }) {
            text += "\(name): \(value)\r\n"
        }
        try await client.send((text + "\r\n").utf8)
        return client
    }

    @Test("a stream has what was logged and what follows, by its filter, and goes on after the last event's id")
    func stream() async throws {
        let logs = LogHub()
        fill(logs)
        try await PanelServer.run(logs: logs) { panel in
            let client = try await follow(panel, "?level=print")
            let start = try await client.read(until: "event: lines\ndata: ")
            #expect(start.contains("text/event-stream") && start.contains("\"resumed\":false"))
            #expect(start.lowercased().contains("content-security-policy") && start.contains("no-store"))
            #expect(try await client.read(until: "]\n\n").contains("hello <img"))
            logs.note(.error(ErrorGroupsTests.error()), mapID: 4)
            logs.note(.line(.init(time: 6, tick: 4, script: "a.lua", text: "two\nlines")), mapID: 3)
            let next = try await client.read(until: "]\n\n")
            #expect(next.contains("id: \(logs.run)-4\n") && next.contains("two\\nlines") && !next.contains("no field"))
            let resumed = try await follow(panel, headers: ["Last-Event-ID": "\(logs.run)-3"])
            let rest = try await resumed.read(until: "]\n\n")
            #expect(rest.contains("\"resumed\":true") && rest.contains("two\\nlines") && !rest.contains("no field"))
            let other = try await follow(panel, headers: ["Last-Event-ID": "earlier-3"])
            #expect(try await other.read(until: "]\n\n").contains("\"resumed\":false"))
            #expect(try await panel.send("HEAD", Endpoint.streamLogs.path, bearer: panel.key).status == 200)
            #expect(try await panel.send(.streamLogs).status == 401)
        }
    }

    @Test("a stream shows every 15 s that it lives; it ends when its session does")
    func beats() async throws {
        let clock = ManualClock()
        try await PanelServer.run(beats: clock) { panel in
            let user = try await panel.user(.viewer)
            let client = try await panel.server.client()
            try await client.send(
                "GET \(Endpoint.streamLogs.path) HTTP/1.1\r\nHost: localhost\r\nUser-Agent: \(user.agent)\r\nCookie: \(user.cookie)\r\n\r\n"
                    .utf8)
            _ = try await client.read(until: "\"resumed\":false}\n\n")
            for _ in 0..<2 {
                await clock.waitForSleeper()
                clock.advance(by: .seconds(15))
                #expect(try await client.read(until: ": alive\n\n").contains(": alive"))
            }
            await clock.waitForSleeper()
            #expect(try await panel.send(.endSession, as: user).status == 200)
            clock.advance(by: .seconds(15))
            #expect(try await client.readToEnd().contains("{\"reason\":\"logged_out\"}"))
        }
    }

    @Test("streams end at once when the server stops, and when their reader leaves")
    func ending() async throws {
        let logs = LogHub()
        // The clock stands still, so nothing but the stop itself can end the stream.
        var client: TestClient?
        try await PanelServer.run(logs: logs, beats: ManualClock()) { panel in
            let leaving = try await follow(panel)
            _ = try await leaving.read(until: "\"resumed\":false}\n\n")
            #expect(logs.streamCount == 1)
            try await leaving.close()
            while logs.streamCount > 0 { await Task.yield() }
            let open = try await follow(panel)
            _ = try await open.read(until: "\"resumed\":false}\n\n")
            client = open
        }
        #expect(try await client?.readToEnd().contains("{\"reason\":\"stopping\"}") == true)
        #expect(logs.streamCount == 0)
    }

    @Test("a reader that reads nothing costs the maps nothing and bounded memory")
    func stuckReader() async throws {
        let logs = LogHub()
        try await PanelServer.run(logs: logs) { panel in
            let client = try await follow(panel)
            _ = try await client.read(until: "\"resumed\":false}\n\n")
            try await client.setReading(false)
            let long = String(repeating: "x", count: 4000)
            for number in 1...4_000 {
                logs.note(.line(.init(time: 6, tick: 4, script: "a.lua", text: "\(number) \(long)")), mapID: 4)
            }
            try await client.setReading(true)
            #expect(try await client.read(until: "event: skipped\n").contains("event: skipped"))
            #expect(try await client.read(until: "4000 xxx").contains("4000 xxx"))
        }
    }

    @Test("a download goes on in its file when the server renames that and begins another one")
    func rename() async throws {
        try await TestServer.withFolder { folder in
            let path = folder + "/map-4.log"
            try Data("first line\n".utf8).write(to: URL(fileURLWithPath: path))
            let file = try #require(OpenLogFile(path))
            #expect(String(buffer: file.read(at: 0, 6)) == "first ")
            try FileManager.default.moveItem(atPath: path, toPath: path + ".1")
            try Data("another file\n".utf8).write(to: URL(fileURLWithPath: path))
            #expect(file.size == 11 && String(buffer: file.read(at: 6, 64)) == "line\n")
            #expect(OpenLogFile(folder + "/none") == nil && OpenLogFile(folder) == nil)
        }
    }

    @Test("log files are downloaded as they are; other names are refused")
    func download() async throws {
        try await TestServer.withFolder { folder in
            let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
            let logs = LogHub(
                files: try FileLogStore(directory: folder + "/logs", logger: logger), directory: folder + "/logs")
            MapLog(mapID: 4, sink: logs).line("hello", time: 5, tick: 1)
            logs.flush()
            try await PanelServer.run(in: folder, logs: logs) { panel in
                let path = "/server/api/v1/maps/4/logs/"
                let file = try await panel.send("GET", path + "log", bearer: panel.key)
                #expect(file.status == 200 && file.text == "1970-01-01 00:00:05.000 tick=1 - hello\n")
                #expect(file.headers["content-disposition"] == "attachment; filename=\"map-4.log\"")
                #expect(file.headers["content-type"]?.hasPrefix("text/plain") == true)
                for wrong in ["errors", "log.2", "..%2F..%2Foperator.key", "operator.key"] {
                    #expect(try await panel.send("GET", path + wrong, bearer: panel.key).status == 404)
                }
                #expect(
                    try await panel.send("GET", "/server/api/v1/maps/..%2F4/logs/log", bearer: panel.key).status == 404)
                #expect(try await panel.send("GET", path + "log").status == 401)
            }
        }
    }
}
