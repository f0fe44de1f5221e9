import OperatorAPI

/// One map as a server: figures, players, and what operators do to it.
enum MapDetailView {
    // MARK: - The part that is renewed

    /// The figures and the players of a map; a fragment that the page of maps renews.
    ///
    /// - Parameters:
    ///   - detail: The map.
    ///   - mayChange: Whether the reader may kick players.
    /// - Returns: The fragment.
    static func figures(_ detail: MapDetailAnswer, mayChange: Bool) -> HTML {
        guard let figures = detail.map.figures else {
            return """
                <p class="notice\(raw: detail.map.state == .closed ? " bad" : "")">Map \(detail.map.id) is \
                \(detail.map.state.rawValue): \(detail.map.reason ?? "")</p>
                """
        }
        let hangs: HTML =
            detail.map.state == .hanging
            ? "<p class=\"notice bad\">Map \(detail.map.id) hangs: \(detail.map.reason ?? "")</p>" : ""
        return """
            \(raw: hangs)<dl class="numbers">\(raw: HTML(joining: numbers(figures).map { number($0.0, $0.1, $0.2) }))</dl>
            <h3>Players <small>\(detail.matching)</small></h3>\(raw: players(detail, mayChange))
            """
    }

    private static func numbers(_ figures: MapAnswer.Figures) -> [(String, String, String)] {
        let (out, incoming) = (figures.sentPerSecond, figures.receivedPerSecond)
        let memory = Double(figures.luaBytes + figures.worldBytes)
        return [
            ("FPS", Figures.number(figures.fps, 1), "of \(Figures.number(figures.targetFps, 0))"),
            ("could do now", Figures.possible(figures.possibleFps), "FPS"),
            ("tick now", Figures.number(figures.tickMs, 3), "ms"),
            ("tick p95 now", Figures.number(figures.tickP95Ms, 3), "ms"),
            (
                "Lua memory", Figures.bytes(Double(figures.luaBytes)),
                "of \(Figures.bytes(Double(figures.luaLimitBytes)))"
            ),
            ("world memory", Figures.bytes(Double(figures.worldBytes)), "texts, tables"),
            ("traffic out", Figures.bytes(out), "/s"), ("traffic in", Figures.bytes(incoming), "/s"),
            ("out a player", Figures.each(out, of: figures.players, Figures.bytes), "/s"),
            ("in a player", Figures.each(incoming, of: figures.players, Figures.bytes), "/s"),
            ("out an entity", Figures.each(out, of: figures.entities, Figures.bytes), "/s"),
            ("memory an entity", Figures.each(memory, of: figures.entities, Figures.bytes), "Lua, world"),
        ]
    }

    private static func number(_ name: String, _ value: String, _ unit: String) -> HTML {
        "<div><dt>\(name)</dt><dd>\(value) <small>\(unit)</small></dd></div>\n"
    }

    private static func players(_ detail: MapDetailAnswer, _ mayChange: Bool) -> HTML {
        guard !detail.players.isEmpty else { return "<p class=\"empty\">No player is connected to this map.</p>" }
        let rows = detail.players.map { player -> HTML in
            let ping = player.ping.map { "\(Figures.number($0 * 1000, 0)) ms" } ?? "–"
            let kick: HTML =
                mayChange
                ? """
                <td class="actions"><button class="quiet danger" data-kick="\(player.key)" data-login="\(player.login)" \
                aria-label="Kick \(player.login)">Kick</button></td>
                """ : ""
            return """
                <tr><td data-label="Player"><span><b>\(player.login)</b> <small>\(player.key)</small></span></td>\
                <td data-label="Place">\(Figures.number(player.x, 1)), \(Figures.number(player.y, 1))</td>\
                <td data-label="Last command">\(Figures.duration(player.idle)) ago</td><td data-label="Ping">\(ping)</td>\
                <td data-label="Memory">\(Figures.bytes(Double(player.bytes)))</td>\
                <td data-label="Sent">\(Figures.bytes(Double(player.sentBytes)))</td>\
                <td data-label="Received">\(Figures.bytes(Double(player.receivedBytes)))</td>\(raw: kick)</tr>
                """
        }
        let more: HTML =
            detail.matching > detail.players.count
            ? "<p class=\"hint\">The first \(detail.players.count) of \(detail.matching) players by login.</p>" : ""
        return """
            <table class="stacks"><thead><tr><th>Player</th><th>Place</th><th>Last command</th><th>Ping</th><th>Memory</th>\
            <th>Sent</th><th>Received</th>\(raw: mayChange ? "<th></th>" : "")</tr></thead>\
            <tbody>\(raw: HTML(joining: rows))</tbody></table>\(raw: more)
            """
    }

    // MARK: - Actions

    /// The buttons for a map.
    ///
    /// - Parameter map: The map.
    /// - Returns: Those that make sense in its state.
    static func actions(_ map: MapAnswer) -> HTML {
        let restart = "Restart map \(map.id)? Its players wait a moment, and keep their places."
        let stop = "Stop map \(map.id)? Its entities are saved, and its players wait until it is started again."
        switch map.state {
        case .stopped: return button(.startMap, map.id, "Start")
        case .closed: return ""
        case .running, .asleep, .starting, .hanging:
            return """
                <button class="quiet" data-dialog="message">Message …</button>\
                <button class="quiet" data-dialog="spawn-hooks">Spawn hooks …</button>\
                \(raw: button(.restartMap, map.id, "Restart", ask: restart, style: "quiet"))\
                \(raw: button(.stopMap, map.id, "Stop", ask: stop, style: "quiet danger"))
                """
        }
    }

    /// A button that changes the state of a map; afterwards the page is loaded again.
    static func button(_ endpoint: Endpoint, _ id: Int, _ label: String, ask: String? = nil, style: String = "") -> HTML
    {
        let confirm: HTML = ask.map { " data-confirm=\"\($0)\"" } ?? ""
        return """
            <button class="\(style)" data-call="POST \(endpoint.path(["map_id": "\(id)"]))" data-then="reload"\
            \(raw: confirm)>\(label)</button>
            """
    }

    /// The dialogs of the actions on a map.
    ///
    /// - Parameter detail: The map, with its types.
    /// - Returns: Closed dialogs.
    static func dialogs(_ detail: MapDetailAnswer) -> HTML {
        let id = ["map_id": "\(detail.map.id)"]
        return """
            \(raw: message("message", to: "all players of map \(detail.map.id)", Endpoint.announceOnMap.path(id)))
            <dialog id="kick" aria-labelledby="kick-title"><form method="post" data-call="POST \(Endpoint.kickPlayer.path(id))" \
            data-then="map-kicked"><h2 id="kick-title">Kick <span class="name"></span></h2>
            <p>The player's entity is saved and leaves the map. The player may log in again.</p>
            <input type="hidden" name="player"><label>Reason, which the player reads\
            <input name="reason" maxlength="\(MapControlRoutes.maxReasonBytes)" placeholder="an operator ended your session" autocomplete="off"></label>
            <p class="problem" role="alert"></p><div class="buttons"><button class="danger">Kick</button>\
            <button type="button" class="quiet" data-close>Cancel</button></div></form></dialog>
            <dialog id="spawn-hooks" aria-labelledby="hooks-title">\
            <form method="post" data-call="POST \(Endpoint.rerunSpawnHooks.path(id))" data-then="map-hooked">
            <h2 id="hooks-title">Run spawn hooks again</h2>
            <p>Runs the scripts of <code>spawn/</code> for entities that are on map \(detail.map.id) already, as if they \
            entered it now.</p>
            <label>Kind<select name="kind"><option value="">all kinds</option>\(raw: kinds(detail))</select></label>
            <label>Type (prefab)<input name="prefab" list="prefabs" placeholder="all types" maxlength="200" autocomplete="off"></label>
            <datalist id="prefabs">\(raw: prefabs(detail))</datalist>
            <p class="problem" role="alert"></p><div class="buttons"><button>Run</button>\
            <button type="button" class="quiet" data-close>Cancel</button></div></form></dialog>
            """
    }

    /// The dialog of a message to players.
    ///
    /// - Parameters:
    ///   - id: The dialog's id.
    ///   - receivers: The players who get the message, for its title.
    ///   - path: Where it is sent.
    /// - Returns: A closed dialog.
    static func message(_ id: String, to receivers: String, _ path: String) -> HTML {
        """
        <dialog id="\(id)" aria-labelledby="\(id)-title"><form method="post" data-call="POST \(path)" data-then="map-told">
        <h2 id="\(id)-title">Message to \(receivers)</h2>
        <label>Text<input name="text" maxlength="\(MapControlRoutes.maxMessageBytes)" required autocomplete="off"></label>
        <p class="problem" role="alert"></p><div class="buttons"><button>Send</button>\
        <button type="button" class="quiet" data-close>Cancel</button></div></form></dialog>
        """
    }

    private static func kinds(_ detail: MapDetailAnswer) -> HTML {
        var counts: [(kind: String, count: Int)] = []
        for type in detail.types ?? [] {
            if counts.last?.kind == type.kind {
                counts[counts.count - 1].count += type.count
            } else {
                counts.append((type.kind, type.count))
            }
        }
        return HTML(
            joining: counts.map { count -> HTML in
                "<option value=\"\(count.kind)\">\(count.kind) (\(count.count))</option>"
            })
    }

    private static func prefabs(_ detail: MapDetailAnswer) -> HTML {
        HTML(
            joining: (detail.types ?? []).filter { !$0.prefab.isEmpty }.map { type -> HTML in
                "<option value=\"\(type.prefab)\">\(type.kind), \(type.count)</option>"
            })
    }
}
