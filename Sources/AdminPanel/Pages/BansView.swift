import Gateway
import OperatorAPI

/// The pieces in which pages show and make bans.
enum BansView {
    /// The card with the bans of a player.
    ///
    /// - Parameters:
    ///   - player: The player.
    ///   - mayChange: Whether the reader may make and end bans.
    /// - Returns: The markup.
    static func card(of player: PlayerAnswer, mayChange: Bool) -> HTML {
        let rows = player.bans.map { ban -> HTML in
            """
            <div class="ban"><p>Banned \(raw: end(ban.expires))\(ban.addresses.map { ", with \($0)" } ?? ""): \
            <b>\(ban.reason)</b></p><p class="hint">By \(ban.madeBy), \(raw: HTML.time(ban.created))</p>
            \(raw: mayChange ? unban(ban) : "")</div>
            """
        }
        let list: HTML = rows.isEmpty ? "<p class=\"hint\">Not banned.</p>" : HTML(joining: rows)
        let form: HTML =
            !mayChange
            ? ""
            : """
            <details><summary>Ban this player</summary>
            <form method="post" data-send="POST \(Endpoint.createBan.path)">
            <input type="hidden" name="player" value="\(player.id)" data-type="number">
            <label>Reason, which the player reads<input name="reason" maxlength="\(PlayerBans.maxReason)" required></label>
            \(raw: times)
            <label>Addresses too (empty for the account alone)<input name="addresses" data-empty="absent"
            placeholder="\(player.online?.address ?? "192.0.2.0/24")" maxlength="60" autocomplete="off"></label>
            <button class="danger">Ban</button><p class="problem" role="alert"></p></form></details>
            """
        return
            "<section class=\"card\" id=\"bans\"><h2>Bans</h2>\(raw: list)<p class=\"problem\" role=\"alert\"></p>\(raw: form)</section>"
    }

    /// The button that ends a ban.
    static func unban(_ ban: BanAnswer) -> HTML {
        """
        <button class="quiet" data-call="DELETE \(Endpoint.deleteBan.path(["id": "\(ban.id)"]))" data-then="reload" \
        aria-label="End ban \(ban.id)">Unban</button>
        """
    }

    /// When something ends: `until …` or `for ever`.
    static func end(_ expires: Double?) -> HTML { expires.map { "until \(raw: HTML.time($0))" } ?? "for ever" }

    /// The fields that say how long something lasts; `players.js` makes `until` of them.
    static let times: HTML = """
        <label>For how long<select name="until" data-type="duration"><option value="3600">1 hour</option>
        <option value="86400" selected>1 day</option><option value="604800">1 week</option>
        <option value="2592000">30 days</option><option value="">for ever</option>
        <option value="date">until a date …</option></select></label>
        <label class="date" hidden>Until<input type="datetime-local" name="date"></label>
        """
}
