import OperatorAPI
import Simulation

/// A map's diagnostics as an HTML fragment, for the panel and for the answer of `log_perfomance` [M7.3, M7.5, M7.6,
/// M12.2].
enum DiagnosticsView {
    /// The fragment; the newest errors and log lines come first.
    ///
    /// - Parameters:
    ///   - diagnostics: What is shown.
    ///   - mayChange: Whether the reader may resume scripts.
    /// - Returns: The fragment.
    static func html(_ diagnostics: MapDiagnostics, mayChange: Bool) -> HTML {
        """
        \(raw: summary(diagnostics.status))
        \(raw: ticks(diagnostics.ticks))
        <h2>Errors</h2>\(raw: errors(diagnostics.errors))
        <h2>Scripts</h2>\(raw: scripts(diagnostics.scripts, mapID: mayChange ? diagnostics.status.mapID : nil))
        <h2>Log</h2>\(raw: log(diagnostics.log))
        """
    }

    private static func summary(_ status: MapStatus) -> HTML {
        """
        <dl class="numbers">
        <div><dt>tick rate</dt><dd>\(Figures.number(status.tickRateHz, 1)) \
        <small>of \(Figures.number(status.targetTickRateHz, 0)) Hz</small></dd></div>
        <div><dt>tick mean</dt><dd>\(Figures.number(status.tickMeanMs, 3)) <small>ms</small></dd></div>
        <div><dt>tick p95</dt><dd>\(Figures.number(status.tickP95Ms, 3)) <small>ms</small></dd></div>
        <div><dt>tick p99.9</dt><dd>\(Figures.number(status.tickP999Ms, 3)) <small>ms</small></dd></div>
        <div><dt>tick max</dt><dd>\(Figures.number(status.tickMaxMs, 3)) <small>ms</small></dd></div>
        <div><dt>players</dt><dd>\(status.players)</dd></div>
        <div><dt>entities</dt><dd>\(status.entities)</dd></div>
        <div><dt>errors</dt><dd>\(status.errorCount)</dd></div>
        <div><dt>tick</dt><dd>\(status.tick)</dd></div>
        </dl>
        """
    }

    private static func ticks(_ ticks: MapDiagnostics.TickCosts) -> HTML {
        let (now, before) = (ticks.sinceReload, ticks.beforeReload)
        let rows: [HTML] = [
            """
            <tr><td>since the last change</td><td>\(now.count)</td><td>\(change(before?.meanMs, now.meanMs, 3))</td>\
            <td>\(change(before?.p95Ms, now.p95Ms, 3))</td><td>\(change(before?.p999Ms, now.p999Ms, 3))</td>\
            <td>\(change(before?.maxMs, now.maxMs, 3))</td></tr>
            """, recent("the last minute", ticks.lastMinute), recent("the last 10 s", ticks.lastTenSeconds),
        ]
        return """
            <div class="wide"><table><thead><tr><th>ticks</th><th>count</th><th>mean ms</th><th>p95 ms</th>\
            <th>p99.9 ms</th><th>max ms</th></tr></thead><tbody>\(raw: HTML(joining: rows))</tbody></table></div>
            """
    }

    private static func recent(_ name: String, _ costs: MapDiagnostics.RecentCosts) -> HTML {
        """
        <tr><td>\(name)</td><td>\(costs.count)</td><td>\(Figures.number(costs.meanMs, 3))</td><td></td><td></td>\
        <td>\(Figures.number(costs.maxMs, 3))</td></tr>
        """
    }

    /// `0.101 → 3.4`: before a change and after it; the second alone where there is no first.
    private static func change(_ before: Double?, _ after: Double, _ digits: Int) -> String {
        before.map { "\(Figures.number($0, digits)) → \(Figures.number(after, digits))" }
            ?? Figures.number(after, digits)
    }

    private static func scripts(_ scripts: [MapDiagnostics.ScriptTiming], mapID: Int?) -> HTML {
        guard !scripts.isEmpty else { return "<p class=\"empty\">No script has run yet.</p>" }
        let rows = scripts.sorted { $0.lastMinute.totalMs > $1.lastMinute.totalMs }.map { script -> HTML in
            let (now, before) = (script.current, script.former)
            return """
                <tr><td>\(script.script)\(raw: resume(script, mapID: mapID))</td>\
                <td>\(Figures.number(script.lastTenSeconds.meanMs, 4))</td><td>\(Figures.number(script.lastMinute.meanMs, 4))</td>\
                <td>\(now.count)</td><td>\(change(before?.meanMs, now.meanMs, 4))</td>\
                <td>\(change(before?.p50Ms, now.p50Ms, 4))</td><td>\(change(before?.p95Ms, now.p95Ms, 4))</td>\
                <td>\(change(before?.p99Ms, now.p99Ms, 4))</td><td>\(change(before?.p999Ms, now.p999Ms, 4))</td>\
                <td>\(change(before?.maxMs, now.maxMs, 4))</td>\
                <td>\(now.cpuMs.map { Figures.number($0, 1) } ?? "")</td><td>\(perCall(now))</td><td>\(script.errors)</td></tr>
                """
        }
        return """
            <div class="wide"><table><thead><tr><th rowspan="2">script</th><th colspan="2">mean ms of the last</th>\
            <th colspan="10">since this version runs (version before → this one)</th></tr>\
            <tr><th>10 s</th><th>minute</th><th>count</th><th>mean ms</th><th>p50 ms</th><th>p95 ms</th>\
            <th>p99 ms</th><th>p99.9 ms</th><th>max ms</th><th>CPU ms</th><th>bytes a run</th><th>errors</th></tr>\
            </thead><tbody>\(raw: HTML(joining: rows))</tbody></table></div>
            """
    }

    /// What waits for an operator, and the button to resume it on a map; without a map there is no button.
    private static func resume(_ script: MapDiagnostics.ScriptTiming, mapID: Int?) -> HTML {
        guard script.isSuspended || script.keptEvents > 0 else { return "" }
        let events = script.keptEvents == 0 ? "" : "\(script.keptEvents) failed events wait"
        let state = [script.isSuspended ? "suspended" : "", events].filter { !$0.isEmpty }.joined(separator: ", ")
        guard let mapID else { return " <strong>\(state)</strong>" }
        let path = Endpoint.resume.path(["map_id": "\(mapID)"])
        return """
             <strong>\(state)</strong> <button class="quiet" \
            data-call="POST \(path)?script=\(Endpoint.encoded(script.script))" aria-label="Resume \(script.script)">resume</button>
            """
    }

    private static func perCall(_ costs: MapDiagnostics.Costs) -> String {
        guard let bytes = costs.allocatedBytes, costs.count > 0 else { return "" }
        return Figures.number(Double(bytes) / Double(costs.count), 0)
    }

    private static func errors(_ errors: [MapDiagnostics.ErrorEntry]) -> HTML {
        guard !errors.isEmpty else { return "<p class=\"empty\">No errors.</p>" }
        return HTML(
            joining: errors.reversed().map { error -> HTML in
                var place = [error.script, error.line.map { "\($0)" }].compactMap { $0 }.joined(separator: ":")
                // Messages from Lua already begin with the place.
                if error.message.hasPrefix(place) { place = "" }
                let facts = ["tick \(error.tick)", error.entity, error.count > 1 ? "\(error.count) times" : nil]
                    .compactMap { $0 }.joined(separator: ", ")
                // The tick grows while the same error happens again; these stay, so an open entry stays open.
                let key = [error.kind, error.script, error.line.map { "\($0)" }, error.entity, error.message]
                    .compactMap { $0 }.joined(separator: " ")
                let traceback: HTML = error.traceback.map { "<pre>\($0)</pre>" } ?? ""
                return """
                    <details class="error" data-key="\(key)"><summary>\
                    \(raw: error.time == 0 ? "" : HTML.time(error.time)) <b>\(error.kind)</b> \(place) \
                    \(error.message)</summary><p>\(facts)</p>\(raw: traceback)</details>
                    """
            })
    }

    private static func log(_ lines: [MapDiagnostics.LogLine]) -> HTML {
        guard !lines.isEmpty else { return "<p class=\"empty\">Nothing was printed.</p>" }
        let rows = lines.reversed().map { line -> HTML in
            "<div>\(raw: HTML.time(line.time)) <i>\(line.script ?? "")</i> \(line.text)</div>\n"
        }
        return "<div class=\"log\">\(raw: HTML(joining: rows))</div>"
    }
}
