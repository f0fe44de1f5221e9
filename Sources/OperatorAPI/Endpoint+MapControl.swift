import Storage

/// What operators see of maps as servers, and what they do to them.
extension Endpoint {
    /// Listing maps.
    package static let listMaps = Endpoint(
        "maps.list", .get, "/server/api/v1/maps", .viewer,
        "All maps as servers: address, state, players, FPS, tick time, memory, traffic; HTML with `Accept: text/html`")
    /// Looking at one map.
    package static let showMap = Endpoint(
        "maps.show", .get, "/server/api/v1/maps/:map_id", .viewer,
        "One map with its first 100 players; query: `player` (a part of a login, or a key), `types` (`1`: counts entities by kind and type); HTML with `Accept: text/html`"
    )
    /// The last hour of a map.
    package static let mapHistory = Endpoint(
        "maps.history", .get, "/server/api/v1/maps/:map_id/history", .viewer,
        "The map's figures of the last hour, one sample each 5 s; query: `since` (a Unix time: only later ones)")
    /// Stopping a map.
    package static let stopMap = Endpoint(
        "maps.stop", .post, "/server/api/v1/maps/:map_id/stop", .editor,
        "Saves and stops a map; it stays stopped until it is started, and its players wait for it")
    /// Starting a map.
    package static let startMap = Endpoint(
        "maps.start", .post, "/server/api/v1/maps/:map_id/start", .editor, "Starts a map that was stopped")
    /// Restarting a map.
    package static let restartMap = Endpoint(
        "maps.restart", .post, "/server/api/v1/maps/:map_id/restart", .editor, "Stops a map and starts it again")
    /// Kicking a player.
    package static let kickPlayer = Endpoint(
        "players.kick", .post, "/server/api/v1/maps/:map_id/kick", .editor,
        "Closes the connection of a `player` (key or login) of the map, with a `reason` for the player")
    /// A message to the players of one map.
    package static let announceOnMap = Endpoint(
        "maps.message", .post, "/server/api/v1/maps/:map_id/message", .editor,
        "Sends a `text` to all players of the map")
    /// A message to all players.
    package static let announce = Endpoint(
        "game.message", .post, "/server/api/v1/message", .editor, "Sends a `text` to all players of all maps")
    /// Running spawn hooks again.
    package static let rerunSpawnHooks = Endpoint(
        "maps.spawn_hooks", .post, "/server/api/v1/maps/:map_id/spawn_hooks", .editor,
        "Runs the spawn hooks of the map's entities again, of all or of a `kind` and a `prefab`")

    static let mapControl = [
        listMaps, showMap, mapHistory, stopMap, startMap, restartMap, kickPlayer, announceOnMap, announce,
        rerunSpawnHooks,
    ]
}
