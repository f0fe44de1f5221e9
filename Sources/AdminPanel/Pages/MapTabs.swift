import OperatorAPI
import Simulation

/// The row of maps at the top of a page that shows one map at a time; the page's query names it, as in `?map=4`.
struct MapTabs {
    /// The page.
    let page: Endpoint
    /// The maps that run.
    let statuses: [MapStatus]
    /// The number of the map that is shown; with `all`, `nil` for all maps.
    let selected: Int?
    /// The title of a first entry for all maps; `nil` on pages that always show one map.
    var all: String?

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
        let first: HTML =
            all.map { title -> HTML in
                let mark: HTML = selected == nil ? " aria-current=\"page\"" : ""
                return "<a href=\"\(page.path)\"\(raw: mark)><b>\(title)</b></a>"
            } ?? ""
        return "<nav class=\"tabs\" aria-label=\"Maps\">\(raw: first)\(raw: HTML(joining: tabs))</nav>"
    }
}
