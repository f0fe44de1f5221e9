import OperatorAPI

/// The table of open sessions.
enum SessionsView {
    static func html(_ sessions: [OperatorSessionAnswer], ofAll: Bool) -> HTML {
        let rows = sessions.map { session -> HTML in
            let name = session.login ?? "key file"
            let mark: HTML = session.isCurrent ? " <small class=\"tag\">this one</small>" : ""
            return """
                <tr><td data-label="Who">\(name)\(raw: mark)</td>\
                <td data-label="From">\(session.address)</td>\
                <td data-label="Browser">\(browser(session.agent))</td>\
                <td data-label="Began">\(raw: HTML.time(session.created))</td>\
                <td data-label="Last used">\(raw: HTML.time(session.lastUsed))</td>\
                <td class="actions"><button class="quiet" data-call="DELETE \(Endpoint.revokeSession.path(["id": "\(session.id)"]))"
                data-then="reload" aria-label="End the session of \(name) from \(session.address)">End</button></td></tr>
                """
        }
        let table: HTML =
            rows.isEmpty
            ? "<p class=\"empty\">No sessions.</p>"
            : """
            <table class="stacks"><thead><tr><th>Who</th><th>From</th><th>Browser</th><th>Began</th><th>Last used</th>\
            <th></th></tr></thead><tbody>\(raw: HTML(joining: rows))</tbody></table>
            <div class="buttons"><button class="quiet danger" data-call="DELETE /server/api/v1/sessions"
            data-then="/admin/login" data-confirm="Log out in all browsers, this one included?">Log me out everywhere</button>
            </div><p class="problem" role="alert"></p>
            """
        return """
            <section class="card"><h2>\(ofAll ? "Sessions of all operators" : "Your sessions")</h2>\(raw: table)</section>
            """
    }

    /// A short name for a browser, from how it names itself.
    private static func browser(_ agent: String) -> String {
        let names = [
            ("Edg/", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari"),
        ]
        let systems = [
            ("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Windows", "Windows"), ("Mac OS", "macOS"),
            ("Linux", "Linux"),
        ]
        guard let name = names.first(where: { agent.contains($0.0) })?.1 else { return String(agent.prefix(40)) }
        guard let system = systems.first(where: { agent.contains($0.0) })?.1 else { return name }
        return "\(name) on \(system)"
    }
}
