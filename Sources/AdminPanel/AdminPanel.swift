import Foundation
package import Gateway
import HTTPTypes
import Hummingbird
import NIOCore
import Simulation
import World

/// The operator's pages under `/admin/` and the performance log under `/server/api/` [M0.11, M7, M12.2].
package struct AdminPanel: Sendable {
    private static let cookieName = "perigee_operator"

    private let key: OperatorKey
    private let maps: [any MapHandle]
    private let sessions: OperatorSessions
    private let throttle: Throttle

    /// Makes a panel.
    ///
    /// - Parameters:
    ///   - key: What makes somebody an operator.
    ///   - maps: The running maps.
    ///   - time: The clock of the operators' sessions.
    package init(key: OperatorKey, maps: [any MapHandle], time: TimeSource = .system) {
        self.key = key
        self.maps = maps.sorted { $0.mapID < $1.mapID }
        sessions = OperatorSessions(time: time)
        throttle = Throttle(RateLimit(burst: 10, perSecond: 0.2), time: time)
    }

    /// Adds the panel's endpoints.
    ///
    /// - Parameter router: The gateway's router.
    package func addRoutes(to router: GatewayRouter) {
        router.endpoint("/admin", [.get: { request, _ in try await self.panel(request) }])
        router.endpoint("/admin/help", [.get: { _, _ in page(AdminPages.help) }])
        router.endpoint("/admin/login", [.post: { try await self.logIn($0, $1) }])
        router.endpoint("/admin/logout", [.post: { request, _ in self.logOut(request) }])
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
    }

    // MARK: - Who asks

    private func isOperator(_ request: Request) -> Bool {
        let parts = (request.headers[.authorization] ?? "").split(separator: " ", maxSplits: 1)
        if parts.count == 2, parts[0].lowercased() == "bearer", key.matches(parts[1]) { return true }
        return request.cookies[Self.cookieName].map { sessions.contains($0.value) } ?? false
    }

    private func logIn(_ request: Request, _ context: GatewayRequestContext) async throws -> Response {
        if let wait = throttle.attempt(context.address) {
            var response = page(
                AdminPages.login(message: "Too many attempts; try again in \(wait) s."), .tooManyRequests)
            response.headers[.retryAfter] = "\(wait)"
            return response
        }
        let body = try await request.body.collect(upTo: 4096)
        let fields = String(buffer: body).split(separator: "&").map { $0.split(separator: "=", maxSplits: 1) }
        let given = fields.first { $0.first == "key" && $0.count == 2 }.flatMap {
            String($0[1]).removingPercentEncoding
        }
        guard let given, key.matches(given.filter { !$0.isWhitespace && $0 != "+" }) else {
            return page(AdminPages.login(message: "That is not the operator's key."), .unauthorized)
        }
        throttle.forgive(context.address)
        return redirect(cookie: sessions.begin(), maxAge: Int(OperatorSessions.lifetime.components.seconds))
    }

    private func logOut(_ request: Request) -> Response {
        if let cookie = request.cookies[Self.cookieName] { sessions.end(cookie.value) }
        return redirect(cookie: "", maxAge: 0)
    }

    private func redirect(cookie value: String, maxAge: Int) -> Response {
        var response = Response.redirect(to: "/admin/", type: .normal)
        response.headers[.setCookie] =
            "\(Self.cookieName)=\(value); Path=/; Max-Age=\(maxAge); HttpOnly; SameSite=Strict"
        return response
    }

    // MARK: - Pages

    private func panel(_ request: Request) async throws -> Response {
        guard isOperator(request) else { return page(AdminPages.login()) }
        let wanted = request.uri.queryParameters["map"].flatMap { Int($0) }
        guard let map = maps.first(where: { $0.mapID == wanted }) ?? maps.first else {
            throw GatewayError.notFound("the game has no map")
        }
        return page(AdminPages.maps(maps.map(\.status), selected: await map.diagnostics()))
    }

    /// The map that an operator asks for.
    private func map(_ id: String, for request: Request) throws -> any MapHandle {
        guard isOperator(request) else {
            throw GatewayError(
                .unauthorized, "unauthorized",
                "log in under /admin/, or send Authorization: Bearer with the key in operator.key of the data folder")
        }
        guard let map = maps.first(where: { "\($0.mapID)" == id }) else {
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
        guard let samples = await map.profile(seconds: seconds) else {
            throw GatewayError(.conflict, "busy", "map \(map.mapID) is being profiled already; ask again in a moment")
        }
        let lines = samples.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { "\($0.key) \($0.value)\n" }
        return Response(
            status: .ok, headers: [.contentType: "text/plain; charset=utf-8", .cacheControl: "no-store"],
            body: .init(byteBuffer: ByteBuffer(string: lines.joined())))
    }

    private func performance(_ request: Request, _ id: String) async throws -> Response {
        let diagnostics = await (try map(id, for: request)).diagnostics()
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

/// A page, which may load nothing from elsewhere and run no inline script.
private func page(_ content: HTML, _ status: HTTPResponse.Status = .ok) -> Response {
    var response = html(content, status)
    response.headers[.contentSecurityPolicy] = "default-src 'self'; frame-ancestors 'none'; form-action 'self'"
    return response
}

/// HTML that is not kept.
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
