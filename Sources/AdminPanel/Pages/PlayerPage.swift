import Gateway
import JSONValues
import OperatorAPI
import Storage
import World

/// The page of one player.
enum PlayerPage {
    /// What the page shows.
    struct Content {
        var player: PlayerAnswer
        var sessions: [PlayerSessionAnswer]
        /// The saved entity; `nil` for a player who has never been on a map.
        var entity: EntityRecord?
        /// The components that the game declares for players.
        var components: [ComponentDefinition]
        /// The map on which the entity is; `nil` for a player on no running map.
        var currentMap: Int?
        /// Why it is not known whether the entity is on a map: one of them does not answer.
        var unknownMap: String?
        /// The maps that run.
        var maps: [(id: Int, name: String)]

        /// A map with its name.
        func map(_ id: Int) -> String {
            maps.first { $0.id == id }.map { "\(id) (\($0.name))" } ?? "\(id), which does not run"
        }
    }

    /// The page.
    ///
    /// - Parameters:
    ///   - content: What it shows.
    ///   - caller: The operator who reads it.
    /// - Returns: The page.
    static func page(_ content: Content, for caller: Caller) -> Page {
        let mayChange = caller.role >= .editor
        return Page(
            title: content.player.login, section: .players, module: "players.js", style: "players.css",
            content: """
                <p class="back"><a href="\(Endpoint.playersPage.path)">All players</a></p>
                \(raw: facts(content))
                <div class="sides"><div>\(raw: BansView.card(of: content.player, mayChange: mayChange))
                \(raw: mute(content.player, mayChange: mayChange))</div>
                <div>\(raw: sessions(content, mayChange: mayChange))
                \(raw: mayChange ? move(content) : "")</div></div>
                \(raw: SavedValuesView.card(content, mayChange: mayChange))
                \(raw: mayChange ? account(content.player, isOwner: caller.role == .owner) : "")
                """)
    }

    private static func state(of content: Content) -> HTML {
        if let online = content.player.online {
            return """
                <span class="tag">online</span>\(online.waiting == true ? " waits for map \(online.mapId)" : "")
                """
        }
        if content.unknownMap != nil { return "offline, perhaps still on a map" }
        return content.currentMap == nil ? "offline" : "offline, still on the map"
    }

    private static func facts(_ content: Content) -> HTML {
        let player = content.player
        let mapID = content.currentMap ?? content.entity?.mapID
        return """
            <dl class="numbers facts"><div><dt>Number</dt><dd>\(player.id)</dd></div>
            <div><dt>State</dt><dd>\(raw: state(of: content))\(raw: PlayersPage.marks(player))</dd></div>
            <div><dt>Map</dt><dd>\(mapID.map(content.map) ?? "never played")</dd></div>
            <div><dt>Online since</dt><dd>\(raw: player.online.map { HTML.time($0.since) } ?? "–")</dd></div>
            <div><dt>Last login</dt><dd>\(raw: player.lastLogin.map(HTML.time) ?? "not known")</dd></div>
            <div><dt>Account made</dt><dd>\(raw: HTML.time(player.created))</dd></div></dl>
            """
    }

    // MARK: - Mute

    private static func mute(_ player: PlayerAnswer, mayChange: Bool) -> HTML {
        let path = Endpoint.mutePlayer.path(["id": "\(player.id)"])
        let state: HTML =
            player.mute.map { mute in
                """
                <p>Muted \(raw: BansView.end(mute.expires)) by \(mute.madeBy), since \(raw: HTML.time(mute.created)).\
                \(mute.reason.isEmpty ? "" : " Reason: \(mute.reason)")</p>
                """
            }
            ?? "<p class=\"hint\">Not muted. Scripts read a mute as <code>object.muted</code>; the game's chat decides by it.</p>"
        guard mayChange else { return "<section class=\"card\" id=\"mute\"><h2>Mute</h2>\(raw: state)</section>" }
        let end: HTML =
            player.mute == nil
            ? ""
            : """
            <div class="buttons"><button class="quiet" data-call="DELETE \(path)" data-then="reload">Unmute</button></div>
            <p class="problem" role="alert"></p>
            """
        return """
            <section class="card" id="mute"><h2>Mute</h2>\(raw: state)\(raw: end)
            <details><summary>\(player.mute == nil ? "Mute this player" : "Change the mute")</summary>
            <form method="post" data-send="PUT \(path)">\(raw: BansView.times)
            <label>Reason, for operators<input name="reason" maxlength="\(PlayerBans.maxReason)"></label>
            <button>Mute</button><p class="problem" role="alert"></p></form></details></section>
            """
    }

    // MARK: - Sessions

    private static func sessions(_ content: Content, mayChange: Bool) -> HTML {
        let player = content.player
        func end(_ name: String, _ label: String) -> HTML {
            guard mayChange else { return "" }
            let path = Endpoint.endPlayerSession.path(["id": "\(player.id)", "session": name])
            return """
                <button class="quiet danger" data-call="DELETE \(path)" data-then="reload" aria-label="\(label)">End</button>
                """
        }
        var rows: [HTML] = []
        if let online = player.online {
            rows.append(
                """
                <tr><td data-label="Session"><span>connection \
                \(online.waiting == true ? "that waits for" : "to") map \(online.mapId)</span></td>\
                <td data-label="Address">\(online.address ?? "not known")</td>\
                <td data-label="Since">\(raw: HTML.time(online.since))</td>\
                <td class="actions">\(raw: end("connection", "End the connection"))</td></tr>
                """)
        }
        rows += content.sessions.map { session in
            """
            <tr><td data-label="Session"><span>login, until \(raw: HTML.time(session.expires))</span></td>\
            <td data-label="Address">\(session.address ?? "not known")</td>\
            <td data-label="Since">\(raw: session.created.map(HTML.time) ?? "not known")</td>\
            <td class="actions">\(raw: end(session.id, "End the login"))</td></tr>
            """
        }
        let table: HTML =
            rows.isEmpty
            ? "<p class=\"empty\">No connection, and no login of the last 24 hours.</p>"
            : """
            <table class="stacks"><thead><tr><th>Session</th><th>Address</th><th>Since</th><th></th></tr></thead>
            <tbody>\(raw: HTML(joining: rows))</tbody></table><p class="problem" role="alert"></p>
            """
        let all: HTML =
            !mayChange || rows.isEmpty
            ? ""
            : """
            <div class="buttons"><button class="quiet danger" data-then="reload"
            data-call="DELETE \(Endpoint.endPlayerSessions.path(["id": "\(player.id)"]))"
            data-confirm="End all sessions of \(player.login)? The player has to log in again.">End all</button></div>
            """
        return "<section class=\"card\" id=\"sessions\"><h2>Sessions</h2>\(raw: table)\(raw: all)</section>"
    }

    // MARK: - Map

    private static func move(_ content: Content) -> HTML {
        let current = content.currentMap ?? content.entity?.mapID
        let options = content.maps.filter { $0.id != current }.map { map -> HTML in
            "<option value=\"\(map.id)\">\(map.id) (\(map.name))</option>"
        }
        let form: HTML =
            content.entity == nil && content.currentMap == nil
            ? "<p class=\"empty\">This player has never been on a map.</p>"
            : options.isEmpty
                ? "<p class=\"empty\">No other map runs.</p>"
                : """
                <form class="row" method="post" data-send="PUT \(Endpoint.movePlayer.path(["id": "\(content.player.id)"]))">
                <label>To the map<select name="map_id" data-type="number">\(raw: HTML(joining: options))</select></label>
                <button>Move</button><p class="problem" role="alert"></p></form>
                """
        return "<section class=\"card\" id=\"move\"><h2>Move</h2>\(raw: form)</section>"
    }

    // MARK: - Account

    private static func account(_ player: PlayerAnswer, isOwner: Bool) -> HTML {
        let id = ["id": "\(player.id)"]
        let ownersPart: HTML =
            !isOwner
            ? ""
            : """
            <p><a class="button quiet" href="\(Endpoint.exportPlayer.path(id))" download>Export the player's data</a></p>
            <details class="erase"><summary>Erase the player</summary>
            <p>The account, its sessions and bans, and the player's entity are deleted for good. Nothing brings them back.</p>
            <form class="row" method="post" data-call="DELETE \(Endpoint.erasePlayer.path(id))" data-then="\(Endpoint.playersPage.path)">
            <label>Type the login to confirm it<input name="login" autocomplete="off" required></label>
            <button class="danger">Erase</button><p class="problem" role="alert"></p></form></details>
            """
        return """
            <section class="card" id="account"><h2>Account</h2>
            <details><summary>Reset the password</summary>
            <form class="row" method="post" data-call="PUT \(Endpoint.resetPlayerPassword.path(id))" data-then="reload">
            <label>New password<input name="password" type="password" autocomplete="new-password" minlength="4" required></label>
            <button>Reset and end all sessions</button><p class="problem" role="alert"></p></form></details>
            \(raw: ownersPart)</section>
            """
    }
}
