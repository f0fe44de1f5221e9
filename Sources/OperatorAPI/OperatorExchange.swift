import NIOCore
import NIOHTTP1

/// One request and the promise of its answer; `handler()` makes the channel handler on the connection's event loop.
struct OperatorExchange: Sendable {
    let head: HTTPRequestHead
    let body: [UInt8]
    let promise: EventLoopPromise<(Int, [UInt8])>

    func handler() -> OperatorExchangeHandler { OperatorExchangeHandler(self) }
}

/// Sends the request when the connection is established, and collects the answer. Used on the connection's event loop.
final class OperatorExchangeHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPClientResponsePart
    typealias OutboundOut = HTTPClientRequestPart

    /// The longest time to wait for the answer.
    private static let answerTimeout = TimeAmount.seconds(60)
    /// The largest answer that is read; a longer one closes the connection.
    private static let maxAnswerBytes = 16 << 20

    private let exchange: OperatorExchange
    private var status = 0
    private var body: [UInt8] = []
    private var isDone = false

    init(_ exchange: OperatorExchange) { self.exchange = exchange }

    func channelActive(context: ChannelHandlerContext) {
        context.write(wrapOutboundOut(.head(exchange.head)), promise: nil)
        if !exchange.body.isEmpty {
            context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: exchange.body)))), promise: nil)
        }
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        let channel = context.channel
        context.eventLoop.scheduleTask(in: Self.answerTimeout) { channel.close(promise: nil) }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head): status = Int(head.status.code)
        case .body(let part):
            guard body.count + part.readableBytes <= Self.maxAnswerBytes else { return context.close(promise: nil) }
            body.append(contentsOf: part.readableBytesView)
        case .end:
            finish(.success((status, body)))
            context.close(promise: nil)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        finish(.failure(error))
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) { finish(.failure(ChannelError.eof)) }

    private func finish(_ result: Result<(Int, [UInt8]), any Error>) {
        guard !isDone else { return }
        isDone = true
        exchange.promise.completeWith(result)
    }
}
