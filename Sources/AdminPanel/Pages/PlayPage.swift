import Gateway
import Hummingbird
import OperatorAPI
import Simulation

/// The page on which the game runs in a frame, beside the log and the performance of a map and a form that sends any
/// command [M12].
///
/// The ids of its elements are those that the page template of a Unity build looks for in its parent page [M12.2-M12.4]:
/// `map_id`, `perfomance` (sic), `unity-api-container`, `unity-canvas`.
struct PlayPage: Sendable {
    let maps: any RunningMaps

    func add(to routes: inout PanelRoutes) {
        routes.on(.playPage) { call in
            let statuses = maps.handles.map(\.status)
            let wanted = call.query("map").flatMap { Int($0) }
            let selected = statuses.first { $0.mapID == wanted } ?? statuses.first
            return .page(Self.page(statuses, selected: selected?.mapID), for: try call.requireCaller())
        }
    }

    /// The page.
    ///
    /// - Parameters:
    ///   - statuses: The maps that run.
    ///   - selected: The number of the map whose log and performance are shown; `nil` when no map runs.
    /// - Returns: The page.
    static func page(_ statuses: [MapStatus], selected: Int?) -> Page {
        let tabs = MapTabs(page: .playPage, statuses: statuses, selected: selected)
        return Page(
            title: "Play", section: .play, module: "play.js", style: "play.css",
            content: """
                <div class="bar">\(raw: tabs.html)</div>
                <div class="play">
                <section class="card game" aria-label="The game">
                <iframe id="unity-canvas" src="/play/" title="The game" allow="autoplay; fullscreen; gamepad"></iframe>
                <p class="hint"><span id="focus" role="status">The keyboard is with the panel.</span>
                <a href="/play/" target="_blank" rel="noopener">Open the game in a window of its own</a></p></section>
                \(raw: command)
                <section class="card"><h2 id="log-title">Log <small id="log-state"></small></h2>
                <div id="log" class="log" role="log" tabindex="0" aria-labelledby="log-title"></div></section>
                <section class="card figures"><h2>Performance</h2>
                <label class="number">Map<input id="map_id" name="map_id" type="number" min="1" step="1"
                value="\(selected.map(String.init) ?? "")"></label>
                <div id="perfomance"><p class="empty">\(selected == nil ? "No map runs." : "The figures come in a moment.")</p></div>
                </section></div>
                """)
    }

    private static let command: HTML = """
        <section class="card"><h2>Command</h2>
        <form id="unity-api-container" method="post" autocomplete="off">
        <label>Action<input name="action" list="actions" required maxlength="200" placeholder="GROUP/EVENT"
        spellcheck="false" autocapitalize="off"></label>
        <datalist id="actions"></datalist>
        <p id="about" class="hint">Choose one of the game's public events, or type any action.</p>
        <div id="parameters" class="row"></div>
        <p class="problem" role="alert"></p><div class="buttons"><button>Send</button></div></form>
        <details><summary>A parameter that the event does not declare</summary>
        <form id="another" class="row" method="post" autocomplete="off">
        <label>Name<input name="name" required maxlength="64" spellcheck="false" autocapitalize="off"></label>
        <label>Type<input name="type" list="types" required value="string" spellcheck="false" autocapitalize="off"></label>
        <datalist id="types"></datalist><button class="quiet">Add</button><p class="problem" role="alert"></p></form></details>
        <h3>Sent</h3><div id="sent" class="log" role="log" tabindex="0" aria-label="Sent commands"><p class="empty">Nothing yet.</p></div>
        </section>
        """
}
