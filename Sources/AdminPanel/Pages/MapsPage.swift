import OperatorAPI
import Simulation
import Storage

/// The page of maps: all of them as servers [M7.1], and of one its figures, its last hour, its players, and its errors,
/// scripts and log.
struct MapsPage {
    /// All maps.
    let maps: [MapAnswer]
    /// The statuses of the maps that run, for the row of maps.
    let statuses: [MapStatus]
    /// The map that is shown; `nil` when the game has none.
    let selected: MapDetailAnswer?
    /// Its diagnostics; `nil` when it does not run.
    let diagnostics: MapDiagnostics?
    /// The operator who reads the page.
    let caller: Caller
    /// Whether the server has a game folder that it can reload.
    let mayReload: Bool

    private var mayChange: Bool { caller.role >= .editor }

    /// The page.
    var page: Page {
        let tabs = MapTabs(page: .mapsPage, statuses: statuses, selected: selected?.map.id)
        let shown = selected.map(section) ?? ""
        return Page(
            title: "Maps", section: .maps, module: "maps.js", style: "maps.css", libraries: [.charts],
            content: """
                <p class="problem" role="alert"></p>
                <section class="card"><div class="title"><h2>All maps</h2><div class="buttons">\(raw: buttons)</div></div>
                <div id="overview" data-source="\(Endpoint.listMaps.path)">\
                \(raw: MapOverviewView.html(maps, mayChange: mayChange))</div></section>
                <p id="told" class="notice" role="status" hidden></p>
                <section id="reloaded" class="card" aria-live="polite" hidden></section>
                <div class="bar">\(raw: tabs.html)</div>
                \(raw: shown)
                """)
    }

    private var buttons: HTML {
        guard mayChange else { return "" }
        let reload: HTML =
            mayReload
            ? """
            <button data-call="POST \(Endpoint.reload.path)" data-then="show-reload">Reload the game folder</button>
            """ : ""
        return """
            \(raw: reload)<button class="quiet" data-dialog="message-all">Message to all …</button>\
            \(raw: MapDetailView.message("message-all", to: "all players", Endpoint.announce.path))
            """
    }

    private func section(_ detail: MapDetailAnswer) -> HTML {
        let (map, id) = (detail.map, ["map_id": "\(detail.map.id)"])
        let actions: HTML = mayChange ? MapDetailView.actions(map) : ""
        let dialogs: HTML = mayChange ? MapDetailView.dialogs(detail) : ""
        return """
            <section class="card"><div class="title"><h2>Map \(map.id) <small>\(map.name ?? "")</small></h2>
            <div class="buttons">\(raw: actions)</div></div><p class="problem" role="alert"></p>
            <div id="figures" data-source="\(Endpoint.showMap.path(id))">\
            \(raw: MapDetailView.figures(detail, mayChange: mayChange))</div></section>\(raw: dialogs)
            <section class="card" id="history" data-history="\(Endpoint.mapHistory.path(id))" aria-label="The last hour">
            <h2>The last hour</h2><p class="empty">The first figures come after some seconds.</p>
            <div class="charts" hidden></div>
            <details class="figures-table" hidden><summary>As a table</summary><div class="wide"></div></details></section>
            \(raw: diagnostics.map(scripts) ?? "")
            """
    }

    private func scripts(_ diagnostics: MapDiagnostics) -> HTML {
        let id = "\(diagnostics.status.mapID)"
        return """
            <div id="map" data-source="\(Endpoint.showPerformance.path(["map_id": id]))">
            \(raw: DiagnosticsView.html(diagnostics, mayChange: mayChange))</div>
            <p><a href="/server/api/profile/\(id)?seconds=5">Profile of the next 5 s</a></p>
            """
    }
}
