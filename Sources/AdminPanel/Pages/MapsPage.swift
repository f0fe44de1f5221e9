import OperatorAPI
import Simulation
import Storage

/// The page of maps: which there are, and the figures, errors, scripts and log of one.
enum MapsPage {
    /// The page.
    ///
    /// - Parameters:
    ///   - statuses: The maps that run.
    ///   - closed: What keeps other maps closed, by their numbers.
    ///   - selected: The diagnostics of the map that is shown; `nil` when no map runs.
    ///   - caller: The operator who reads the page.
    ///   - mayReload: Whether the server has a game folder that it can reload.
    /// - Returns: The page.
    static func page(
        _ statuses: [MapStatus], closed: [Int: String] = [:], selected: MapDiagnostics?, for caller: Caller,
        mayReload: Bool
    ) -> Page {
        let tabs = MapTabs(page: .mapsPage, statuses: statuses, selected: selected?.status.mapID)
        let shut = closed.sorted { $0.key < $1.key }.map { mapID, reason -> HTML in
            "<p class=\"notice bad\">Map \(mapID) is closed: \(reason)</p>\n"
        }
        let mayChange = caller.role >= .editor
        let none: HTML = "<p class=\"empty\">No map runs. The first map that has no mistake opens by itself.</p>"
        let reload: HTML =
            mayReload && mayChange
            ? """
            <button data-call="POST /server/api/reload" data-then="show-reload">Reload the game folder</button>
            """ : ""
        return Page(
            title: "Maps", section: .maps, module: "maps.js",
            content: """
                <div class="bar">\(raw: tabs.html)\(raw: reload)</div>
                <p class="problem" role="alert"></p>
                <section id="reloaded" class="card" aria-live="polite" hidden></section>
                \(raw: HTML(joining: shut))\(raw: selected.map { map($0, mayChange: mayChange) } ?? none)
                """)
    }

    private static func map(_ selected: MapDiagnostics, mayChange: Bool) -> HTML {
        """
        <div id="map" data-source="\(Endpoint.showPerformance.path(["map_id": "\(selected.status.mapID)"]))">
        \(raw: DiagnosticsView.html(selected, mayChange: mayChange))</div>
        <p><a href="/server/api/profile/\(selected.status.mapID)?seconds=5">Profile of the next 5 s</a></p>
        """
    }
}
