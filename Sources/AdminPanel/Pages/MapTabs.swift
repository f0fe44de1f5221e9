import OperatorAPI
import Simulation

/// The row of maps at the top of a page that shows one map at a time; the page's query names it, as in `?map=4`.
struct MapTabs {
    /// The page.
    let page: Endpoint
    /// The maps that run.
    let statuses: [MapStatus]
    /// The number of the map that is shown.
    let selected: Int?

    /// The markup; empty without maps.
    var html: HTML {
        guard !statuses.isEmpty else { return "" }
        let tabs = statuses.map { status -> HTML in
            let mark: HTML = status.mapID == selected ? " aria-current=\"page\"" : ""
            return """
                <a href="\(page.path)?map=\(status.mapID)"\(raw: mark)><b>\(status.mapID)</b> \(status.name)
                <small>\(status.players) \(status.players == 1 ? "player" : "players")</small></a>
                """
        }
        return "<nav class=\"tabs\" aria-label=\"Maps\">\(raw: HTML(joining: tabs))</nav>"
    }
}
