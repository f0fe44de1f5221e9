import NIOCore
import NIOPosix
import Synchronization

/// A server with one answer: it keeps the head of each request, and sends the same bytes to every connection.
final class TinyServer: Sendable {
    private let channel: any Channel
    private let state: Requests

    /// The heads of the requests, in order.
    final class Requests: Sendable {
        let heads = Mutex<[String]>([])
    }

    var port: Int { channel.localAddress?.port ?? 0 }
    var heads: [String] { state.heads.withLock { $0 } }

    /// Begins to listen; each connection gets `answer`, or is closed without an answer if that is `nil`.
    init(answer: String?) async throws {
        let state = Requests()
        self.state = state
        channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Answerer(state, answer))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
    }

    /// Answers every request with this JSON and status.
    convenience init(json: String, status: String = "200 OK") async throws {
        try await self.init(
            answer: "HTTP/1.1 \(status)\r\nContent-Length: \(json.utf8.count)\r\nConnection: close\r\n\r\n\(json)")
    }

    func stop() async throws { try await channel.close() }

    private final class Answerer: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        typealias OutboundOut = ByteBuffer

        private let state: Requests
        private let answer: String?
        private var head = ""

        init(_ state: Requests, _ answer: String?) {
            self.state = state
            self.answer = answer
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            head += String(buffer: unwrapInboundIn(data))
            let parts = head.split(separator: "\r\n\r\n", maxSplits: 1, omittingEmptySubsequences: false)
            let field = parts[0].split(separator: "\r\n").first { $0.hasPrefix("Content-Length: ") }
            let length = field?.split(separator: " ").last.flatMap { Int($0) } ?? 0
            guard parts.count == 2, parts[1].utf8.count >= length else { return }
            state.heads.withLock { $0.append(head) }
            guard let answer else { return context.close(promise: nil) }
            context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: answer)), promise: nil)
        }
    }
}
