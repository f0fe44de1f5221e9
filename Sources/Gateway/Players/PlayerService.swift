package import GameFolder
import GameRules
import HTTPTypes
package import JSONValues
package import Logging
import Simulation
package import Storage
import Synchronization
package import World

/// What operators do about players: bans, mutes, sessions, moves, saved values, erasing. It keeps the store, the
/// running maps and the open connections in step.
///
/// Any task may call it; each function suspends while the store works, and nothing blocks a thread.
package final class PlayerService: Sendable {
    /// A player as operators see it.
    package struct Player: Sendable {
        /// The account.
        package var account: PlayerAccount
        /// The connection; `nil` for a player who is not connected.
        package var online: OnlinePlayer?
        /// The bans of the account that are in force.
        package var bans: [Ban]
        /// The mute that is in force.
        package var mute: Mute?
    }

    /// The open connections.
    package let registry: SessionRegistry
    /// The bans.
    package let bans: PlayerBans
    /// The bans and mutes in memory.
    package var standings: PlayerStandings { bans.standings }
    let storage: any Storage & PlayerStorage
    let writeBehind: WriteBehind
    let maps: any RunningMaps
    let time: TimeSource
    private let patience: Duration
    private let game: @Sendable () async -> GameDefinition?
    private let revokeTokens = Mutex<@Sendable (Int) -> Void>({ _ in })

    /// Makes the service; ``load(logger:)`` must be called before the first login.
    ///
    /// - Parameters:
    ///   - storage: Accounts, bans and mutes.
    ///   - writeBehind: Reads and saves the players' entities.
    ///   - maps: The running maps.
    ///   - time: The clock by which bans end.
    ///   - patience: How long to wait for the answer of a map; `nil` for as long as a map may be late.
    ///   - game: Gives the running game; its answer is `nil` for a server without a game folder.
    package init(
        storage: any Storage & PlayerStorage, writeBehind: WriteBehind, maps: any RunningMaps,
        time: TimeSource = .system, patience: Duration? = nil,
        game: @escaping @Sendable () async -> GameDefinition? = { nil }
    ) {
        registry = SessionRegistry()
        bans = PlayerBans(storage: storage, registry: registry, time: time)
        self.storage = storage
        self.writeBehind = writeBehind
        self.maps = maps
        self.time = time
        self.patience = patience ?? MapActor.longestLateness
        self.game = game
    }

    /// Reads the bans and mutes from the store.
    ///
    /// - Parameter logger: Gets a line for each ban whose addresses can't be read, which keeps nobody out.
    /// - Throws: ``StorageError`` when the store fails.
    package func load(logger: Logger) async throws(StorageError) { try await bans.load(logger: logger) }

    /// Sets what invalidates the tokens of a player.
    func revokesTokens(_ revoke: @escaping @Sendable (Int) -> Void) { revokeTokens.withLock { $0 = revoke } }

    /// Now, Unix time in seconds.
    package var now: Double { time.unix() }

    // MARK: - Reading

    /// The logins of players by their numbers.
    package func logins(of ids: [Int]) async throws(StorageError) -> [Int: String] {
        Dictionary(try await storage.players(ids: ids).map { ($0.id, $0.login) }, uniquingKeysWith: { $1 })
    }

    /// A player.
    ///
    /// - Parameter id: The player's number.
    /// - Returns: The player.
    /// - Throws: ``GatewayError`` with status 404 for an unknown number; ``StorageError`` when the store fails.
    package func player(_ id: Int) async throws -> Player {
        guard let account = try await storage.players(ids: [id]).first else {
            throw GatewayError.noPlayer(id)
        }
        return player(account)
    }

    func player(_ account: PlayerAccount) -> Player {
        let now = time.unix()
        return Player(
            account: account, online: registry[account.id], bans: standings.bans(of: account.id, now: now),
            mute: standings.mute(of: account.id, now: now))
    }

    /// A player's entity in its newest saved state; of a player on a map it is up to a second old.
    ///
    /// - Parameter id: The player's number.
    /// - Returns: `nil` for a player who has never been on a map.
    /// - Throws: ``StorageError`` when the store fails.
    package func savedEntity(_ id: Int) async throws(StorageError) -> EntityRecord? {
        if let record = try await writeBehind.player(id: id) { return record }
        // A player who has just come for the first time is saved within a second; a map in time can do it now.
        guard let online = registry[id], !online.isWaiting, let map = maps.handle(online.mapID), map.lateness == .zero
        else { return nil }
        await map.actor?.save()
        return try await writeBehind.player(id: id)
    }

    /// The bearer sessions of a player.
    package func sessions(of id: Int) async throws(StorageError) -> [HTTPSession] {
        try await storage.httpSessions(ofPlayer: id, at: time.unix())
    }

    /// The map on which a player's entity is, with or without a connection.
    ///
    /// - Parameter id: The player's number.
    /// - Returns: The map's number; `nil` for a player on no running map.
    /// - Throws: ``GatewayError`` with status 503 when a map does not answer.
    package func currentMap(of id: Int) async throws(GatewayError) -> Int? {
        if let online = registry[id], !online.isWaiting { return online.mapID }
        for map in maps.handles {
            switch await answer(within: patience, { await map.hasPlayer(id) }) {
            case true?: return map.mapID
            case false?: continue
            case nil:
                throw GatewayError(
                    .serviceUnavailable, "map_hangs", "map \(map.mapID) does not answer; the player may be on it",
                    retry: 10)
            }
        }
        return nil
    }

    // MARK: - Mutes

    /// Mutes a player, on every map.
    ///
    /// - Parameter mute: The mute.
    /// - Throws: ``GatewayError`` for a mute that is not possible; ``StorageError`` when the store fails.
    package func set(_ mute: Mute) async throws {
        try PlayerBans.check(reason: mute.reason, until: mute.expires, now: now, needsReason: false)
        _ = try await player(mute.playerID)
        try await storage.setMute(mute)
        standings.set(mute, of: mute.playerID)
        post(.mute(player: mute.playerID, until: mute.expires ?? .infinity))
    }

    /// Ends the mute of a player.
    ///
    /// - Parameter id: The player's number.
    /// - Returns: The mute.
    /// - Throws: ``GatewayError`` with status 404 for a player who is not muted; ``StorageError`` when the store fails.
    package func removeMute(of id: Int) async throws -> Mute {
        guard let mute = try await storage.deleteMute(ofPlayer: id) else {
            throw GatewayError.notFound("player \(id) is not muted")
        }
        standings.set(nil, of: id)
        post(.mute(player: id, until: nil))
        return mute
    }

    private func post(_ input: MapInput) { for map in maps.handles { _ = map.post(input) } }

    // MARK: - Sessions

    /// Ends all sessions of a player: the connection, the sockets of scripts, the bearer sessions, and tokens that were
    /// not used yet.
    ///
    /// - Parameter id: The player's number.
    /// - Returns: How many bearer sessions were ended, and whether the player was connected.
    /// - Throws: ``StorageError`` when the store fails.
    package func endSessions(of id: Int) async throws(StorageError) -> (sessions: Int, wasOnline: Bool) {
        let ended = try await storage.deleteHTTPSessions(ofPlayer: id)
        return (ended, disconnect(id))
    }

    /// Closes the connection of a player, ends the player's sockets of scripts, and invalidates the tokens that the
    /// player has.
    ///
    /// - Parameters:
    ///   - id: The player's number.
    ///   - ending: What the client is told.
    /// - Returns: Whether the player was connected.
    @discardableResult
    package func disconnect(_ id: Int, because ending: SessionEnding = .ended) -> Bool {
        revokeTokens.withLock { $0 }(id)
        return registry.end(id, because: ending)
    }

    /// Ends a bearer session.
    ///
    /// - Parameter session: The session.
    /// - Throws: ``StorageError`` when the store fails.
    package func end(_ session: HTTPSession) async throws(StorageError) {
        try await storage.deleteHTTPSession(hash: session.hash)
    }

    /// Replaces a password, and ends all sessions of the player.
    ///
    /// - Parameters:
    ///   - id: The player's number.
    ///   - hash: The new hash in the hash function's own text form.
    /// - Throws: ``StorageError`` when the store fails.
    package func resetPassword(of id: Int, hash: String) async throws(StorageError) {
        _ = try await storage.resetPassword(hash, ofPlayer: id)
        disconnect(id)
    }

    /// Makes an account.
    ///
    /// - Parameters:
    ///   - login: The user name.
    ///   - hash: The password's hash in the hash function's own text form.
    /// - Returns: The account.
    /// - Throws: ``StorageError``.
    package func create(login: String, hash: String) async throws(StorageError) -> PlayerAccount {
        let account = try await storage.createAccount(login: login, passwordHash: hash, created: time.unix())
        return PlayerAccount(id: account.id, login: account.login, created: account.created)
    }

    // MARK: - The entity

    /// Sends a player to another map. A player on a map is moved by that map; for any other player the saved record is
    /// changed, and a player who waits for a map enters the new one at once.
    ///
    /// - Parameters:
    ///   - id: The player's number.
    ///   - mapID: The map.
    /// - Returns: The map on which the player was.
    /// - Throws: ``GatewayError`` for a map that does not run, and for a player who has never been on a map;
    ///   ``StorageError`` when the store fails.
    package func move(_ id: Int, to mapID: Int) async throws -> Int {
        guard maps.handle(mapID) != nil else {
            let running = maps.handles.map { "\($0.mapID)" }.joined(separator: ", ")
            throw GatewayError.badRequest("map \(mapID) does not run; these do: \(running)", field: "map_id")
        }
        if let current = try await currentMap(of: id) {
            guard maps.handle(current)?.post(.movePlayer(id, to: mapID)) == true else {
                throw GatewayError(.conflict, "moving", "the player is between two maps; try again", retry: 2)
            }
            return current
        }
        var record = try await requireEntity(id)
        let before = record.mapID
        record.mapID = mapID
        writeBehind.save([record], removed: [])
        registry.lookAgain(id)
        return before
    }

    private func requireEntity(_ id: Int) async throws -> EntityRecord {
        guard let record = try await savedEntity(id) else {
            throw GatewayError(
                .conflict, "never_played", "this player has never been on a map and has no saved values yet")
        }
        return record
    }

    /// Changes saved values of a player who is on no map.
    ///
    /// - Parameters:
    ///   - id: The player's number.
    ///   - edit: The changes.
    /// - Returns: The changed values before and afterwards.
    /// - Throws: ``GatewayError`` for a player on a map, and for a value that the game does not allow, with its name as
    ///   the field; ``StorageError`` when the store fails.
    package func edit(_ id: Int, _ edit: SavedEdit) async throws -> (before: JSONObject, after: JSONObject) {
        if let mapID = try await currentMap(of: id) {
            throw GatewayError(
                .conflict, "on_map", "the player is on map \(mapID), where the page World changes its values")
        }
        var record = try await requireEntity(id)
        let before = edit.values(of: record)
        try edit.apply(to: &record, await game()?.schema)
        writeBehind.save([record], removed: [])
        return (before, edit.values(of: record))
    }

    /// The components that the game declares for players.
    package func components() async -> [ComponentDefinition] {
        (await game()?.schema.components ?? []).filter { $0.kinds.contains(.players) }
    }

    // MARK: - Erasing

    /// How the audit log calls a player: never by the login, so that it may keep what was done about an erased player.
    ///
    /// - Parameter id: The player's number.
    /// - Returns: Such as `player 24`.
    package static func auditName(_ id: Int) -> String { "player \(id)" }

    /// Erases everything that the server has about a player. The player is disconnected first; the entity leaves its
    /// map without being saved; nothing of it comes back.
    ///
    /// When the store fails in between, the player stays locked out until the restart, and the call can be repeated.
    ///
    /// - Parameter id: The player's number.
    /// - Throws: ``GatewayError`` with status 503 when the store fails; ``StorageError``.
    package func erase(_ id: Int) async throws {
        standings.erase(id)
        disconnect(id, because: .erased)
        post(.erasePlayer(id))
        guard await writeBehind.erase(EntityKey(.players, id)) else {
            throw GatewayError(
                .serviceUnavailable, "storage", "the database can't be written to now; try again in 5 s", retry: 5)
        }
        _ = try await storage.erasePlayer(id: id, auditTarget: Self.auditName(id))
    }
}
