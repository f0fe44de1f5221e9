package import NIOCore
import NIOHTTP1
package import NIOPosix
package import Transport

/// A WebSocket server that sends every message back, at `/echo`, for external conformance suites (RFC 6455 and RFC
/// 7692).
///
/// It uses the connections of the game server, but not the rules of its sessions: messages may have 16 MiB and any
/// number of fragments, and the server sends only echoes and answers to control frames.
package enum EchoServer {
    /// The largest message, in bytes.
    package static let maxMessageBytes = 16 * 1024 * 1024

    /// Starts to listen.
    ///
    /// - Parameters:
    ///   - host: The address to listen on.
    ///   - port: The port; 0 for a free one.
    ///   - group: The event loops of the connections.
    /// - Returns: The listening channel.
    /// - Throws: ``ListeningError`` when the server can't listen on the address.
    package static func listen(
        host: String, port: Int, group: MultiThreadedEventLoopGroup
    ) async throws(ListeningError) -> any Channel {
        var options = WebSocketConnection.Options(maxMessageBytes: maxMessageBytes)
        options.maxFragments = .max
        let (echoOptions, metrics) = (options, TransportMetrics())
        let upgrader = WebSocketUpgrader<Void>(
            compression: .individual,
            makeSession: { head in
                guard head.uri.prefix(while: { $0 != "?" }) == "/echo" else { return nil }
                return { EchoSession($0) }
            },
            makeConnection: { WebSocketConnection(eventLoop: $0, options: echoOptions, deflate: $1, metrics: metrics) },
            upgraded: { _ in })
        let bootstrap = ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: 256)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let upgrade = NIOTypedHTTPServerUpgradeConfiguration<Void>(
                        upgraders: [upgrader],
                        notUpgradingCompletionHandler: { channel in
                            channel.eventLoop.makeCompletedFuture {
                                try channel.pipeline.syncOperations.addHandler(EchoNotFound())
                            }
                        })
                    let result = try channel.pipeline.syncOperations.configureUpgradableHTTPServerPipeline(
                        configuration: .init(upgradeConfiguration: upgrade))
                    // NIO does not answer a refused handshake, so the connection is closed here.
                    result.whenFailure { _ in channel.close(promise: nil) }
                }
            }
        do {
            return try await bootstrap.bind(host: host, port: port).get()
        } catch {
            throw ListeningError(error, host: host, port: port)
        }
    }
}

/// Answers ordinary HTTP requests with 404 and a hint.
private final class EchoNotFound: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard case .end = Self.unwrapInboundIn(data) else { return }
        let body = "a WebSocket echo server for conformance tests; connect to ws://…/echo\n"
        let head = HTTPResponseHead(
            version: .http1_1, status: .notFound,
            headers: [
                "content-type": "text/plain; charset=utf-8", "content-length": "\(body.utf8.count)",
                "connection": "close",
            ])
        context.write(Self.wrapOutboundOut(.head(head)), promise: nil)
        context.write(Self.wrapOutboundOut(.body(.byteBuffer(ByteBuffer(string: body)))), promise: nil)
        let written = context.eventLoop.makePromise(of: Void.self)
        context.writeAndFlush(Self.wrapOutboundOut(.end(nil)), promise: written)
        written.futureResult.assumeIsolated().whenComplete { _ in context.close(promise: nil) }
    }
}
