import Foundation
package import Gateway
import HTTPTypes
package import Hummingbird
import NIOCore
package import Simulation
import World

/// The operator's pages under `/admin/` and the performance log under `/server/api/` [M0.11, M7, M12.2].
package struct AdminPanel: Sendable {
    /// Reloads the game folder and reports the changes and their effects.
    package typealias Reload = @Sendable () async -> ReloadReport

    private static let cookieName = "perigee_operator"

    private let key: OperatorKey
    let maps: any RunningMaps
    let reload: Reload?
    private let sessions: OperatorSessions
    private let throttle: Throttle
    private let patience: Duration

    /// Makes a panel.
    ///
    /// - Parameters:
    ///   - key: The secret key of the operator.
    ///   - maps: The running maps.
    ///   - time: The clock of the operators' sessions.
    ///   - patience: How long to wait for the answer of a map.
    ///   - reload: Reloads the game folder; `nil` for a game without one.
    package init(
        key: OperatorKey, maps: any RunningMaps, time: TimeSource = .system,
        patience: Duration = MapActor.longestLateness, reload: Reload? = nil
    ) {
        self.key = key
        self.maps = maps
        self.patience = patience
        self.reload = reload
        sessions = OperatorSessions(time: time)
        throttle = Throttle(RateLimit(burst: 10, perSecond: 0.2), time: time)
    }

    /// Adds the panel's endpoints.
    ///
    /// - Parameter router: The gateway's router.
    package func addRoutes(to router: GatewayRouter) {
        let router = router.group().add(middleware: SameOriginMiddleware())
        router.endpoint("/admin", [.get: { request, _ in try await self.panel(request) }])
        router.endpoint("/admin/help", [.get: { _, _ in page(AdminPages.help) }])
        router.endpoint("/admin/login", [.post: { try await self.logIn($0, $1) }])
        router.endpoint("/admin/logout", [.post: { self.logOut($0, $1) }])
        router.endpoint("/admin/panel.css", [.get: { _, _ in file("text/css", AdminPages.style) }])
        router.endpoint("/admin/panel.js", [.get: { _, _ in file("text/javascript", AdminPages.script) }])
        for name in ["log_perfomance", "log_performance"] {
            router.endpoint(
                "/server/api/\(name)/:map_id",
                [
                    .get: { request, context in
                        try await self.performance(request, context.parameters.get("map_id") ?? "")
                    }
                ])
        }
        router.endpoint(
            "/server/api/profile/:map_id",
            [.get: { request, context in try await self.profile(request, context.parameters.get("map_id") ?? "") }])
        router.endpoint("/server/api/reload", [.post: { request, _ in try await self.reload(request) }])
        router.endpoint(
            "/server/api/resume/:map_id",
            [.post: { request, context in try await self.resume(request, context.parameters.get("map_id") ?? "") }])
        router.endpoint("/admin/reload", [.post: { request, _ in try await self.reloadPage(request) }])
        router.endpoint("/admin/resume", [.post: { request, _ in try await self.resumePage(request) }])
    }

    // MARK: - Authentication

    /// Whether a request has the operator's key, or the cookie of an operator who is logged in.
    ///
    /// - Parameter request: The request.
    /// - Returns: `true` for the operator.
    package func isOperator(_ request: Request) -> Bool {
        let parts = (request.headers[.authorization] ?? "").split(separator: " ", maxSplits: 1)
        if parts.count == 2, parts[0].lowercased() == "bearer", key.matches(parts[1]) { return true }
        return request.cookies[Self.cookieName].map { sessions.contains($0.value) } ?? false
    }

    func requireOperator(_ request: Request) throws {
        guard !isOperator(request) else { return }
        throw GatewayError(
            .unauthorized, "unauthorized",
            "log in under /admin/, or send Authorization: Bearer with the key in operator.key of the data folder")
    }

    private func logIn(_ request: Request, _ context: GatewayRequestContext) async throws -> Response {
        if let wait = throttle.attempt(context.origin.key) {
            var response = page(
                AdminPages.login(message: "Too many attempts; try again in \(wait) s."), .tooManyRequests)
            response.headers[.retryAfter] = "\(wait)"
            return response
        }
        guard let given = try await form(request)["key"], key.matches(given.filter { !$0.isWhitespace }) else {
            return page(AdminPages.login(message: "That is not the operator's key."), .unauthorized)
        }
        throttle.forgive(context.origin.key)
        return redirect(
            cookie: sessions.begin(), maxAge: Int(OperatorSessions.lifetime.components.seconds), context.origin)
    }

    /// The fields of a form that a browser sent.
    func form(_ request: Request) async throws -> [String: String] {
        let body = try await request.body.collect(upTo: 4096)
        let pairs = String(buffer: body).split(separator: "&").map { pair in
            pair.split(separator: "=", maxSplits: 1).map {
                $0.replacing("+", with: " ").removingPercentEncoding ?? ""
            }
        }
        return Dictionary(
            pairs.filter { $0.count == 2 }.map { ($0[0], $0[1]) }, uniquingKeysWith: { first, _ in first })
    }

    private func logOut(_ request: Request, _ context: GatewayRequestContext) -> Response {
        if let cookie = request.cookies[Self.cookieName] { sessions.end(cookie.value) }
        return redirect(cookie: "", maxAge: 0, context.origin)
    }

    private func redirect(cookie value: String, maxAge: Int, _ origin: ClientOrigin) -> Response {
        var response = Response.redirect(to: "/admin/", type: .normal)
        let secure = origin.isSecure ? "; Secure" : ""
        response.headers[.setCookie] =
            "\(Self.cookieName)=\(value); Path=/; Max-Age=\(maxAge); HttpOnly; SameSite=Strict\(secure)"
        return response
    }

    // MARK: - Pages

    private func panel(_ request: Request) async throws -> Response {
        guard isOperator(request) else { return page(AdminPages.login()) }
        let wanted = request.uri.queryParameters["map"].flatMap { Int($0) }
        let maps = maps.handles
        let closed = self.maps.closedReasons
        guard let map = maps.first(where: { $0.mapID == wanted }) ?? maps.first else {
            return page(AdminPages.maps([], closed: closed, selected: nil, mayReload: reload != nil))
        }
        let selected = await answer(within: patience) { await map.diagnostics() }
        return page(
            AdminPages.maps(
                maps.map(\.status), closed: closed,
                selected: selected ?? MapDiagnostics(status: map.status, errors: [silence(of: map)]),
                mayReload: reload != nil))
    }

    /// The error entry that the panel shows for a map that does not answer.
    private func silence(of map: any MapHandle) -> MapDiagnostics.ErrorEntry {
        .init(
            time: 0, tick: map.status.tick, script: nil, line: nil, kind: "hangs",
            message: "map \(map.mapID) does not answer: its tick does not end. A restart of the server ends it",
            traceback: nil, entity: nil)
    }

    /// The diagnostics of a map.
    ///
    /// - Throws: ``GatewayError`` with status 503 when the map does not answer in time.
    func diagnostics(of map: any MapHandle) async throws -> MapDiagnostics {
        if let diagnostics = await answer(within: patience, { await map.diagnostics() }) { return diagnostics }
        throw GatewayError(.serviceUnavailable, "map_hangs", silence(of: map).message, retry: 10)
    }

    /// The map with the number `id`, after a check that the request comes from an operator.
    func map(_ id: String, for request: Request) throws -> any MapHandle {
        try requireOperator(request)
        guard let map = Int(id).flatMap(maps.handle), "\(map.mapID)" == id else {
            throw GatewayError.notFound("the game has no map \(id.prefix(40))")
        }
        return map
    }

    private func profile(_ request: Request, _ id: String) async throws -> Response {
        let map = try map(id, for: request)
        let given = request.uri.queryParameters["seconds"].map(String.init) ?? "5"
        guard let seconds = Int(given), (1...30).contains(seconds) else {
            throw GatewayError(
                .badRequest, "bad_request", "seconds is \"\(given.prefix(20))\"; give a whole number from 1 to 30")
        }
        guard
            let answered = await answer(
                within: .seconds(seconds) + patience, { await map.profile(seconds: seconds) })
        else { throw GatewayError(.serviceUnavailable, "map_hangs", silence(of: map).message, retry: 10) }
        guard let samples = answered else {
            throw GatewayError(.conflict, "busy", "map \(map.mapID) is being profiled already; ask again in a moment")
        }
        let lines = samples.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { "\($0.key) \($0.value)\n" }
        return Response(
            status: .ok, headers: [.contentType: "text/plain; charset=utf-8", .cacheControl: "no-store"],
            body: .init(byteBuffer: ByteBuffer(string: lines.joined())))
    }

    private func performance(_ request: Request, _ id: String) async throws -> Response {
        let diagnostics = try await diagnostics(of: map(id, for: request))
        guard request.headers[.accept]?.contains("application/json") == true else {
            return html(DiagnosticsView.html(diagnostics))
        }
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        let data = try encoder.encode(diagnostics)
        return Response(
            status: .ok, headers: [.contentType: "application/json", .cacheControl: "no-store"],
            body: .init(byteBuffer: ByteBuffer(bytes: data)))
    }
}

/// A page with a content security policy: it can't load anything from other sites or run inline scripts.
func page(_ content: HTML, _ status: HTTPResponse.Status = .ok) -> Response {
    var response = html(content, status)
    response.headers[.contentSecurityPolicy] = "default-src 'self'; frame-ancestors 'none'; form-action 'self'"
    return response
}

/// An HTML answer that browsers and proxies must not cache.
private func html(_ content: HTML, _ status: HTTPResponse.Status = .ok) -> Response {
    Response(
        status: status, headers: [.contentType: "text/html; charset=utf-8", .cacheControl: "no-store"],
        body: .init(byteBuffer: ByteBuffer(string: content.text)))
}

private func file(_ type: String, _ text: String) -> Response {
    Response(
        status: .ok, headers: [.contentType: "\(type); charset=utf-8", .cacheControl: "no-cache"],
        body: .init(byteBuffer: ByteBuffer(string: text)))
}
