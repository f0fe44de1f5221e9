import OperatorAPI
import Simulation

/// The page of costs: scripts with their former versions, over time, by line, and the slowest ticks [M7.5, M7.6].
enum PerformancePage {
    /// The page.
    ///
    /// - Parameters:
    ///   - statuses: The maps that run.
    ///   - performance: The costs of the map that is shown; `nil` when it does not answer, or no map runs.
    ///   - selected: The map that is shown; `nil` when no map runs.
    ///   - ticks: Its slowest ticks.
    ///   - window: Which calls are shown.
    /// - Returns: The page.
    static func page(
        _ statuses: [MapStatus], _ performance: MapPerformance?, selected: Int?, ticks: [SlowTick],
        _ window: PerformanceView.Window
    ) -> Page {
        let tabs = MapTabs(page: .performancePage, statuses: statuses, selected: selected)
        var content: HTML = "<p class=\"empty\">No map runs. The first map that has no mistake opens by itself.</p>"
        if let selected, let performance {
            content = sections(performance, map: selected, ticks: ticks, window)
        } else if let selected {
            content = "<p class=\"notice bad\">Map \(selected) does not answer: its tick does not end.</p>"
        }
        return Page(
            title: "Performance", section: .performance, module: "performance.js", style: "performance.css",
            libraries: [.charts], content: "<div class=\"bar\">\(raw: tabs.html)</div>\(raw: content)")
    }

    private static func sections(
        _ performance: MapPerformance, map: Int, ticks: [SlowTick], _ window: PerformanceView.Window
    ) -> HTML {
        func path(_ endpoint: Endpoint) -> String { endpoint.path(["map_id": "\(map)"]) }
        let windows = PerformanceView.Window.allCases.map { choice -> HTML in
            let isShown = choice == window
            return """
                <button class="quiet" data-window="\(choice.rawValue)" aria-pressed="\(isShown.description)">\(choice.title)</button>
                """
        }
        return """
            <div id="summary">\(raw: PerformanceView.summary(performance))</div>
            <section class="card" id="scripts" data-source="\(path(.performance))">
            <div class="head"><h2>Scripts</h2><span class="buttons windows" role="group" aria-label="Which calls">\(raw: HTML(joining: windows))</span></div>
            <label class="order">Sorted by<select id="order"></select></label>
            <div id="costs">\(raw: PerformanceView.scripts(performance, window))</div></section>
            <section class="card" id="history" data-source="\(path(.costHistory))"><div class="head"><h2>Over time</h2>
            <small>milliseconds a second, the last 15 minutes</small></div><div class="chart"><canvas role="img" aria-label="Milliseconds a second of each script over time; the table below has the same figures"></canvas></div>
            <ol class="marks" aria-label="Reloads"></ol><details class="figures"><summary>Figures</summary><div class="wide"></div></details></section>
            <section class="card" id="flame" data-source="\(path(.sampleStacks))"><div class="head"><h2>Flame graph</h2>
            <small role="status">Where scripts spend their time, by function and line</small>
            <span class="buttons"><button id="sample">Sample 10 s</button></span></div><p class="problem" role="alert"></p>
            <div class="graph"><p class="empty">Take a sample while the game is played.</p></div></section>
            <section class="card" id="slow" data-source="\(path(.slowTicks))"><h2>Slowest ticks of the last hour</h2>
            <div class="list">\(raw: PerformanceView.slowTicks(ticks))</div></section>
            """
    }
}
