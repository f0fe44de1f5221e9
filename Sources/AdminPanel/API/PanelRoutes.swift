import Gateway
import HTTPTypes
import Hummingbird
import OperatorAPI
import Storage

/// Connects endpoints with their handlers: each request passes the gate first, each change is written to the audit log,
/// and refusals of pages are pages.
///
/// To add a page or a request: add a row to the table of its subject, such as `Endpoint+Maps.swift`, then its handler
/// here by way of ``on(_:_:)`` in the part that owns its state.
struct PanelRoutes {
    typealias Handler = @Sendable (PanelCall) async throws -> Response

    private let gate: PanelGate
    private var handlers: [Endpoint: Handler] = [:]

    init(gate: PanelGate) { self.gate = gate }

    /// Sets the handler of an endpoint.
    mutating func on(_ endpoint: Endpoint, _ handler: @escaping Handler) { handlers[endpoint] = handler }

    /// Adds all endpoints to the gateway's router.
    func add(to router: GatewayRouter) {
        let router = router.group().add(middleware: PanelHeadersMiddleware())
        for (path, endpoints) in Dictionary(grouping: handlers.keys, by: \.path) {
            var methods: [HTTPRequest.Method: @Sendable (Request, GatewayRequestContext) async throws -> Response] = [:]
            for endpoint in endpoints {
                guard let method = HTTPRequest.Method(endpoint.method.rawValue), let handler = handlers[endpoint] else {
                    continue
                }
                methods[method] = { [gate] request, context in
                    try await Self.answer(request, context, endpoint, gate, handler)
                }
            }
            router.endpoint(RouterPath(path), methods)
        }
    }

    private static func answer(
        _ request: Request, _ context: GatewayRequestContext, _ endpoint: Endpoint, _ gate: PanelGate,
        _ handler: Handler
    ) async throws -> Response {
        let identity = try await gate.identify(request, to: endpoint, from: context.origin)
        do {
            let caller = try await gate.admit(identity, request, to: endpoint, from: context.origin)
            let call = PanelCall(request: request, context: context, endpoint: endpoint, caller: caller)
            return endpoint.isChange
                ? try await change(call, gate.audit, handler) : try await read(call, gate.audit, handler)
        } catch let error as GatewayError where endpoint.isPage {
            if error.status == .unauthorized {
                return .redirect(to: "/admin/login?next=\(Endpoint.encoded(request.uri.description))", type: .normal)
            }
            return .page(MessagePage.refusal(error), for: identity.caller, status: error.status)
        }
    }

    /// Runs the handler of an endpoint that changes nothing. When it noted a target, its refusal is written down; a
    /// success only when it noted a disclosure.
    private static func read(_ call: PanelCall, _ audit: AuditTrail, _ handler: Handler) async throws -> Response {
        do {
            var response = try await handler(call)
            let (actor, content) = (call.caller?.name ?? "nobody", call.note.content)
            if content.isDisclosure, await !audit.record(call.endpoint.name, by: actor, from: call.origin, content) {
                response.headers[.auditLog] = "lost"
            }
            return response
        } catch let error as GatewayError where !call.note.content.target.isEmpty {
            await audit.record(
                call.endpoint.name, by: call.caller?.name ?? "nobody", from: call.origin, call.note.content,
                refusal: error.message)
            throw error
        }
    }

    /// Runs the handler of a change, and writes what it did, or why it did not, to the audit log.
    private static func change(_ call: PanelCall, _ audit: AuditTrail, _ handler: Handler) async throws -> Response {
        let (name, actor) = (call.endpoint.name, call.caller?.name ?? "nobody")
        do {
            var response = try await handler(call)
            if await !audit.record(name, by: actor, from: call.origin, call.note.content) {
                response.headers[.auditLog] = "lost"
            }
            return response
        } catch {
            let refused = GatewayError(refusing: error)
            let content = call.note.content
            await audit.record(
                name, by: actor, from: call.origin, content, refusal: content.refusal ?? refused?.message ?? "\(error)")
            throw refused ?? error
        }
    }
}

extension GatewayError {
    /// The refusal that an error of a handler means; `nil` for a failure of the server.
    fileprivate init?(refusing error: any Error) {
        switch error {
        case let error as GatewayError: self = error
        case StorageError.loginTaken(let login): self = .taken(login)
        case StorageError.keyNameTaken: self.init(.conflict, "name_taken", "\(error)")
        case StorageError.lastOwner: self.init(.conflict, "last_owner", "\(error)")
        default: return nil
        }
    }
}

/// Sets the fields that keep browsers from misusing the panel's answers.
struct PanelHeadersMiddleware: RouterMiddleware {
    /// Everything comes from this server's files: no page can run inline scripts or load anything from other sites.
    static let policy =
        "default-src 'self'; base-uri 'none'; object-src 'none'; frame-ancestors 'none'; form-action 'self'"

    func handle(
        _ request: Request, context: GatewayRequestContext,
        next: (Request, GatewayRequestContext) async throws -> Response
    ) async throws -> Response {
        var response: Response
        do {
            response = try await next(request, context)
        } catch let error as GatewayError {
            response = Response(error)
        }
        response.headers[.contentSecurityPolicy] = Self.policy
        response.headers[.xContentTypeOptions] = "nosniff"
        response.headers[.referrerPolicy] = "same-origin"
        return response
    }
}

extension HTTPField.Name {
    // The texts are valid names, so the fallbacks are never used.
    fileprivate static let referrerPolicy = HTTPField.Name("Referrer-Policy") ?? .via
    /// `lost` in the answer to a change that the audit log has no entry of.
    fileprivate static let auditLog = HTTPField.Name("X-Perigee-Audit") ?? .via
}
