package import Gateway
package import Hummingbird
package import Logging
import OperatorAPI
package import Simulation
package import Storage

/// The operator's pages under `/admin/`, and the operators' API under `/server/api/` [M0.11, M7, M12.2].
///
/// It connects the parts: ``AccessControl`` knows who sends a request, ``PanelGate`` what this caller may do, and the
/// `…Routes` answer.
package struct AdminPanel: Sendable {
    /// Reloads the game folder and reports the changes and their effects.
    package typealias Reload = @Sendable () async -> ReloadReport

    private let access: AccessControl
    private let storage: any OperatorStorage
    private let passwords: PasswordGate
    private let link: SetupLink
    private let audit: AuditTrail
    private let time: TimeSource
    private let maps: MapRoutes
    private let editor: EditorRoutes
    private let players: PlayerService
    private let mapControl: MapControlRoutes
    private let logs: LogRoutes
    private let gameDirectory: String?

    /// Makes a panel.
    ///
    /// - Parameters:
    ///   - key: The secret key in the data folder.
    ///   - storage: The operators, their sessions and the audit log.
    ///   - passwords: Checks the passwords of operators; the caller shuts it down at the end.
    ///   - maps: The running maps.
    ///   - players: What operators do about players.
    ///   - logger: Gets a line when the audit log can't be written.
    ///   - time: The clock of sessions, limits and the audit log.
    ///   - patience: How long to wait for the answer of a map.
    ///   - ports: The ports at which clients reach the maps.
    ///   - logs: The maps' logs.
    ///   - clock: The clock of the signs of life of log streams.
    ///   - gameDirectory: The game folder, into which operators upload files; `nil` for a game without one.
    ///   - reload: Reloads the game folder; `nil` for a game without one.
    ///   - control: Stops and starts maps; `nil` for a server whose maps can't be stopped.
    ///   - editing: What the editor of the game folder needs; `nil` for a game without one.
    package init(
        key: OperatorKey, storage: any OperatorStorage, passwords: PasswordGate, maps: any RunningMaps,
        players: PlayerService, logger: Logger, time: TimeSource = .system,
        patience: Duration = MapActor.longestLateness, ports: ListeningPorts = ListeningPorts(),
        logs: LogHub = LogHub(), clock: any Clock<Duration> = ContinuousClock(), gameDirectory: String? = nil,
        reload: Reload? = nil, control: (any MapControl)? = nil, editing: GameEditing? = nil
    ) {
        self.gameDirectory = gameDirectory
        access = AccessControl(key: key, storage: storage, time: time)
        self.storage = storage
        self.passwords = passwords
        link = SetupLink(time: time)
        audit = AuditTrail(storage: storage, time: time, logger: logger)
        self.time = time
        self.players = players
        self.maps = MapRoutes(maps: maps, patience: patience, reload: reload)
        editor = EditorRoutes(editing, time: time)
        mapControl = MapControlRoutes(
            overview: MapOverview(maps: maps, histories: MapHistories(), ports: ports, time: time), control: control,
            patience: patience)
        self.logs = LogRoutes(logs: logs, maps: maps, access: access, time: time, clock: clock)
    }

    /// Checks passwords of operators: on one thread of its own, so that a flood of players' logins delays no operator,
    /// and with stricter limits than for players.
    ///
    /// - Parameters:
    ///   - time: The clock of the limits.
    ///   - cost: The cost of a hash.
    /// - Returns: The gate; it must be shut down at the end.
    package static func makePasswordGate(
        time: TimeSource = .system, cost: PasswordCost = .interactive
    ) -> PasswordGate {
        var configuration = GatewayConfiguration()
        configuration.passwordCost = cost
        configuration.passwordThreads = 1
        configuration.maxWaitingLogins = 16
        // An address refills far more slowly than a name, so that one stranger can't lock out an owner who comes from a
        // new address; the limit of a name is that of players.
        configuration.loginLimit = RateLimit(burst: 10, perSecond: 0.02)
        configuration.addressLimit = RateLimit(burst: 20, perSecond: 0.05)
        return PasswordGate(configuration, time: time)
    }

    /// Makes the link for the first account, if there is no account yet. A former link is not good any more.
    ///
    /// - Returns: The path of the link, which has its secret after `#`; `nil` when there is an account.
    /// - Throws: ``StorageError`` when the store fails.
    package func makeSetupPath() async throws(StorageError) -> String? {
        guard try await storage.operators().isEmpty else { return nil }
        return "\(Endpoint.setupPage.path)#\(link.renew())"
    }

    /// Takes the addresses of open sessions for addresses of their operators, so that after a restart, too, failures of
    /// strangers don't lock out operators there.
    ///
    /// - Throws: ``StorageError`` when the store fails.
    package func recallAddresses() async throws(StorageError) {
        let logins = try await storage.logins()
        for session in try await storage.operatorSessions(of: nil, at: time.unix()).reversed() {
            guard case .account(let id) = session.holder, let login = logins[id] else { continue }
            passwords.remember(login: login, address: session.address)
        }
    }

    /// Whether a request comes from an operator, or from a program with a key.
    ///
    /// - Parameters:
    ///   - request: The request.
    ///   - origin: Where it comes from.
    /// - Returns: `true` for a caller with any role.
    /// - Throws: ``StorageError`` when the store fails.
    package func isOperator(_ request: Request, from origin: ClientOrigin) async throws -> Bool {
        try await access.identify(request, from: origin).caller != nil
    }

    /// Takes samples of what the maps do, for their last hour; ends when its task is cancelled.
    package func watchMaps() async {
        while (try? await Task.sleep(for: .seconds(MapHistory.interval))) != nil { sampleMaps() }
    }

    /// Takes one sample of what each map does.
    func sampleMaps() { mapControl.overview.histories.sample(mapControl.overview.maps, at: time.unix()) }

    /// Adds the panel's endpoints.
    ///
    /// - Parameter router: The gateway's router.
    package func addRoutes(to router: GatewayRouter) {
        var routes = PanelRoutes(gate: PanelGate(access: access, audit: audit))
        let sessions = SessionRoutes(
            access: access, storage: storage, passwords: passwords, link: link, time: time)
        sessions.add(to: &routes)
        OperatorRoutes(storage: storage, passwords: passwords, time: time).add(to: &routes)
        let keys = KeyRoutes(storage: storage, time: time)
        keys.add(to: &routes)
        AuditRoutes(storage: storage).add(to: &routes)
        maps.add(to: &routes)
        mapControl.add(to: &routes)
        let world = WorldRoutes(maps: maps)
        world.add(to: &routes)
        ConsoleRoutes(world: world).add(to: &routes)
        logs.add(to: &routes)
        PerformanceRoutes(maps: maps).add(to: &routes)
        editor.add(to: &routes)
        FileRoutes(store: gameDirectory.map(UploadStore.init), maps: maps.maps, reload: maps.reload).add(to: &routes)
        PlayPage(maps: maps.maps).add(to: &routes)
        let playerRoutes = PlayerRoutes(players: players, passwords: passwords)
        playerRoutes.add(to: &routes)
        let bans = BanRoutes(players: players)
        bans.add(to: &routes)
        PlayerPages(players: players, routes: playerRoutes, bans: bans, maps: maps.maps).add(to: &routes)
        HelpRoutes().add(to: &routes)
        PageRoutes(
            storage: storage, sessions: sessions, keys: keys, maps: maps, mapControl: mapControl, audit: audit,
            logs: logs
        ).add(to: &routes)
        routes.add(to: router)
    }
}
