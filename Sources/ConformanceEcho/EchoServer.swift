import Logging
package import NIOCore
import NIOHTTP1
import NIOPosix
package import Transport

/// A server that sends every message back, for external conformance suites: over WebSockets at `/echo` (RFC 6455 and
/// RFC 7692), and over Engine.IO at the paths of ``EchoEngines``.
///
/// It uses the ports and connections of the game server, but not the rules of its sessions: messages at `/echo` may
/// have 16 MiB and any number of fragments, and the server sends only echoes and answers to control frames.
package enum EchoServer {
    /// The largest message at `/echo`, in bytes.
    package static let maxMessageBytes = 16 * 1024 * 1024
    /// How often Engine.IO's clients are pinged, and how long each of them may take to answer.
    package struct Heartbeat: Sendable {
        /// The time between pings.
        package var interval: TimeAmount
        /// The time for the answer; the connection ends when it is over.
        package var timeout: TimeAmount

        /// Makes a heartbeat; the defaults are the times that the protocols' test suites expect.
        package init(interval: TimeAmount = .milliseconds(300), timeout: TimeAmount = .milliseconds(200)) {
            self.interval = interval
            self.timeout = timeout
        }
    }

    /// The most bytes that may wait for all clients together.
    private static let sendMemoryBytes = 1 << 30

    /// Starts to listen.
    ///
    /// - Parameters:
    ///   - host: The address to listen on.
    ///   - port: The port; 0 for a free one.
    ///   - heartbeat: The times of Engine.IO's pings.
    ///   - eventLoop: The event loop of all connections. The suites of Engine.IO and Socket.IO expect that a packet
    ///     over a WebSocket takes effect before a request that they send after it on another connection. One loop
    ///     handles both in the order of their arrival; two loops would not.
    /// - Returns: The listening channel.
    /// - Throws: ``ListeningError`` when the server can't listen on the address.
    package static func listen(
        host: String, port: Int, heartbeat: Heartbeat = Heartbeat(),
        on eventLoop: any EventLoop = MultiThreadedEventLoopGroup.singleton.next()
    ) async throws(ListeningError) -> any Channel {
        let sharedPort = sharedPort(heartbeat)
        let bootstrap = ServerBootstrap(group: eventLoop)
            .serverChannelOption(.backlog, value: 256)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let negotiated = try sharedPort.setUp(channel) { channel in
                        channel.eventLoop.makeCompletedFuture {
                            try channel.pipeline.syncOperations.addHandler(EchoNotFound())
                        }
                    }
                    negotiated.whenFailure { _ in channel.close(promise: nil) }
                }
            }
        do {
            return try await bootstrap.bind(host: host, port: port).get()
        } catch {
            throw ListeningError(error, host: host, port: port)
        }
    }

    private static func sharedPort(_ heartbeat: Heartbeat) -> SharedPort {
        let metrics = TransportMetrics()
        let silent = Logger(label: "conformance") { _ in SwiftLogNoOpLogHandler() }
        let sendMemory = SendMemory(limit: sendMemoryBytes, metrics: metrics, logger: silent)
        var options = WebSocketConnection.Options(maxMessageBytes: maxMessageBytes)
        options.maxFragments = .max
        let echoOptions = options
        let terms = WebSocketTerms(extensions: .deflate(.individual), options: echoOptions) { EchoSession($0) }
        var port = SharedPort(
            times: { .init(request: .seconds(10), drain: .seconds(30), idle: .seconds(60)) },
            connections: ConnectionLimit { .max }, isProxy: { _ in false }, client: { _, _ in "" },
            options: { echoOptions }, sendMemory: sendMemory, metrics: metrics, pausedTime: { .zero }, tls: nil,
            compresses: false,
            decide: { head, _ in
                guard head.asksForWebSocket, head.uri.prefix(while: { $0 != "?" }) == "/echo" else { return .http }
                if let problem = head.upgradeProblem {
                    return .refuse(problem.status, code: "bad_request", message: problem.description)
                }
                return .serve(terms)
            })
        port.engines = EchoEngines.all(heartbeat: heartbeat, sendMemory: sendMemory, metrics: metrics)
        return port
    }
}

/// Answers ordinary HTTP requests with 404 and a hint.
private final class EchoNotFound: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard case .end = Self.unwrapInboundIn(data) else { return }
        let body = "an echo server for conformance tests; connect to ws://…/echo, http://…/engine.io/ or …/socket.io/\n"
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

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        // All requests are answered: those of others wait before this handler.
        if event as? ChannelEvent == .inputClosed { context.close(promise: nil) }
        context.fireUserInboundEventTriggered(event)
    }
}
