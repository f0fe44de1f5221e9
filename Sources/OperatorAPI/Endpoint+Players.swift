import Storage

/// Players: their accounts, sessions, bans and saved values.
extension Endpoint {
    /// The page of players.
    package static let playersPage = Endpoint(
        "pages.players", .get, "/admin/players", .viewer, "The search for players")
    /// The page of one player.
    package static let playerPage = Endpoint(
        "pages.player", .get, "/admin/players/:id", .viewer, "One player: sessions, bans, saved values")
    /// The page of bans.
    package static let bansPage = Endpoint("pages.bans", .get, "/admin/bans", .viewer, "All bans, and who made them")

    /// Searching players.
    package static let searchPlayers = Endpoint(
        "players.search", .get, "/server/api/v1/players", .viewer,
        "Searches players; query: `q` (a part of the login, or the number), `state` (`online`, `offline`, `banned`, `muted`), `after` (the `next` of the page before), `limit` (1 to 200)"
    )
    /// Showing a player.
    package static let showPlayer = Endpoint(
        "players.show", .get, "/server/api/v1/players/:id", .viewer,
        "One player, with `sessions`, and with the `entity` in its newest saved state")
    /// Making an account.
    package static let createPlayer = Endpoint(
        "players.create", .post, "/server/api/v1/players", .editor, "Makes an account: `login`, `password`")
    /// Resetting a password.
    package static let resetPlayerPassword = Endpoint(
        "players.password", .put, "/server/api/v1/players/:id/password", .editor,
        "Sets a new `password` for a player, and ends the player's sessions")
    /// Muting a player.
    package static let mutePlayer = Endpoint(
        "players.mute", .put, "/server/api/v1/players/:id/mute", .editor,
        "Mutes a player: `until` (absent for ever), `reason`; scripts read it as `object.muted`")
    /// Ending a mute.
    package static let unmutePlayer = Endpoint(
        "players.unmute", .delete, "/server/api/v1/players/:id/mute", .editor, "Ends the mute of a player")
    /// Moving a player.
    package static let movePlayer = Endpoint(
        "players.move", .put, "/server/api/v1/players/:id/map", .editor,
        "Moves a player to the map `map_id`, whether the player is connected or not")
    /// Changing saved values.
    package static let editPlayer = Endpoint(
        "players.edit", .patch, "/server/api/v1/players/:id/saved", .editor,
        "Changes saved values of a player who is on no map: `fields`, `components` (names with values; null for nil)")
    /// Ending a session of a player.
    package static let endPlayerSession = Endpoint(
        "players.session.end", .delete, "/server/api/v1/players/:id/sessions/:session", .editor,
        "Ends one session of a player by its `id`, or the `connection`")
    /// Ending all sessions of a player.
    package static let endPlayerSessions = Endpoint(
        "players.sessions.end", .delete, "/server/api/v1/players/:id/sessions", .editor,
        "Ends all sessions of a player, and the connection")
    /// Exporting a player's data.
    package static let exportPlayer = Endpoint(
        "players.export", .get, "/server/api/v1/players/:id/export", .owner,
        "Everything that the server has about a player, as a file of JSON: account without password, entity, sessions, bans, mute, audit log"
    )
    /// Erasing a player.
    package static let erasePlayer = Endpoint(
        "players.erase", .delete, "/server/api/v1/players/:id", .owner,
        "Erases everything about a player: account, sessions, entity, bans; `login` must be the player's, to confirm it"
    )

    static let players = [
        playersPage, playerPage, searchPlayers, showPlayer, createPlayer, resetPlayerPassword, mutePlayer, unmutePlayer,
        movePlayer, editPlayer, endPlayerSession, endPlayerSessions, exportPlayer, erasePlayer,
    ]

    /// Listing bans.
    package static let listBans = Endpoint(
        "bans.list", .get, "/server/api/v1/bans", .viewer,
        "The bans, latest first; query: `before` (a number), `limit` (1 to 500)")
    /// Making a ban.
    package static let createBan = Endpoint(
        "bans.create", .post, "/server/api/v1/bans", .editor,
        "Bans a `player` (number), `addresses` (an address or a range such as `192.0.2.0/24`) or both: `reason`, `until` (absent for ever)"
    )
    /// Ending a ban.
    package static let deleteBan = Endpoint(
        "bans.delete", .delete, "/server/api/v1/bans/:id", .editor, "Ends a ban")

    static let bans = [bansPage, listBans, createBan, deleteBan]
}
