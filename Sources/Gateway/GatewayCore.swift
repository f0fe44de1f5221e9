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

/// What all requests and sessions share: the maps, the store, the tokens, the counts.
final class GatewayCore: SessionDelegate {
    let time: TimeSource
    let storage: any Storage
    let writeBehind: WriteBehind
    let accounts: AccountService
    let tokens: TokenTable
    let resumes: ResumeTable
    let registry = SessionRegistry()
    let pauses = ServerPauses()
    let sendMemory: SendMemory
    let metrics: GatewayMetrics
    let maps: any RunningMaps
    let logger: Logger
    let geometries = GeometryCache()
    private let settings: Mutex<GatewayConfiguration>
    private let nextSessionID = Atomic<SessionID>(1)
    private let port = Atomic<Int>(0)
    private let mapPorts = Mutex<[Int: Int]>([:])

    init(
        configuration: GatewayConfiguration, storage: any Storage, writeBehind: WriteBehind, maps: any RunningMaps,
        metrics: GatewayMetrics, time: TimeSource, logger: Logger
    ) {
        settings = Mutex(configuration)
        self.storage = storage
        self.writeBehind = writeBehind
        self.maps = maps
        self.metrics = metrics
        self.time = time
        self.logger = logger
        accounts = AccountService(storage: storage, configuration: configuration, time: time)
        // No client can come with a token while the server is paused.
        let running = pauses.running(time)
        tokens = TokenTable(time: running)
        resumes = ResumeTable(lifetime: configuration.resumeTime, time: running)
        sendMemory = SendMemory(
            limit: configuration.sendMemoryBytes, metrics: metrics.transport, logger: logger)
    }

    /// Everything an operator can set, as it is now.
    var configuration: GatewayConfiguration { settings.withLock { $0 } }

    /// Takes other settings, for what comes from now on; those that are used at the start only stay without effect.
    func reconfigure(_ change: (inout GatewayConfiguration) -> Void) {
        let configuration = settings.withLock { settings in
            change(&settings)
            return settings
        }
        accounts.apply(configuration)
        resumes.lifetime = configuration.resumeTime
        sendMemory.limit = configuration.sendMemoryBytes
    }

    /// The map on which new players start.
    var startMap: Int { configuration.startMap ?? maps.handles.first?.mapID ?? 1 }

    /// The port the server listens on; 0 before it does.
    var boundPort: Int { port.load(ordering: .acquiring) }

    func listening(on port: Int) { self.port.store(port, ordering: .releasing) }

    /// Where a request comes from.
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

    /// Where a request of a connection comes from.
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

    // MARK: - Ports [M2.3]

    /// Notes the port of a map's own; `nil` when it has none any more.
    func listening(on port: Int?, forMap mapID: Int) { mapPorts.withLock { $0[mapID] = port } }

    /// The port of a map's own; `nil` for a map that is played at the server's port.
    func port(ofMap mapID: Int) -> Int? { mapPorts.withLock { $0[mapID] } }

    func address(ofMap mapID: Int, reachedBy address: PublicAddress) -> PublicAddress {
        guard configuration.portPerMap else { return address }
        return address.withPort(port(ofMap: mapID) ?? boundPort)
    }

    // MARK: - Players

    /// The map a player is on, or starts on.
    ///
    /// - Parameter id: The player's number.
    /// - Returns: The map's number, of a map that is running.
    /// - Throws: ``StorageError`` when the store fails.
    func mapID(ofPlayer id: Int) async throws(StorageError) -> Int {
        guard let record = try await writeBehind.player(id: id), maps.handle(record.mapID) != nil else {
            return startMap
        }
        return record.mapID
    }

    private func joiningRecord(for admission: Admission) async throws(StorageError) -> EntityRecord {
        let key = EntityKey(.players, admission.playerID)
        var record =
            try await writeBehind.player(id: admission.playerID)
            ?? EntityRecord(key: key, mapID: startMap, prefab: "Player", created: time.unix())
        record.login = admission.login
        if maps.handle(record.mapID) == nil {
            // The map was taken out of the game; the player begins again where new players do.
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

    func map(_ mapID: Int) -> (any MapHandle)? { maps.handle(mapID) }

    func reconnectToken(for admission: Admission) -> String { tokens.issue(admission, isMove: true) }

    func sessionJoined(_ session: Session, mapID: Int) {
        tokens.joined(playerID: session.playerID)
        registry.joined(session, mapID: mapID)
    }

    var resumeSeconds: Int { Int(resumes.lifetime.components.seconds) }

    func resumeToken(for session: Session) -> String { resumes.issue(session.id, session.admission) }

    func sessionEnded(_ session: Session, mayResume: Bool) {
        registry.ended(session)
        resumes.ended(session.id, mayResume: mayResume)
    }

    // MARK: - Handshakes [M2.4, 1-protocol 2]

    /// Decides about the first request of a connection; takes the token of a handshake that is accepted.
    ///
    /// - Parameters:
    ///   - head: The request's head.
    ///   - origin: Where it comes from.
    ///   - mapID: The map at whose own port the connection came in; `nil` at the server's port.
    /// - Returns: What becomes of the request.
    func decide(_ head: HTTPRequestHead, from origin: ClientOrigin, mapID: Int? = nil) -> HandshakeDecision {
        guard head.asksForWebSocket, head.uri.prefix(while: { $0 != "?" }) == "/" else {
            guard let mapID else { return .http }
            return .refuse(
                .misdirectedRequest, code: "wrong_port",
                message: "this port is for the WebSockets of map \(mapID); everything else is at port \(boundPort)")
        }
        let decision = decideHandshake(head, origin, mapID)
        if case .refuse = decision { metrics.handshakesRefused.count() }
        return decision
    }

    private func decideHandshake(_ head: HTTPRequestHead, _ origin: ClientOrigin, _ mapID: Int?) -> HandshakeDecision {
        if let problem = head.handshakeProblem {
            return .refuse(.badRequest, code: "bad_request", message: problem)
        }
        guard head.headers["sec-websocket-version"] == ["13"] else {
            return .refuse(.upgradeRequired, code: "bad_request", message: "only WebSocket version 13 is spoken here")
        }
        let configuration = configuration
        guard configuration.origins.allows(head.headers, pagesAt: configuration.portPerMap ? boundPort : nil) else {
            return .refuse(
                .forbidden, code: "bad_origin",
                message: "pages of this origin may not connect; the operator can allow it")
        }
        guard metrics.sessions.value < configuration.maxSessions else {
            return .refuse(.serviceUnavailable, code: "full", message: "the server has no room for another player")
        }
        let credentials = HandshakeCredentials(head)
        if let mapID, let credentials, let other = admittedMap(credentials), other != mapID {
            // The token stays good: the client may use it at the right port.
            return .refuse(
                .misdirectedRequest, code: "wrong_port",
                message: "this is the port of map \(mapID); map \(other) is at port \(port(ofMap: other) ?? boundPort)")
        }
        guard let credentials,
            let admission = tokens.redeem(credentials.token, playerID: credentials.playerID)
                ?? resumes.redeem(credentials.token, playerID: credentials.playerID)
        else {
            return .refuse(
                .unauthorized, code: "bad_token",
                message: "the token is missing, wrong, used or older than 60 s; log in again for a new one")
        }
        let address = PublicAddress(
            host: head.headers.first(name: "host"), isSecure: origin.isSecure, boundPort: boundPort)
        return .accept { self.makeSession($0, admission, address) }
    }

    /// The map that a token admits to; `nil` for one that is not good.
    private func admittedMap(_ credentials: HandshakeCredentials) -> Int? {
        (tokens.admission(credentials.token, playerID: credentials.playerID)
            ?? resumes.admission(credentials.token, playerID: credentials.playerID))?.mapID
    }

    /// Makes the session of an accepted handshake.
    private func makeSession(
        _ connection: any ClientConnection, _ admission: Admission, _ address: PublicAddress
    ) -> Session {
        Session(
            id: nextSessionID.wrappingAdd(1, ordering: .relaxed).oldValue, admission: admission, address: address,
            limits: configuration.session, connection: connection, metrics: metrics, delegate: self, logger: logger)
    }
}
