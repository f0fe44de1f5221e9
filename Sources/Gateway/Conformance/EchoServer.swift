package import NIOCore
import NIOHTTP1
package import NIOPosix
import NIOWebSocket

/// A WebSocket server that sends every message back, at `/echo`: what conformance suites of others are run against
/// (RFC 6455 and RFC 7692).
///
/// It uses the decoder, the frames and the compression of the game server's sessions, without their rules about commands:
/// messages may have 16 MiB and any number of fragments, and nothing is sent that was not asked for.
package enum EchoServer {
    /// The largest message, in bytes.
    package static let maxMessageBytes = 16 * 1024 * 1024

    /// Listens.
    ///
    /// - Parameters:
    ///   - host: The address to listen on.
    ///   - port: The port; 0 for a free one.
    ///   - group: Where connections are handled.
    /// - Returns: The listening channel.
    /// - Throws: ``GameServerError`` when the address can't be had.
    package static func listen(
        host: String, port: Int, group: MultiThreadedEventLoopGroup
    ) async throws(GameServerError) -> any Channel {
        let bootstrap = ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: 256)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let upgrade = NIOTypedHTTPServerUpgradeConfiguration<Void>(
                        upgraders: [EchoUpgrader()],
                        notUpgradingCompletionHandler: { channel in
                            channel.eventLoop.makeCompletedFuture {
                                try channel.pipeline.syncOperations.addHandler(EchoNotFound())
                            }
                        })
                    let result = try channel.pipeline.syncOperations.configureUpgradableHTTPServerPipeline(
                        configuration: .init(upgradeConfiguration: upgrade))
                    // A handshake that is refused leaves nobody to answer.
                    result.whenFailure { _ in channel.close(promise: nil) }
                }
            }
        do {
            return try await bootstrap.bind(host: host, port: port).get()
        } catch let error as IOError {
            throw GameServerError(error, host: host, port: port)
        } catch {
            throw .unusableAddress(host: host, port: port, reason: "\(error)")
        }
    }
}

private struct EchoUpgrader: NIOTypedHTTPServerProtocolUpgrader {
    let supportedProtocol = "websocket"
    let requiredUpgradeHeaders: [String] = []

    /// NIO's upgrader, for the checks of the handshake and the `Sec-WebSocket-Accept` field.
    private let headers = NIOTypedWebSocketServerUpgrader<Void>(
        shouldUpgrade: { channel, head in
            let isEcho = head.uri.prefix { $0 != "?" } == "/echo"
            return channel.eventLoop.makeSucceededFuture(isEcho ? [:] : nil)
        },
        upgradePipelineHandler: { channel, _ in channel.eventLoop.makeSucceededVoidFuture() })

    private func agreement(_ request: HTTPRequestHead) -> DeflateAgreement? {
        DeflateAgreement(offers: request.headers["sec-websocket-extensions"], policy: .individual)
    }

    func buildUpgradeResponse(
        channel: any Channel, upgradeRequest: HTTPRequestHead, initialResponseHeaders: HTTPHeaders
    ) -> EventLoopFuture<HTTPHeaders> {
        let agreed = agreement(upgradeRequest)
        let answer = headers.buildUpgradeResponse(
            channel: channel, upgradeRequest: upgradeRequest, initialResponseHeaders: initialResponseHeaders)
        guard let agreed else { return answer }
        return answer.map { fields in
            var fields = fields
            fields.add(name: "Sec-WebSocket-Extensions", value: agreed.header)
            return fields
        }
    }

    func upgrade(channel: any Channel, upgradeRequest: HTTPRequestHead) -> EventLoopFuture<Void> {
        channel.eventLoop.makeCompletedFuture {
            try channel.pipeline.syncOperations.addHandler(EchoHandler(deflate: agreement(upgradeRequest)))
        }
    }
}

/// Answers ordinary requests: there is nothing here but the echo.
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
