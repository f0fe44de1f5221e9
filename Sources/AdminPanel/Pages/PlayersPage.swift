import OperatorAPI
import Storage

/// The page of players: the search and what it finds.
enum PlayersPage {
    /// How many players one page shows.
    static let size = 50

    /// What was searched for.
    struct Search {
        var text: String
        var state: String

        var isEmpty: Bool { text.isEmpty && state.isEmpty }
    }

    /// The page.
    ///
    /// - Parameters:
    ///   - found: The players.
    ///   - search: What was searched for.
    ///   - online: How many players are connected.
    ///   - maps: The maps that run.
    ///   - caller: The operator who reads the page.
    /// - Returns: The page.
    static func page(
        _ found: PlayersAnswer, _ search: Search, online: Int, maps: [(id: Int, name: String)], for caller: Caller
    ) -> Page {
        let names = Dictionary(maps.map { ($0.id, $0.name) }, uniquingKeysWith: { $1 })
        let rows = found.players.map { row($0, names) }
        let none: HTML =
            search.isEmpty
            ? "<p class=\"empty\">Nobody has an account yet. Players make theirs in the game.</p>"
            : "<p class=\"empty\">No player fits this search. A part of the login is enough, in any spelling.</p>"
        let table: HTML =
            rows.isEmpty
            ? none
            : """
            <table class="stacks players"><thead><tr><th>Player</th><th>Now</th><th>Last login</th><th>Made</th></tr></thead>
            <tbody>\(raw: HTML(joining: rows))</tbody></table>
            """
        var pager: HTML = ""
        if let next = found.next {
            pager =
                "<nav class=\"buttons\" aria-label=\"Pages\"><a class=\"button quiet\" href=\"\(more(search, next))\">More players</a></nav>"
        }
        return Page(
            title: "Players", section: .players, module: "players.js", style: "players.css",
            content: """
                \(raw: form(search))
                <section class="card"><div class="bar"><p class="count"><b>\(online)</b> online now</p>
                <a class="button quiet" href="\(Endpoint.bansPage.path)">All bans</a></div>
                \(raw: table)\(raw: pager)\(raw: caller.role >= .editor ? newPlayer : "")</section>
                """)
    }

    private static func form(_ search: Search) -> HTML {
        let choices = [
            ("", "everybody"), ("online", "online"), ("offline", "offline"), ("banned", "banned"), ("muted", "muted"),
        ]
        let options = choices.map { value, title -> HTML in
            "<option value=\"\(value)\"\(raw: value == search.state ? " selected" : "")>\(title)</option>"
        }
        return """
            <form class="card row" action="\(Endpoint.playersPage.path)" role="search">
            <label>Login or number<input type="search" name="q" value="\(search.text)" maxlength="80" autocomplete="off"></label>
            <label>Show<select name="state">\(raw: HTML(joining: options))</select></label>
            <button>Search</button></form>
            """
    }

    private static func row(_ player: PlayerAnswer, _ names: [Int: String]) -> HTML {
        let now: HTML =
            player.online.map { online in
                """
                <span><span class="tag">online</span> \
                \(online.waiting == true ? "waits for" : "on") map \(online.mapId)\
                \(names[online.mapId].map { " (\($0))" } ?? "")</span>
                """
            } ?? "<span>offline</span>"
        return """
            <tr><td data-label="Player"><span><a class="login" href="\(page(of: player.id))">\(player.login)</a> \
            <small>#\(player.id)</small>\(raw: marks(player))</span></td>\
            <td data-label="Now">\(raw: now)</td>\
            <td data-label="Last login">\(raw: player.lastLogin.map(HTML.time) ?? "<span>not known</span>")</td>\
            <td data-label="Made">\(raw: HTML.time(player.created))</td></tr>
            """
    }

    /// What a player is marked with: banned, muted.
    static func marks(_ player: PlayerAnswer) -> HTML {
        let banned: HTML = player.bans.isEmpty ? "" : " <span class=\"tag bad\">banned</span>"
        return "\(raw: banned)\(raw: player.mute == nil ? "" : " <span class=\"tag\">muted</span>")"
    }

    /// The path of a player's page.
    static func page(of id: Int) -> String { Endpoint.playerPage.path(["id": "\(id)"]) }

    private static let newPlayer: HTML = """
        <details><summary>New player</summary>
        <form class="row" method="post" data-call="POST \(Endpoint.createPlayer.path)" data-then="player-made">
        <label>Login<input name="login" autocomplete="off" maxlength="64" required></label>
        <label>Password<input name="password" type="password" autocomplete="new-password" minlength="4" required></label>
        <button>Make the account</button><p class="problem" role="alert"></p></form></details>
        """

    private static func more(_ search: Search, _ next: Int) -> String {
        var query = ["after=\(next)"]
        if !search.text.isEmpty { query.append("q=\(Endpoint.encoded(search.text))") }
        if !search.state.isEmpty { query.append("state=\(Endpoint.encoded(search.state))") }
        return "\(Endpoint.playersPage.path)?" + query.joined(separator: "&")
    }
}
