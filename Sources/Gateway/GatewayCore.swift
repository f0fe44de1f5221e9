import GameRules
import HTTPTypes
import Logging
import NIOCore
import NIOHTTP1
import Simulation
import Storage
import Synchronization
import Transport
import World

/// The state that all requests and sessions share: maps, store, tokens, metrics.
final class GatewayCore: SessionDelegate {
    let time: TimeSource
    let storage: any Storage
    let writeBehind: WriteBehind
    let accounts: AccountService
    let tokens: TokenTable
    let resumes: ResumeTable
    let registry: SessionRegistry
    let standings: PlayerStandings
    let pauses: ServerPauses
    let sendMemory: SendMemory
    let peerNetwork: PeerNetwork
    let metrics: GatewayMetrics
    let maps: any RunningMaps
    let logger: Logger
    let geometries = GeometryCache()
    /// Keeps what clients of scripted sockets miss while they have no connection; `nil` when the game wants none.
    let recovery: RecoveryStore?
    let places: SessionPlaces
    let webRTC = WebRTCPort()
    /// Limits the offers of WebRTC's clients by their address.
    let offers: Throttle
    private let settings: Mutex<GatewayConfiguration>
    private let nextSessionID = Atomic<SessionID>(1)
    private let ports: ListeningPorts

    init(
        configuration: GatewayConfiguration, storage: any Storage, writeBehind: WriteBehind, maps: any RunningMaps,
        players: PlayerService?, metrics: GatewayMetrics, ports: ListeningPorts, time: TimeSource,
        pauses: ServerPauses, logger: Logger
    ) {
        self.pauses = pauses
        registry = players?.registry ?? SessionRegistry()
        standings = players?.standings ?? PlayerStandings()
        settings = Mutex(configuration)
        self.storage = storage
        self.writeBehind = writeBehind
        self.maps = maps
        self.metrics = metrics
        places = SessionPlaces(metrics)
        self.ports = ports
        self.time = time
        self.logger = logger
        offers = Throttle(configuration.offerLimit, time: time)
        accounts = AccountService(storage: storage, configuration: configuration, time: time)
        // A client can't use a token while the server is paused, so pauses don't count for the lifetime of tokens.
        let running = pauses.running(time)
        tokens = TokenTable(time: running)
        resumes = ResumeTable(lifetime: configuration.resumeTime, time: running)
        recovery = RecoveryStore(configuration, time: running)
        sendMemory = SendMemory(
            limit: configuration.sendMemoryBytes, metrics: metrics.transport, logger: logger)
        peerNetwork = PeerNetwork(
            configuration.peerNetwork, turnSecret: configuration.turnSecret, metrics: metrics.peerNetwork, time: running
        )
        warnOfTurnWithoutSecret()
        players?.revokesTokens { [tokens, resumes] playerID in
            tokens.revoke(playerID: playerID)
            resumes.revoke(playerID: playerID)
        }
    }

    /// The current settings.
    var configuration: GatewayConfiguration { settings.withLock { $0 } }

    /// Changes the settings for later requests and connections. Settings that are used only at the start have no
    /// effect.
    func reconfigure(_ change: (inout GatewayConfiguration) -> Void) {
        let configuration = settings.withLock { settings in
            change(&settings)
            return settings
        }
        accounts.apply(configuration)
        offers.setLimit(configuration.offerLimit)
        resumes.lifetime = configuration.resumeTime
        sendMemory.limit = configuration.sendMemoryBytes
        let lackedSecret = peerNetwork.lacksTurnSecret
        peerNetwork.apply(configuration.peerNetwork)
        if !lackedSecret { warnOfTurnWithoutSecret() }
    }

    /// Warns when the settings name TURN servers that no peer gets.
    private func warnOfTurnWithoutSecret() {
        guard peerNetwork.lacksTurnSecret else { return }
        logger.warning(
            "peers get no TURN servers, because their secret is missing",
            metadata: ["variable": "\(TurnSecret.variable)", "file": "\(TurnSecret.fileName) in the data folder"])
    }

    /// The map on which new players start.
    var startMap: Int { configuration.startMap ?? maps.handles.first?.mapID ?? 1 }

    /// The sockets of scripts.
    var scriptSockets: ScriptSockets { registry.sockets }

    /// The port that the server listens on; 0 before it listens.
    var boundPort: Int { ports.shared }

    func listening(on port: Int) { ports.set(port) }

    /// The origin of a request, by its TCP peer and its forwarding fields.
    ///
    /// - Parameters:
    ///   - peer: The other end of the TCP connection.
    ///   - forwardedFor: The values of its `X-Forwarded-For` fields.
    ///   - forwardedProto: The values of its `X-Forwarded-Proto` fields.
    /// - Returns: The client behind trusted proxies.
    func origin(peer: IPAddress?, forwardedFor: [String], forwardedProto: [String]) -> ClientOrigin {
        let (proxies, isSecure) = settings.withLock { ($0.trustedProxies, $0.tls != nil) }
        return proxies.origin(
            peer: peer, isSecure: isSecure, forwardedFor: forwardedFor, forwardedProto: forwardedProto)
    }

    /// The origin of a request, by its TCP peer and its head.
    ///
    /// - Parameters:
    ///   - peer: The other end of the TCP connection.
    ///   - head: The request's head.
    /// - Returns: The client behind trusted proxies.
    func origin(peer: SocketAddress?, _ head: HTTPRequestHead) -> ClientOrigin {
        origin(
            peer: peer.flatMap(IPAddress.init), forwardedFor: head.headers["x-forwarded-for"],
            forwardedProto: head.headers["x-forwarded-proto"])
    }

    /// Whether a page may use this server; a request without `Origin` comes from no page of another origin.
    ///
    /// - Parameters:
    ///   - origins: The values of all `Origin` fields of a request.
    ///   - host: The value of its `Host` field.
    /// - Returns: `true` for pages of this server and of the allowed origins.
    func allowsPages(of origins: [String], host: String?) -> Bool {
        let (policy, portPerMap) = settings.withLock { ($0.origins, $0.portPerMap) }
        return policy.allows(origins: origins, host: host, pagesAt: portPerMap ? boundPort : nil)
    }

    // MARK: - Ports [M2.3]

    /// Sets the own port of a map; `nil` when the map no longer has one.
    func listening(on port: Int?, forMap mapID: Int) { ports.set(port, ofMap: mapID) }

    /// The own port of a map; `nil` for a map that uses the server's port.
    func port(ofMap mapID: Int) -> Int? { ports.port(ofMap: mapID) }

    func address(ofMap mapID: Int, reachedBy address: PublicAddress) -> PublicAddress {
        guard configuration.portPerMap, !address.servesAllMaps else { return address }
        return address.withPort(port(ofMap: mapID) ?? boundPort)
    }

    // MARK: - Players

    /// The map of a player, or the start map for a new player.
    ///
    /// - Parameter id: The player's number.
    /// - Returns: The number of the player's map if that map is running or closed, else ``startMap``.
    /// - Throws: ``StorageError`` when the store fails.
    func mapID(ofPlayer id: Int) async throws(StorageError) -> Int {
        guard let record = try await writeBehind.player(id: id), hasMap(record.mapID) else { return startMap }
        return record.mapID
    }

    /// Whether the game has a map, running or closed.
    private func hasMap(_ mapID: Int) -> Bool {
        let state = maps.state(of: mapID)
        return state.closedReason != nil || state.handle != nil
    }

    /// The refusal of what needs a map that does not take players now.
    ///
    /// - Parameter mapID: A map of the game.
    /// - Returns: The error; its text says why the map is closed, if it is.
    func mapStarting(_ mapID: Int) -> GatewayError {
        let why = maps.closedReason(mapID).map { "closed (\($0))" } ?? "starting or closing"
        return GatewayError(
            .serviceUnavailable, "map_starting", "map \(mapID) is \(why); try again in 2 s", retry: 2)
    }

    private func joiningRecord(for admission: Admission) async throws(StorageError) -> EntityRecord {
        let key = EntityKey(.players, admission.playerID)
        var record =
            try await writeBehind.player(id: admission.playerID)
            ?? EntityRecord(key: key, mapID: startMap, prefab: "Player", created: time.unix())
        record.login = admission.login
        if !hasMap(record.mapID) {
            // The map was removed from the game, so the player starts on the start map like a new player.
            record.mapID = startMap
            record.x = nil
            record.y = nil
        }
        return record
    }

    // MARK: - SessionDelegate

    func joiningRecord(for admission: Admission, on eventLoop: any EventLoop) -> EventLoopFuture<EntityRecord> {
        eventLoop.makeFutureWithTask { try await self.joiningRecord(for: admission) }
    }

    var unixTime: Double { time.unix() }

    var pausedTime: TimeAmount { pauses.total }

    func state(ofMap mapID: Int) -> MapState { maps.state(of: mapID) }

    func reconnectToken(for admission: Admission) -> String { tokens.issue(admission, isMove: true) }

    func sessionWaits(_ session: Session, forMap mapID: Int) {
        registry.waits(session, forMap: mapID, at: time.unix())
    }

    func sessionWaitsNoMore(_ session: Session) { registry.waitsNoMore(session) }

    func sessionJoined(_ session: Session, mapID: Int) {
        tokens.joined(playerID: session.playerID)
        registry.joined(session, mapID: mapID, at: time.unix())
    }

    func ending(of session: Session) -> SessionEnding? {
        standings.ending(of: session.playerID, at: session.clientAddress, now: time.unix())
    }

    func mutedUntil(_ playerID: Int) -> Double? { standings.mutedUntil(playerID, now: time.unix()) }

    /// Refuses a banned player, and clients at a banned address.
    ///
    /// - Parameters:
    ///   - playerID: The player, if it is known already.
    ///   - origin: The origin of the request.
    /// - Throws: ``GatewayError`` with code `banned`, or for an erased player `bad_credentials`.
    func refuseBanned(_ playerID: Int? = nil, from origin: ClientOrigin) throws(GatewayError) {
        if let error = standings.refusal(of: playerID, at: origin.address, now: time.unix()) { throw error }
    }

    var resumeSeconds: Int { Int(resumes.lifetime.components.seconds) }

    func resumeToken(for session: Session) -> String { resumes.issue(session.id, session.admission) }

    func sessionEnded(_ session: Session, mayResume: Bool) {
        registry.ended(session)
        resumes.ended(session.id, mayResume: mayResume)
    }

    /// A number for a new session, which no other has.
    func nextSession() -> SessionID { nextSessionID.wrappingAdd(1, ordering: .relaxed).oldValue }
}
