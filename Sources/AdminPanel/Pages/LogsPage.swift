import OperatorAPI
import Simulation
import Storage

/// The page of logs: errors in groups, and the live log, of one map or of all [M7.3].
enum LogsPage {
    /// The page.
    ///
    /// - Parameters:
    ///   - statuses: The maps that run.
    ///   - map: The map that is shown; `nil` for all.
    ///   - groups: Its errors.
    ///   - call: The request, whose query fills the filter.
    ///   - hasFiles: Whether there are log files to download.
    /// - Returns: The page.
    static func page(
        _ statuses: [MapStatus], map: Int?, groups: ErrorGroupsAnswer, _ call: PanelCall, hasFiles: Bool
    ) -> Page {
        let tabs = MapTabs(page: .logsPage, statuses: statuses, selected: map, all: "All maps")
        let query = map.map { "?map=\($0)" } ?? ""
        return Page(
            title: "Logs", section: .logs, module: "logs.js", style: "logs.css",
            content: """
                <div class="bar">\(raw: tabs.html)</div>
                <section class="card" id="errors" data-source="\(Endpoint.listErrors.path)\(query)">
                \(raw: ErrorGroupsView.html(groups, map: map, mayChange: call.mayChange))</section>
                <section class="card" id="log" data-source="\(Endpoint.streamLogs.path)">
                <div class="head"><h2>Log</h2><small id="state" role="status">connecting …</small>
                <span class="buttons"><button class="quiet" id="pause" aria-pressed="false">Pause</button>
                \(raw: downloads(of: map, hasFiles: hasFiles))</span></div>
                \(raw: filter(call, map: map))
                <div id="lines" class="lines" role="log" aria-label="Log lines, the newest first" tabindex="0"></div>
                <p class="empty" id="nothing" hidden>Nothing was logged yet.</p></section>
                """)
    }

    private static func downloads(of map: Int?, hasFiles: Bool) -> HTML {
        guard let map, hasFiles else { return "" }
        func link(_ file: String, _ title: String) -> HTML {
            let path = Endpoint.downloadLog.path(["map_id": "\(map)", "file": file])
            return "<a class=\"button quiet\" href=\"\(path)\" download>\(title)</a>"
        }
        return "\(raw: link("log", "Download log"))\(raw: link("errors", "Download errors"))"
    }

    private static func filter(_ call: PanelCall, map: Int?) -> HTML {
        let levels = [
            ("", "everything"), ("error", "errors"), ("result", "what triggers returned"),
            ("print", "what scripts printed"),
            ("server", "what the server tells"),
        ]
        let options = levels.map { value, title -> HTML in
            let mark: HTML = value == (call.query("level") ?? "") ? " selected" : ""
            return "<option value=\"\(value)\"\(raw: mark)>\(title)</option>"
        }
        func field(_ title: String, _ name: String, _ example: String) -> HTML {
            """
            <label>\(title)<input name="\(name)" value="\(call.query(name) ?? "")" maxlength="\(LogFilter.maxText)"
            placeholder="\(example)" autocomplete="off"></label>
            """
        }
        let shown: HTML = map.map { "<input type=\"hidden\" name=\"map\" value=\"\($0)\">" } ?? ""
        return """
            <form id="filter" class="row" action="\(Endpoint.logsPage.path)" role="search">\(raw: shown)
            <label>Show<select name="level">\(raw: HTML(joining: options))</select></label>
            \(raw: field("Script", "script", "events/move"))\(raw: field("Entity", "entity", "enemys_7"))
            \(raw: field("Text", "text", "contains …"))</form>
            """
    }
}
