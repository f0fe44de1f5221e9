import JSONValues
import OperatorAPI
import Simulation
import Storage
import Synchronization
import Testing

@testable import AdminPanel
@testable import Gateway

@Suite("Costs in the panel [M7.5, M7.6, rows 161, 162]", .timeLimit(.minutes(5)))
struct PerformanceRoutesTests {
    private func map() -> StubMap {
        let map = StubMap(mapID: 4)
        var former = MapDiagnostics.Costs(count: 50, meanMs: 0.1, p50Ms: 0.1, p95Ms: 0.2, p99Ms: 0.2, maxMs: 0.3)
        former.cpuMs = 5
        var window = MapPerformance.Window()
        (window.count, window.meanMs, window.p95Ms, window.share) = (7, 3.5, 4.25, 0.5)
        map.costs.withLock {
            $0.scripts = [
                .init(
                    script: "events/<b>/index.lua", version: "v2", lastTenSeconds: window,
                    current: .init(count: 9, meanMs: 3.4, maxMs: 5), share: 0.425, former: former, formerShare: 0.05,
                    formerVersion: "v1", errors: 3)
            ]
        }
        return map
    }

    @Test("a viewer reads costs as JSON, and as a table with the former version beside each figure")
    func table() async throws {
        try await PanelServer.run(maps: [map()]) { panel in
            let viewer = try await panel.user(.viewer)
            let path = Endpoint.performance.path(["map_id": "4"])
            #expect(try await panel.send("GET", path).status == 401)
            let json = try await panel.send("GET", path, as: viewer).json
            let script = try #require(json["scripts"]?.array?.first?.object)
            #expect(script["share"] == .number(0.425) && script["former_share"] == .number(0.05))
            #expect(script["last_ten_seconds"]?.object?["p95_ms"] == .number(4.25))
            #expect(script["former"]?.object?["mean_ms"] == .number(0.1))
            let html = ["Accept": "text/html"]
            let since = try await panel.send("GET", path, as: viewer, headers: html).text
            #expect(since.contains("3.4000<small class=\"was worse\">was 0.1000</small>"))
            #expect(
                since.contains("42.5 %<small class=\"was worse\">was 5.0 %</small>") && since.contains("v2 after v1"))
            #expect(since.contains("events/&lt;b&gt;/index.lua") && !since.contains("<b>/index"))
            let recent = try await panel.send("GET", path + "?window=10s", as: viewer, headers: html).text
            #expect(recent.contains(">7</td>") && recent.contains("4.2500") && !recent.contains("was "))
            let wrong = try await panel.send("GET", path + "?window=x", as: viewer)
            #expect(wrong.status == 400 && wrong.json["field"] == .string("window"))
            #expect(try await panel.send("GET", Endpoint.performance.path(["map_id": "9"]), as: viewer).status == 404)
        }
    }

    @Test("the page has all parts; a map that hangs is told")
    func page() async throws {
        let map = map()
        try await PanelServer.run(maps: [map], patience: .milliseconds(50)) { panel in
            let viewer = try await panel.user(.viewer)
            let page = try await panel.send("GET", "/admin/performance?map=4", as: viewer)
            #expect(page.status == 200 && page.text.contains("/server/api/v1/maps/4/performance/history"))
            map.isSilent = true
            let hanging = try await panel.send(.performancePage, as: viewer)
            #expect(hanging.text.contains("Map 4 does not answer"))
            #expect(try await panel.send("GET", Endpoint.costHistory.path(["map_id": "4"]), as: viewer).status == 503)
        }
    }

    @Test("history, slow ticks and samples are JSON; samples take 10 s unless the query says otherwise")
    func others() async throws {
        let map = map()
        map.slow.withLock {
            $0 = [SlowTick(time: 5, tick: 9, ms: 30, cpuMs: 20, scripts: [.init(script: "a.lua", runs: 4, cpuMs: 19)])]
        }
        try await PanelServer.run(maps: [map]) { panel in
            let viewer = try await panel.user(.viewer)
            func path(_ endpoint: Endpoint) -> String { endpoint.path(["map_id": "4"]) }
            #expect(try await panel.send("GET", path(.costHistory), as: viewer).json["seconds"] == .number(10))
            let ticks = try await panel.send("GET", path(.slowTicks), as: viewer)
            #expect(ticks.text.contains("\"runs\":4"))
            let table = try await panel.send("GET", path(.slowTicks), as: viewer, headers: ["Accept": "text/html"])
            #expect(table.text.contains("30.00 ms") && table.text.contains("4× 19.000 ms"))
            let samples = try await panel.send("GET", path(.sampleStacks), as: viewer).json
            #expect(samples["seconds"] == .number(10))
            let stacks = try #require(samples["stacks"]?.array)
            #expect(stacks[0].object?["samples"] == .number(10))
            #expect(stacks[1].object?["frames"] == .array([.string("a.lua:main:1"), .string("b.lua:walk:2")]))
            #expect(try await panel.send("GET", path(.sampleStacks) + "?seconds=31", as: viewer).status == 400)
            #expect(try await panel.send("GET", path(.sampleStacks) + "?seconds=30", as: viewer).status == 409)
        }
    }
}
