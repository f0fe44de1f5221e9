import CoreMetrics
import HTTPTypes
import Hummingbird
import JSONValues
import NIOCore
import Storage
import Transport
import World

/// Registration, login, fresh tokens, logout and map downloads: `/server/sign/…` and its alias `/server/signin/…`
/// [M2, M3.8].
struct SignRoutes: Sendable {
    /// How long an HTTP session is valid, in seconds.
    static let sessionLifetime = 86_400.0

    let core: GatewayCore

    func add(to router: some RouterMethods<GatewayRequestContext>) {
        for base in ["/server/sign", "/server/signin"] {
            router.endpoint("\(base)/auth", [.post: { try await self.sign($0, $1, isNew: false) }])
            router.endpoint("\(base)/register", [.post: { try await self.sign($0, $1, isNew: true) }])
            router.endpoint("\(base)/token", [.post: { try await self.renew($0, $1.origin) }])
            for name in ["logout", "out"] {
                router.endpoint("\(base)/\(name)", [.post: { request, _ in try await self.signOut(request) }])
            }
            router.endpoint("\(base)/get_map", [.get: { try await self.map($0, $1) }])
        }
    }

    // MARK: - Login

    private func sign(_ request: Request, _ context: GatewayRequestContext, isNew: Bool) async throws -> Response {
        do {
            try core.refuseBanned(from: context.origin)
            let body = try await request.body.collect(upTo: core.configuration.maxBodyBytes)
            let form = try LoginForm(body: Array(body.readableBytesView), contentType: request.headers[.contentType])
            let account =
                isNew
                ? try await core.accounts.register(form, from: context.origin)
                : try await core.accounts.authenticate(form, from: context.origin)
            // After the password: without it, a client learns nothing about bans.
            try core.refuseBanned(account.id, from: context.origin)
            let response = try await answer(account, request, context.origin, session: nil)
            core.metrics.logins.increment()
            return response
        } catch {
            core.metrics.loginsRefused.increment(GatewayError(answering: error, at: "")?.code)
            throw error
        }
    }

    /// Answers a login with a token; opens an HTTP session unless the client has one already.
    private func answer(
        _ account: Account, _ request: Request, _ origin: ClientOrigin, session: String?
    ) async throws -> Response {
        let admission = try await core.admission(of: account)
        let mapID = admission.mapID
        let secret: String
        if let session { secret = session } else { secret = try await openSession(playerID: account.id, from: origin) }
        let token = core.tokens.issue(admission)
        let reached = PublicAddress(
            host: request.head.authority, isSecure: origin.isSecure, boundPort: core.boundPort)
        let address = core.address(ofMap: mapID, reachedBy: reached)
        let rate = core.configuration.tickRateHz
        var answer: JSONObject = [
            "id": .number(Double(account.id)), "key": .string("\(EntityKey(.players, account.id))"),
            "login": .string(account.login), "token": .string(token), "host": .string(address.host),
            "port": .number(Double(address.port)), "map_id": .number(Double(mapID)), "fps": .number(rate),
            "step": .number((10_000 / rate).rounded() / 10_000), "session": .string(secret),
        ]
        if let decimals = core.configuration.positionDecimals {
            answer["position_precision"] = .number(Double(decimals))
        }
        return Response(json: .object(answer))
    }

    // MARK: - Sessions

    private func openSession(playerID: Int, from origin: ClientOrigin) async throws(StorageError) -> String {
        let secret = hex(Sodium.randomBytes(24))
        let now = core.time.unix()
        try await core.storage.createHTTPSession(
            HTTPSession(
                hash: Sodium.hash(secret.utf8), playerID: playerID, expires: now + Self.sessionLifetime, created: now,
                address: origin.address.map { "\($0)" }))
        return secret
    }

    /// Answers as a login does, to a client that shows its session instead of a password [1-protocol 7].
    private func renew(_ request: Request, _ origin: ClientOrigin) async throws -> Response {
        do {
            let secret = Self.bearer(of: request)
            let account = try await core.renewedAccount(of: core.session(secret), from: origin)
            let response = try await answer(account, request, origin, session: secret)
            core.metrics.tokenRenewals.increment()
            return response
        } catch {
            core.metrics.tokenRenewalsRefused.increment()
            throw error
        }
    }

    private func signOut(_ request: Request) async throws -> Response {
        let session = try await core.session(Self.bearer(of: request))
        try await core.storage.deleteHTTPSession(hash: session.hash)
        return Response(json: .object(["ok": .bool(true)]))
    }

    private static func bearer(of request: Request) -> String? {
        let parts = (request.headers[.authorization] ?? "").split(separator: " ", maxSplits: 1)
        guard parts.count == 2, parts[0].lowercased() == "bearer", parts[1].utf8.count <= 256 else { return nil }
        return String(parts[1])
    }

    // MARK: - Maps

    private func map(_ request: Request, _ context: GatewayRequestContext) async throws -> Response {
        let session = try await core.session(Self.bearer(of: request))
        try core.refuseBanned(session.playerID, from: context.origin)
        let map = try await map(for: request, playerID: session.playerID)
        let entry = core.geometries.entry(for: map.geometry)
        // `private`, because a shared cache must not serve the map to clients without a session.
        let headers: HTTPFields = [.eTag: entry.tag, .cacheControl: "private, no-cache"]
        if request.knows(entry.tag) { return Response(status: .notModified, headers: headers) }
        var response = Response(
            status: .ok, headers: headers, body: StreamedBody.of(entry.bytes, on: context.eventLoop))
        response.headers[.contentType] = "application/json"
        return response
    }

    private func map(for request: Request, playerID: Int) async throws -> any MapHandle {
        let query = request.uri.queryParameters
        if let text = query["map_id"] {
            guard let id = Int(text) else {
                throw GatewayError.badRequest("map_id must be a whole number", field: "map_id")
            }
            return try running(id)
        }
        let map = try running(try await core.mapID(ofPlayer: playerID))
        guard let side = query["side"] else {
            throw GatewayError.badRequest("say which map: ?map_id=3 or ?side=left", field: "map_id")
        }
        guard let id = map.sides[String(side)], let neighbour = core.maps.handle(id) else {
            throw GatewayError.notFound(
                "map \(map.mapID) has no such side; it has: \(map.sides.keys.sorted().joined(separator: ", "))")
        }
        return neighbour
    }

    /// A map that runs.
    ///
    /// - Throws: ``GatewayError`` for a closed one, and for one that the game does not have.
    private func running(_ mapID: Int) throws(GatewayError) -> any MapHandle {
        let state = core.maps.state(of: mapID)
        if let map = state.handle { return map }
        if state.closedReason != nil { throw core.mapStarting(mapID) }
        throw .notFound("the game has no map \(mapID)")
    }
}
