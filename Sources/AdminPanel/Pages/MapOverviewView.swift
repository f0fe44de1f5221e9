import OperatorAPI

/// All maps as servers in one table [M7.1, M7.6, M7.8]; a fragment that the page of maps renews.
enum MapOverviewView {
    /// The table.
    ///
    /// - Parameters:
    ///   - maps: The maps.
    ///   - mayChange: Whether the reader may start maps.
    /// - Returns: The fragment.
    static func html(_ maps: [MapAnswer], mayChange: Bool) -> HTML {
        guard !maps.isEmpty else {
            return "<p class=\"empty\">The game has no map. The first map that has no mistake opens by itself.</p>"
        }
        return """
            <table class="stacks maps"><thead><tr><th>Map</th><th>State</th><th>Address</th><th>Players</th>\
            <th>Entities</th><th>FPS</th><th title="1,000 / tick p95">Could do</th><th>Tick, p95</th><th>Lua memory</th>\
            <th>Traffic out, in</th></tr></thead><tbody>\(raw: HTML(joining: maps.map { row($0, mayChange) }))</tbody></table>
            """
    }

    private static func row(_ map: MapAnswer, _ mayChange: Bool) -> HTML {
        let address: HTML =
            "\(map.address)\(raw: map.hasOwnPort ? "" : "<small> /</small>")"
        let head: HTML = """
            <td data-label="Map"><a href="\(Endpoint.mapsPage.path)?map=\(map.id)"><b>\(map.id)</b> \(map.name ?? "")</a></td>\
            <td data-label="State"><span>\(raw: state(map))</span></td><td data-label="Address"><code>\(raw: address)</code></td>
            """
        guard let figures = map.figures else {
            let start: HTML = map.state == .stopped && mayChange ? MapDetailView.button(.startMap, map.id, "Start") : ""
            return """
                <tr class="away-map">\(raw: head)<td colspan="7" data-label="Why"><span>\(map.reason ?? "") \(raw: start)\
                </span></td></tr>
                """
        }
        return """
            <tr>\(raw: head)<td data-label="Players">\(figures.players)</td><td data-label="Entities">\(figures.entities)</td>\
            <td data-label="FPS"><span>\(Figures.number(figures.fps, 1)) <small>of \(Figures.number(figures.targetFps, 0))\
            </small></span></td><td data-label="Could do">\(Figures.possible(figures.possibleFps))</td>\
            <td data-label="Tick, p95"><span>\(Figures.number(figures.tickMs, 2)), \(Figures.number(figures.tickP95Ms, 2)) \
            <small>ms</small></span></td><td data-label="Lua memory">\(Figures.bytes(Double(figures.luaBytes)))</td>\
            <td data-label="Traffic out, in"><span>\(Figures.bytes(figures.sentPerSecond)), \
            \(Figures.bytes(figures.receivedPerSecond)) <small>/s</small></span></td></tr>
            """
    }

    /// The state as a mark that does not depend on colours alone.
    static func state(_ map: MapAnswer) -> HTML {
        let style =
            switch map.state {
            case .running, .asleep: "tag"
            case .starting, .stopped: "tag still"
            case .hanging, .closed: "tag wrong"
            }
        return "<span class=\"\(style)\" title=\"\(map.reason ?? "")\">\(map.state.rawValue)</span>"
    }
}
