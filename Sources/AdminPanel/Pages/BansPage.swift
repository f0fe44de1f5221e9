import Gateway
import OperatorAPI
import Storage

/// The page of all bans: which there are, who made them, and the form for addresses.
enum BansPage {
    /// How many bans one page shows.
    static let size = 50

    /// The page.
    ///
    /// - Parameters:
    ///   - bans: One ban more than ``size`` when there are older ones.
    ///   - now: Unix time in seconds.
    ///   - caller: The operator who reads the page.
    /// - Returns: The page.
    static func page(_ bans: [BanAnswer], now: Double, for caller: Caller) -> Page {
        let mayChange = caller.role >= .editor
        let shown = bans.prefix(size)
        let table: HTML =
            shown.isEmpty
            ? "<p class=\"empty\">Nobody is banned. A player is banned on the player's page, addresses below.</p>"
            : """
            <table class="stacks bans"><thead><tr><th>Who</th><th>Reason</th><th>Ends</th><th>Made</th><th></th></tr></thead>
            <tbody>\(raw: HTML(joining: shown.map { row($0, now, mayChange) }))</tbody></table>
            <p class="problem" role="alert"></p>
            """
        var pager: HTML = ""
        if bans.count > size, let last = shown.last {
            pager =
                "<nav class=\"buttons\" aria-label=\"Pages\"><a class=\"button quiet\" href=\"\(Endpoint.bansPage.path)?before=\(last.id)\">Older bans</a></nav>"
        }
        return Page(
            title: "Bans", section: .players, module: "players.js", style: "players.css",
            content: """
                <p class="back"><a href="\(Endpoint.playersPage.path)">All players</a></p>
                <section class="card">\(raw: table)\(raw: pager)\(raw: mayChange ? form : "")</section>
                """)
    }

    private static func row(_ ban: BanAnswer, _ now: Double, _ mayChange: Bool) -> HTML {
        let player: HTML =
            ban.player.map { id in
                "<a class=\"login\" href=\"\(PlayersPage.page(of: id))\">\(ban.login ?? "player")</a> <small>#\(id)</small>"
            } ?? ""
        let addresses: HTML = ban.addresses.map { "<code>\($0)</code>" } ?? ""
        let isOver = ban.expires.map { $0 <= now } ?? false
        let end: HTML = ban.expires.map { "\(raw: HTML.time($0))" } ?? "never"
        return """
            <tr\(raw: isOver ? " class=\"off\"" : "")><td data-label="Who"><span>\(raw: player) \(raw: addresses)</span></td>\
            <td data-label="Reason"><span>\(ban.reason)</span></td>\
            <td data-label="Ends"><span>\(raw: end)\(isOver ? " (over)" : "")</span></td>\
            <td data-label="Made"><span>\(ban.madeBy), \(raw: HTML.time(ban.created))</span></td>\
            <td class="actions">\(raw: mayChange ? BansView.unban(ban) : "")</td></tr>
            """
    }

    private static let form: HTML = """
        <details><summary>Ban addresses</summary>
        <form class="row" method="post" data-send="POST \(Endpoint.createBan.path)">
        <label>Address or range<input name="addresses" placeholder="192.0.2.0/24" maxlength="60" autocomplete="off" required></label>
        <label>Reason, which players read<input name="reason" maxlength="\(PlayerBans.maxReason)" required></label>
        \(raw: BansView.times)
        <button class="danger">Ban</button><p class="problem" role="alert"></p></form></details>
        """
}
