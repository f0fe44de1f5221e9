import Gateway
import OperatorAPI
import Simulation

/// The tables of the page of costs, as fragments that the page renews.
enum PerformanceView {
    /// Which calls are shown.
    enum Window: String, CaseIterable {
        case tenSeconds = "10s"
        case minute = "1m"
        case version = "version"

        var title: String {
            switch self {
            case .tenSeconds: "Last 10 s"
            case .minute: "Last minute"
            case .version: "Since its version"
            }
        }

        /// The window that a query names; usually ``version``, which has the former one beside it.
        ///
        /// - Throws: ``GatewayError`` with status 400.
        init(_ call: PanelCall) throws(GatewayError) {
            guard let name = call.query("window") else {
                self = .version
                return
            }
            guard let window = Window(rawValue: name) else {
                throw .badRequest(
                    "window is \"\(name.prefix(20))\"; allowed are \(Self.allCases.map(\.rawValue).joined(separator: ", "))",
                    field: "window")
            }
            self = window
        }
    }

    /// One figure of a script, and the same of the former version.
    private struct Figure {
        var title: String
        var value: Double
        var former: Double?
        var digits: Int
        var unit = ""

        var cell: HTML {
            let text = Figures.number(value, digits) + unit
            var was: HTML = ""
            if let former {
                let style =
                    Self.isWorse(value, former) ? "was worse" : Self.isWorse(former, value) ? "was better" : "was"
                was = "<small class=\"\(style)\">was \(Figures.number(former, digits))\(unit)</small>"
            }
            return
                "<td data-label=\"\(title)\" data-value=\"\(Figures.number(value, 6))\">\(text)\(raw: was)</td>"
        }

        /// Whether a figure is higher by more than what chance does: a tenth.
        private static func isWorse(_ value: Double, _ other: Double) -> Bool { value > other * 1.1 && value > 0 }
    }

    /// The table of scripts.
    static func scripts(_ performance: MapPerformance, _ window: Window) -> HTML {
        let rows = performance.scripts.filter { $0.current.count > 0 || $0.former != nil || $0.isSuspended }.map {
            script in
            let figures = figures(of: script, window)
            var notes: [HTML] = []
            if script.isSuspended { notes.append("<small class=\"bad\">suspended</small>") }
            if script.errors > 0 { notes.append("<small class=\"bad\">\(script.errors) failed</small>") }
            notes.append("<small>\(script.version)\(script.formerVersion.map { " after \($0)" } ?? "")</small>")
            return """
                <tr data-key="\(script.script)"><th scope="row" data-value="\(script.script)">\(raw: ScriptPlace.link(script.script, line: nil))\
                <span class="notes">\(raw: HTML(joining: notes))</span></th>\(raw: HTML(joining: figures.map(\.cell)))</tr>
                """ as HTML
        }
        guard let first = performance.scripts.first, !rows.isEmpty else {
            return
                "<p class=\"empty\" data-tick=\"\(performance.status.tick)\">No script has run yet. A map without players sleeps.</p>"
        }
        let heads = (["script"] + figures(of: first, window).map(\.title)).map { title -> HTML in
            "<th scope=\"col\"><button class=\"sort\" data-sort=\"\(title)\">\(title)</button></th>"
        }
        return """
            <table class="costs" data-tick="\(performance.status.tick)"><thead><tr>\(raw: HTML(joining: heads))</tr></thead>
            <tbody>\(raw: HTML(joining: rows))</tbody></table>
            """
    }

    private static func figures(of script: MapPerformance.Script, _ window: Window) -> [Figure] {
        switch window {
        case .tenSeconds: figures(of: script.lastTenSeconds)
        case .minute: figures(of: script.lastMinute)
        case .version: figures(of: script)
        }
    }

    private static func figures(of window: MapPerformance.Window) -> [Figure] {
        [
            Figure(title: "calls", value: Double(window.count), digits: 0),
            Figure(title: "mean ms", value: window.meanMs, digits: 4),
            Figure(title: "p50 ms", value: window.p50Ms, digits: 4),
            Figure(title: "p95 ms", value: window.p95Ms, digits: 4),
            Figure(title: "p99 ms", value: window.p99Ms, digits: 4),
            Figure(title: "max ms", value: window.maxMs, digits: 3),
            Figure(title: "of ticks", value: window.share * 100, digits: 1, unit: " %"),
        ]
    }

    private static func figures(of script: MapPerformance.Script) -> [Figure] {
        let (now, was) = (script.current, script.former)
        return [
            Figure(title: "calls", value: Double(now.count), digits: 0),
            Figure(title: "mean ms", value: now.meanMs, former: was?.meanMs, digits: 4),
            Figure(title: "p50 ms", value: now.p50Ms, former: was?.p50Ms, digits: 4),
            Figure(title: "p95 ms", value: now.p95Ms, former: was?.p95Ms, digits: 4),
            Figure(title: "p99 ms", value: now.p99Ms, former: was?.p99Ms, digits: 4),
            Figure(title: "max ms", value: now.maxMs, former: was?.maxMs, digits: 3),
            Figure(
                title: "of ticks", value: script.share * 100, former: script.formerShare.map { $0 * 100 }, digits: 1,
                unit: " %"),
        ]
    }

    /// The figures of the map's ticks.
    static func summary(_ performance: MapPerformance) -> HTML {
        let (status, ticks) = (performance.status, performance.ticks)
        func figure(_ name: String, _ value: String, _ unit: String) -> HTML {
            "<div><dt>\(name)</dt><dd>\(value) <small>\(unit)</small></dd></div>"
        }
        let before = ticks.beforeReload.map { "was \(Figures.number($0.meanMs, 3)) ms" } ?? "ms"
        return """
            <dl class="numbers">\(raw: figure("FPS", Figures.number(status.tickRateHz, 1), "of \(Figures.number(status.targetTickRateHz, 0))"))\
            \(raw: figure("tick, last 10 s", Figures.number(ticks.lastTenSeconds.meanMs, 3), "ms"))\
            \(raw: figure("longest, last 10 s", Figures.number(ticks.lastTenSeconds.maxMs, 3), "ms"))\
            \(raw: figure("tick since reload", Figures.number(ticks.sinceReload.meanMs, 3), before))\
            \(raw: figure("p95 since reload", Figures.number(ticks.sinceReload.p95Ms, 3), "ms"))</dl>
            """
    }

    /// The table of the slowest ticks.
    static func slowTicks(_ ticks: [SlowTick]) -> HTML {
        guard !ticks.isEmpty else { return "<p class=\"empty\">No tick yet.</p>" }
        let rows = ticks.map { tick -> HTML in
            let scripts = tick.scripts.map { script -> HTML in
                "<li>\(raw: ScriptPlace.link(script.script, line: nil)) <small>\(script.runs)× \(Figures.number(script.cpuMs, 3)) ms</small></li>"
            }
            let list: HTML = scripts.isEmpty ? "<small>no script</small>" : "<ul>\(raw: HTML(joining: scripts))</ul>"
            return """
                <tr><td data-label="When">\(raw: HTML.time(tick.time))<br><small>tick \(tick.tick)</small></td>\
                <td data-label="Took"><b>\(Figures.number(tick.ms, 2)) ms</b><br><small>\(Figures.number(tick.cpuMs, 2)) ms of CPU</small></td>\
                <td data-label="Work"><span>\(tick.inputs) inputs, \(tick.events) events, \(tick.messages) messages</span></td>\
                <td data-label="Scripts">\(raw: list)</td></tr>
                """
        }
        return """
            <table class="stacks slow"><thead><tr><th>When</th><th>Took</th><th>Work</th><th>Scripts, by CPU time</th></tr></thead>
            <tbody>\(raw: HTML(joining: rows))</tbody></table>
            """
    }
}
