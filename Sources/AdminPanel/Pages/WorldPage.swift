import OperatorAPI
import Simulation
import Storage
import World

/// The page of a map's world: a live view, a table of its entities, one of them in detail, and the console. Its scripts
/// fill it.
enum WorldPage {
    /// The page.
    ///
    /// - Parameters:
    ///   - statuses: The maps that run.
    ///   - closed: What keeps other maps closed, by their numbers.
    ///   - selected: The number of the map that is shown; `nil` when no map runs.
    ///   - caller: The operator who reads the page.
    /// - Returns: The page.
    static func page(_ statuses: [MapStatus], closed: [Int: String], selected: Int?, for caller: Caller) -> Page {
        let tabs = MapTabs(page: .worldPage, statuses: statuses, selected: selected)
        let shut = closed.sorted { $0.key < $1.key }.map { mapID, reason -> HTML in
            "<p class=\"notice bad\">Map \(mapID) is closed: \(reason)</p>\n"
        }
        let none: HTML = "<p class=\"empty\">No map runs. The first map that has no mistake opens by itself.</p>"
        return Page(
            title: "World", section: .world, module: "world.js", style: "world.css", libraries: [.editor],
            content: """
                <div class="bar">\(raw: tabs.html)</div>
                \(raw: HTML(joining: shut))\(raw: selected.map { world($0, mayChange: caller.role >= .editor) } ?? none)
                """)
    }

    private static func world(_ mapID: Int, mayChange: Bool) -> HTML {
        """
        <div id="world" data-map="\(mapID)" data-editor="\(mayChange ? "true" : "false")">
        \(raw: view)
        <section id="inspector" class="card" aria-labelledby="inspector-title"><h2 id="inspector-title">Entity</h2>
        <p class="empty">Choose an entity on the map or in the table.</p></section>
        \(raw: table(mayChange: mayChange))
        \(raw: mayChange ? HTML(joining: [console, addDialog]) : "")</div>
        """
    }

    private static let view: HTML = """
        <section id="view" class="card" aria-labelledby="view-title">
        <div class="head"><h2 id="view-title">Live view</h2>
        <div class="tools" role="group" aria-label="View">
        <button class="quiet" data-view="out" title="Zoom out (-)" aria-label="Zoom out">&#8722;</button>
        <button class="quiet" data-view="in" title="Zoom in (+)" aria-label="Zoom in">+</button>
        <button class="quiet" data-view="fit" title="The whole map (0)">Whole map</button>
        <button class="quiet" data-view="follow" title="Follow the chosen entity (f)" aria-pressed="false" disabled>Follow</button>
        </div></div>
        <canvas id="canvas" tabindex="0" role="application" aria-label="The map with its entities. Arrows move the view, plus and minus zoom, 0 shows the whole map, f follows the chosen entity; the table below lists all entities."></canvas>
        <div class="legend" role="group" aria-label="Shown types">\(raw: legend)</div>
        <p id="view-note" class="hint">The map is being loaded.</p>
        </section>
        """

    private static var legend: HTML {
        let shapes: [EntityKind: HTML] = [
            .players: "<circle cx=\"8\" cy=\"8\" r=\"6\"/>", .enemys: "<path d=\"M8 2 14 14H2z\"/>",
            .animals: "<path d=\"M8 1 15 8 8 15 1 8z\"/>", .objects: "<path d=\"M3 3h10v10H3z\"/>",
        ]
        return HTML(
            joining: EntityKind.allCases.map { kind in
                """
                <label><input type="checkbox" value="\(kind.name)" checked>
                <svg class="\(kind.name)" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">\(raw: shapes[kind] ?? "")</svg>
                \(kind.name) <small data-count="\(kind.name)"></small></label>
                """
            })
    }

    private static func table(mayChange: Bool) -> HTML {
        let add: HTML = mayChange ? "<button class=\"quiet\" id=\"add-button\">Add an entity</button>" : ""
        let kinds = HTML(joining: EntityKind.allCases.map { "<option>\($0.name)</option>" })
        return """
            <section id="entities" class="card" aria-labelledby="entities-title">
            <div class="head"><h2 id="entities-title">Entities</h2>\(raw: add)</div>
            <form id="search" class="row" method="post" role="search">
            <label>Search <input name="text" type="search" maxlength="200" autocomplete="off" placeholder="key, prefab, name, value, or hp=5"></label>
            <label>Type <select name="type"><option value="">all</option>\(raw: kinds)</select></label>
            <button class="quiet">Search</button></form>
            <p class="problem" role="alert"></p>
            <table><thead><tr><th>Key</th><th class="more">Type</th><th>Name</th><th>Prefab</th><th>Position</th><th class="more">Pending events</th></tr></thead>
            <tbody></tbody></table>
            <p class="empty" hidden></p>
            <div class="pager"><button class="quiet" data-page="back" disabled>Back</button>
            <span class="hint" role="status"></span><button class="quiet" data-page="next" disabled>Next</button></div>
            </section>
            """
    }

    private static let console: HTML = """
        <section id="console" class="card" aria-labelledby="console-title">
        <div class="head"><h2 id="console-title">Console</h2><small>Ctrl+Enter tries, Ctrl+Shift+Enter applies</small></div>
        <form method="post"><label for="source">Lua, with <code>objects</code>, <code>map</code> and, if you choose, <code>object</code></label>
        <textarea id="source" name="source" rows="7" spellcheck="false" autocapitalize="off" maxlength="60000"></textarea>
        <div class="choices"><label><input type="checkbox" name="object" disabled> <span>The chosen entity is <code>object</code></span></label>
        <label>History <select id="history"><option value="">earlier snippets</option></select></label></div>
        <div class="buttons"><button name="try">Try on a copy</button>
        <button name="apply" type="button" class="danger" disabled>Apply to the map</button></div>
        <p class="problem" role="alert"></p></form>
        <div id="console-result" aria-live="polite"></div>
        </section>
        """

    private static let addDialog: HTML = """
        <dialog id="add-entity" aria-labelledby="add-title"><form method="post"><h2 id="add-title">Add an entity</h2>
        <div class="row"><label>Type <select name="type"><option>enemys</option><option>animals</option><option>objects</option></select></label>
        <label>Prefab <input name="prefab" autocomplete="off"></label></div>
        <div class="row"><label>x <input name="x" inputmode="decimal" autocomplete="off"></label>
        <label>y <input name="y" inputmode="decimal" autocomplete="off"></label></div>
        <p class="hint">The middle of the view; without x and y a random walkable place.</p>
        <label>Components as JSON, others take their defaults <textarea name="components" rows="3" spellcheck="false" placeholder='{"hp": 10}'></textarea></label>
        <p class="problem" role="alert"></p>
        <div class="buttons"><button>Add</button><button type="button" class="quiet" data-close>Cancel</button></div></form></dialog>
        """
}
