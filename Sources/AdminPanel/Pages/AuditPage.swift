import OperatorAPI
import Storage

/// The page of the audit log: a filter, and the entries from the latest on.
enum AuditPage {
    /// How many entries one page shows.
    static let size = 50

    /// The page.
    ///
    /// - Parameters:
    ///   - entries: One entry more than ``size`` when there are older ones.
    ///   - filter: What the entries were filtered by.
    ///   - lost: The entries that are missing since the start of the server.
    /// - Returns: The page.
    static func page(_ entries: [AuditEntry], _ filter: AuditFilter, lost: AuditTrail.Losses?) -> Page {
        let shown = entries.prefix(size)
        let table: HTML =
            shown.isEmpty
            ? "<p class=\"empty\">No entries\(isFiltered(filter) ? " pass this filter" : " yet").</p>"
            : """
            <table class="stacks audit"><thead><tr><th>When</th><th>Who</th><th>What</th><th>Change</th></tr></thead>
            <tbody>\(raw: HTML(joining: shown.map(row)))</tbody></table>
            """
        var pager: HTML = ""
        if entries.count > size, let last = shown.last {
            pager =
                "<nav class=\"buttons\" aria-label=\"Pages\"><a class=\"button quiet\" href=\"\(older(filter, last.id))\">Older entries</a></nav>"
        }
        return Page(
            title: "Audit log", section: .audit,
            content:
                "\(raw: lost.map(warning) ?? "")\(raw: form(filter))<section class=\"card\">\(raw: table)\(raw: pager)</section>"
        )
    }

    private static func warning(_ lost: AuditTrail.Losses) -> HTML {
        """
        <p class="notice bad">\(lost.count) \(lost.count == 1 ? "entry is" : "entries are") missing since the start of the
        server, the latest from \(raw: HTML.time(lost.latest)): the database could not be written. The server's own log has
        the action and the operator of each.</p>
        """
    }

    private static func isFiltered(_ filter: AuditFilter) -> Bool {
        filter.actor != nil || filter.action != nil || filter.isRefused != nil || filter.text != nil
    }

    private static func form(_ filter: AuditFilter) -> HTML {
        let choices = [("", "everything"), ("false", "what was done"), ("true", "what was refused")]
        let options = choices.map { value, title -> HTML in
            let isSelected = value == (filter.isRefused.map { "\($0)" } ?? "")
            return "<option value=\"\(value)\"\(raw: isSelected ? " selected" : "")>\(title)</option>"
        }
        return """
            <form class="card row" action="/admin/audit" role="search">
            <label>Who<input name="actor" value="\(filter.actor ?? "")" maxlength="80"></label>
            <label>What begins with<input name="action" value="\(filter.action ?? "")" placeholder="operators." maxlength="40"></label>
            <label>Contains<input name="text" value="\(filter.text ?? "")" maxlength="80"></label>
            <label>Show<select name="refused">\(raw: HTML(joining: options))</select></label>
            <button>Filter</button></form>
            """
    }

    private static func row(_ entry: AuditEntry) -> HTML {
        let target: HTML = entry.target.isEmpty ? "" : "<br><span>\(entry.target)</span>"
        return """
            <tr\(raw: entry.refusal == nil ? "" : " class=\"refused\"")><td data-label="When">\(raw: HTML.time(entry.time))</td>\
            <td data-label="Who">\(entry.actor)<br><small>\(entry.address)</small></td>\
            <td data-label="What"><code>\(entry.action)</code>\(raw: target)</td>\
            <td data-label="Change">\(raw: change(entry))</td></tr>
            """
    }

    private static func change(_ entry: AuditEntry) -> HTML {
        if let refusal = entry.refusal { return "<span><b class=\"bad\">refused</b> \(refusal)</span>" }
        switch (entry.before, entry.after) {
        case (nil, nil): return "done"
        case (let before?, nil): return "<del>\(before)</del>"
        case (nil, let after?): return "<ins>\(after)</ins>"
        case (let before?, let after?): return "<del>\(before)</del><br><ins>\(after)</ins>"
        }
    }

    private static func older(_ filter: AuditFilter, _ id: Int) -> String {
        var query = ["before=\(id)"]
        if let actor = filter.actor { query.append("actor=\(Endpoint.encoded(actor))") }
        if let action = filter.action { query.append("action=\(Endpoint.encoded(action))") }
        if let text = filter.text { query.append("text=\(Endpoint.encoded(text))") }
        if let isRefused = filter.isRefused { query.append("refused=\(isRefused)") }
        return "/admin/audit?" + query.joined(separator: "&")
    }
}
