package import HTTPTypes
package import Hummingbird
import Logging
package import NIOCore
import Storage
package import World

/// The context of one request: Hummingbird's, plus who asks.
package struct GatewayRequestContext: RequestContext, RemoteAddressRequestContext {
    package var coreContext: CoreRequestContextStorage
    package let remoteAddress: SocketAddress?
    /// The connection's event loop.
    let eventLoop: any EventLoop

    /// Makes the context.
    ///
    /// - Parameter source: The connection's channel and logger.
    package init(source: ApplicationRequestContextSource) {
        coreContext = .init(source: source)
        remoteAddress = source.channel.remoteAddress
        eventLoop = source.channel.eventLoop
    }

    /// The client's address without its port, or a fixed text for none.
    package var address: String { remoteAddress?.ipAddress ?? "unknown" }
}

/// The gateway's router.
package typealias GatewayRouter = Router<GatewayRequestContext>

extension GatewayRouter {
    /// Answers one request.
    package typealias Handler = @Sendable (Request, GatewayRequestContext) async throws -> Response

    /// Adds an endpoint; other methods are answered with 405. GET implies HEAD. A trailing slash makes no difference.
    ///
    /// - Parameters:
    ///   - path: The path.
    ///   - handlers: What to do for which method.
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
    /// - Parameter error: Why.
    package init(_ error: GatewayError) {
        var headers = HTTPFields()
        if let retry = error.retry { headers[.retryAfter] = "\(retry)" }
        if error.status == .unauthorized { headers[.wwwAuthenticate] = "Bearer" }
        self.init(json: error.json, status: error.status, headers: headers)
    }
}

/// Turns every error into a JSON answer, and unknown ones into 500 with a log line.
struct ErrorMiddleware: RouterMiddleware {
    func handle(
        _ request: Request, context: GatewayRequestContext,
        next: (Request, GatewayRequestContext) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch let error as GatewayError {
            return Response(error)
        } catch let error as any HTTPResponseError {
            switch error.status {
            case .notFound: return Response(.notFound("there is nothing at \(clipped(request.uri.path))"))
            case .contentTooLarge:
                return Response(GatewayError(.contentTooLarge, "bad_request", "the request's body is too large"))
            default:
                return Response(GatewayError(error.status, "refused", error.status.reasonPhrase))
            }
        } catch let error as StorageError {
            context.logger.error(
                "the store failed a request", metadata: ["path": "\(clipped(request.uri.path))", "error": "\(error)"])
            return Response(
                GatewayError(
                    .serviceUnavailable, "storage", "the server can't use its database now; try again in 5 s",
                    retry: 5))
        } catch let error as ChannelError {
            throw error
        } catch let error as CancellationError {
            throw error
        } catch {
            context.logger.error(
                "request failed", metadata: ["path": "\(clipped(request.uri.path))", "error": "\(error)"])
            return Response(GatewayError(.internalServerError, "internal", "the server failed; its log says why"))
        }
    }

    private func clipped(_ path: String) -> String { path.count <= 120 ? path : "\(path.prefix(120))…" }
}
