import GameRules
package import HTTPTypes
package import Hummingbird
package import JSONValues
import Logging
import NIOCore
import NIOHTTP1
import Storage

/// The context of one request: Hummingbird's context and the origin of the request.
package struct GatewayRequestContext: RequestContext {
    /// The part of the context that Hummingbird uses.
    package var coreContext: CoreRequestContextStorage
    /// The origin of the request; ``OriginMiddleware`` replaces a trusted proxy by the client behind it.
    package internal(set) var origin: ClientOrigin
    /// The connection's event loop.
    let eventLoop: any EventLoop

    /// Makes the context.
    ///
    /// - Parameter source: The connection's channel and logger.
    package init(source: ApplicationRequestContextSource) {
        coreContext = .init(source: source)
        origin = ClientOrigin(address: source.channel.remoteAddress.flatMap(IPAddress.init), isSecure: false)
        eventLoop = source.channel.eventLoop
    }
}

/// Sets the origin of each request in its context, for the middleware and handlers that follow.
struct OriginMiddleware: RouterMiddleware {
    let core: GatewayCore

    func handle(
        _ request: Request, context: GatewayRequestContext,
        next: (Request, GatewayRequestContext) async throws -> Response
    ) async throws -> Response {
        var context = context
        context.origin = core.origin(
            peer: context.origin.address, forwardedFor: request.headers[values: .xForwardedFor],
            forwardedProto: request.headers[values: .xForwardedProto])
        return try await next(request, context)
    }
}

extension IPAddress {
    /// The address of a socket, without its port; `nil` for a socket without one.
    init?(_ address: SocketAddress) {
        guard let text = address.ipAddress else { return nil }
        // The zone of a link-local address (`%eth0`) has a meaning on this machine only.
        self.init(String(text.prefix { $0 != "%" }))
    }
}

extension HTTPField.Name {
    // The texts are valid names, so the fallbacks are never used.
    fileprivate static let xForwardedFor = HTTPField.Name("X-Forwarded-For") ?? .via
    fileprivate static let xForwardedProto = HTTPField.Name("X-Forwarded-Proto") ?? .via
}

/// The gateway's router.
package typealias GatewayRouter = Router<GatewayRequestContext>

extension RouterMethods where Context == GatewayRequestContext {
    /// Answers one request.
    package typealias Handler = @Sendable (Request, GatewayRequestContext) async throws -> Response

    /// Adds an endpoint; other methods are answered with 405.
    ///
    /// GET implies HEAD. A trailing slash makes no difference.
    ///
    /// - Parameters:
    ///   - path: The path.
    ///   - handlers: The handler of each method.
    package func endpoint(_ path: RouterPath, _ handlers: [HTTPRequest.Method: Handler]) {
        var handlers = handlers
        if let get = handlers[.get], handlers[.head] == nil {
            handlers[.head] = { request, context in
                let response = try await get(request, context)
                var headers = response.headers
                if let length = response.body.contentLength { headers[.contentLength] = "\(length)" }
                return Response(status: response.status, headers: headers, body: .init())
            }
        }
        let allowed = handlers.keys.map(\.rawValue).sorted().joined(separator: ", ")
        let all: [HTTPRequest.Method] = [.get, .head, .post, .put, .delete, .patch, .options, .trace, .connect]
        for method in all {
            if let handler = handlers[method] {
                on(path, method: method, use: handler)
            } else {
                on(path, method: method) { _, _ in
                    let error = GatewayError(
                        .methodNotAllowed, "method_not_allowed",
                        "\(method.rawValue) is not possible here; use \(allowed)")
                    var response = Response(error)
                    response.headers[.allow] = allowed
                    return response
                }
            }
        }
    }
}

extension Response {
    /// A JSON answer.
    ///
    /// - Parameters:
    ///   - json: The body.
    ///   - status: The status.
    ///   - headers: More fields.
    package init(json: JSON, status: HTTPResponse.Status = .ok, headers: HTTPFields = [:]) {
        var headers = headers
        headers[.contentType] = "application/json"
        if headers[.cacheControl] == nil { headers[.cacheControl] = "no-store" }
        self.init(status: status, headers: headers, body: .init(byteBuffer: ByteBuffer(bytes: json.bytes)))
    }

    /// The answer to a refused request.
    ///
    /// - Parameter error: The reason of the refusal.
    package init(_ error: GatewayError) {
        var headers = HTTPFields()
        if let retry = error.retry { headers[.retryAfter] = "\(retry)" }
        if error.status == .unauthorized { headers[.wwwAuthenticate] = "Bearer" }
        self.init(json: error.json, status: error.status, headers: headers)
    }
}

/// Turns errors into JSON answers; an unknown error becomes 500 with a log line.
///
/// Errors of the connection and cancellation are thrown on, because they have no answer.
struct ErrorMiddleware: RouterMiddleware {
    func handle(
        _ request: Request, context: GatewayRequestContext,
        next: (Request, GatewayRequestContext) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch {
            let path = clipped(request.uri.path)
            guard let answer = GatewayError(answering: error, at: path) else {
                if error is HTTPParserError {
                    context.logger.debug("a request broke off", metadata: ["error": "\(error)"])
                }
                throw error
            }
            if Task.isCancelled {
                context.logger.debug("a request broke off", metadata: ["error": "\(error)"])
            } else if error is StorageError {
                context.logger.error(
                    "the store failed a request", metadata: ["path": "\(path)", "error": "\(error)"])
            } else if answer.code == "internal" {
                context.logger.error("request failed", metadata: ["path": "\(path)", "error": "\(error)"])
            }
            return Response(answer)
        }
    }

    private func clipped(_ path: String) -> String { path.count <= 120 ? path : "\(path.prefix(120))…" }
}

extension GatewayError {
    /// Makes the answer to a request that failed; `nil` for an error without an answer: the connection ended, or its
    /// bytes are no complete request.
    ///
    /// - Parameters:
    ///   - error: Why it failed.
    ///   - path: What it asked for.
    init?(answering error: any Error, at path: String) {
        switch error {
        case let error as GatewayError: self = error
        case let error as any HTTPResponseError:
            switch error.status {
            case .notFound: self = .notFound("there is nothing at \(path)")
            case .contentTooLarge:
                self.init(.contentTooLarge, "bad_request", "the request's body is too large")
            default: self.init(error.status, "refused", error.status.reasonPhrase)
            }
        case is StorageError:
            self.init(
                .serviceUnavailable, "storage", "the server can't use its database now; try again in 5 s", retry: 5)
        case is ChannelError, is HTTPParserError, is CancellationError: return nil
        default: self.init(.internalServerError, "internal", "the server failed; its log says why")
        }
    }
}
