import OperatorAPI

/// The groups of errors, as a fragment that the page renews.
enum ErrorGroupsView {
    /// The fragment.
    ///
    /// - Parameters:
    ///   - answer: The groups.
    ///   - map: The map that is shown; `nil` for all.
    ///   - mayChange: Whether the reader may clear errors.
    /// - Returns: The fragment.
    static func html(_ answer: ErrorGroupsAnswer, map: Int?, mayChange: Bool) -> HTML {
        let groups = answer.groups
        let open = groups.filter { $0.mended == nil }.count
        let summary =
            groups.isEmpty
            ? "No errors" : "\(open) open\(groups.count > open ? ", \(groups.count - open) mended" : "")"
        let query = map.map { "?map=\($0)" } ?? ""
        var buttons: HTML = ""
        if mayChange, !groups.isEmpty {
            let mended: HTML =
                groups.count == open
                ? ""
                : """
                <button class="quiet" data-call="DELETE \(Endpoint.clearErrors.path)\(query.isEmpty ? "?" : query + "&")mended=true"
                data-then="errors-changed">Clear mended</button>
                """
            buttons = """
                <span class="buttons">\(raw: mended)<button class="quiet" data-call="DELETE \(Endpoint.clearErrors.path)\(query)"
                data-then="errors-changed" data-confirm="Clear all errors\(map.map { " of map \($0)" } ?? "")? The log keeps their lines.">Clear all</button></span>
                """
        }
        let list: HTML =
            groups.isEmpty
            ? "<p class=\"empty\">No errors. What goes wrong in a script appears here at once.</p>"
            : HTML(joining: groups.map { group(for: $0, isOneMap: map != nil, mayChange: mayChange) })
        return """
            <div data-version="\(answer.version)"><div class="head"><h2>Errors</h2><small role="status">\(summary)</small>\(raw: buttons)</div>
            <p class="problem" role="alert"></p><div class="groups">\(raw: list)</div></div>
            """
    }

    private static func group(for group: ErrorGroup, isOneMap: Bool, mayChange: Bool) -> HTML {
        let place = [group.script, group.line.map { "\($0)" }].compactMap(\.self).joined(separator: ":")
        // Messages from Lua already begin with the place.
        let message =
            group.message.hasPrefix(place + ": ")
            ? String(group.message.dropFirst(place.utf8.count + 2)) : group.message
        let mended: HTML = group.mended == nil ? "" : "<span class=\"tag\">mended</span> "
        let source: HTML = group.script == nil ? "" : "<code>\(place)</code> "
        return """
            <details class="error group\(group.mended == nil ? "" : " mended")" data-key="\(group.id)"><summary>\
            <b class="count" title="how often">\(group.count)×</b> \
            <span class="what">\(raw: mended)\(raw: source)\(message)</span> \(raw: HTML.time(group.lastSeen))</summary>
            \(raw: facts(of: group, isOneMap: isOneMap))\(raw: traceback(of: group))\(raw: buttons(for: group, mayChange: mayChange))</details>
            """
    }

    private static func facts(of group: ErrorGroup, isOneMap: Bool) -> HTML {
        var rows: [HTML] = [
            "<div><dt>kind</dt><dd>\(group.kind)</dd></div>",
            "<div><dt>first seen</dt><dd>\(raw: HTML.time(group.firstSeen))</dd></div>",
            "<div><dt>last seen</dt><dd>\(raw: HTML.time(group.lastSeen))</dd></div>",
        ]
        if let mended = group.mended {
            rows.append("<div><dt>mended</dt><dd>\(raw: HTML.time(mended))</dd></div>")
        }
        if !group.entities.isEmpty {
            let more = group.hasMoreEntities ? " and others" : ""
            rows.append(
                "<div><dt>entities</dt><dd>\(group.entities.joined(separator: ", "))\(more)</dd></div>")
        }
        if !isOneMap, !group.maps.isEmpty {
            let maps = group.maps.map { "\($0.map) (\($0.count)×)" }.joined(separator: ", ")
            rows.append("<div><dt>maps</dt><dd>\(maps)</dd></div>")
        }
        if let ran = group.maps.first?.ran, ran != group.script {
            rows.append("<div><dt>script that ran</dt><dd>\(raw: ScriptPlace.link(ran, line: nil))</dd></div>")
        }
        return "<dl class=\"facts\">\(raw: HTML(joining: rows))</dl>"
    }

    private static func traceback(of group: ErrorGroup) -> HTML {
        guard let traceback = group.traceback, !traceback.isEmpty else { return "" }
        return "<pre>\(raw: ScriptPlace.linked(traceback))</pre>"
    }

    private static func buttons(for group: ErrorGroup, mayChange: Bool) -> HTML {
        var buttons: [HTML] = []
        if let script = group.script {
            let line = group.line.map { "line \($0)" } ?? "the file"
            buttons.append(
                "<a class=\"button quiet\" href=\"\(ScriptPlace.address(script, line: group.line))\">Open \(line) in the editor</a>"
            )
        }
        if mayChange {
            let path = Endpoint.clearError.path(["id": group.id])
            buttons.append(
                "<button class=\"quiet\" data-call=\"DELETE \(path)\" data-then=\"errors-changed\">Clear</button>")
        }
        return buttons.isEmpty ? "" : "<p class=\"buttons\">\(raw: HTML(joining: buttons))</p>"
    }
}
