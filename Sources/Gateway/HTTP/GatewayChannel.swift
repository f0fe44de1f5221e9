import HummingbirdCore
import Logging
import NIOCore
import NIOHTTPTypes
import NIOHTTPTypesHTTP1
import Transport

/// Hummingbird's child channel for HTTP/1.1 and WebSocket on one port. Requests go to the router; a WebSocket is
/// handled by its session.
struct GatewayChannel: HTTPChannelHandler {
    typealias HTTPChannel = NIOAsyncChannel<HTTPRequestPart, HTTPResponsePart>

    struct Value: ServerChildChannelValue {
        let negotiated: EventLoopFuture<SharedPort.Negotiated<HTTPChannel>>
        let channel: any Channel
    }

    let responder: Responder
    let port: SharedPort
    /// Returns how long an HTTP connection may stay open without a request; called for each connection, unless the port
    /// limits that itself.
    let idleTimeout: @Sendable () -> Duration
    private let webSockets = OpenWebSockets()

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
        let (port, idleTimeout) = (port, idleTimeout)
        return channel.eventLoop.makeCompletedFuture {
            let idle = port.limitsIdling ? nil : idleTimeout()
            let negotiated = try port.setUp(channel) { Self.configureHTTP($0, idle, logger) }
            return Value(negotiated: negotiated, channel: channel)
        }
    }

    private static func configureHTTP(
        _ channel: any Channel, _ idleTimeout: Duration?, _ logger: Logger
    ) -> EventLoopFuture<HTTPChannel> {
        channel.eventLoop.makeCompletedFuture {
            let pipeline = channel.pipeline.syncOperations
            try pipeline.addHandler(HTTP1ToHTTPServerCodec(secure: false))
            try pipeline.addHandler(HTTPConnectionStateHandler(idleTimeout: idleTimeout, logger: logger))
            return try NIOAsyncChannel(
                wrappingChannelSynchronously: channel, configuration: .init(isOutboundHalfClosureEnabled: true))
        }
    }

    func handle(value: Value, logger: Logger) async {
        do {
            switch try await value.negotiated.get() {
            case .http(let channel): await handleHTTP(asyncChannel: channel, logger: logger)
            case .webSocket(let channel): await webSockets.serve(until: channel.closeFuture)
            }
        } catch {
            logger.debug("connection ended before its first request", metadata: ["error": "\(error)"])
        }
    }
}
