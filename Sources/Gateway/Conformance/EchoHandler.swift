import NIOCore
import Wire

/// One connection of ``EchoServer``.
final class EchoHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let deflate: DeflateAgreement?
    private var decoder: WebSocketDecoder
    private var deflater: Deflater?
    /// Whether the close frame was sent; what still comes is dropped.
    private var isClosing = false
    private var closeTimer: Scheduled<Void>?

    init(deflate: DeflateAgreement?) {
        self.deflate = deflate
        decoder = WebSocketDecoder(
            maxMessageBytes: EchoServer.maxMessageBytes, maxFragments: .max, deflate: deflate)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isClosing else { return }
        decoder.receive(Self.unwrapInboundIn(data))
        do throws(WebSocketViolation) {
            while !isClosing, let event = try decoder.next() { handle(event, context) }
        } catch {
            close(context, error.code.rawValue, reason: error.description)
        }
    }

    private func handle(_ event: WebSocketDecoder.Event, _ context: ChannelHandlerContext) {
        switch event {
        case .message(let bytes, let isText):
            let kind: WebSocketFrameKind = isText ? .text : .binary
            guard let packed = compressed(bytes) else { return write(WebSocketFrame.make(kind, bytes), context) }
            write(WebSocketFrame.make(kind, packed, isCompressed: true), context)
        case .ping(let payload): write(WebSocketFrame.make(.pong, payload), context)
        case .pong: break
        case .close(let code, _): close(context, code, reason: "")
        }
    }

    private func compressed(_ bytes: [UInt8]) -> ArraySlice<UInt8>? {
        guard let deflate else { return nil }
        if deflater == nil { deflater = Deflater(windowBits: Int32(deflate.serverWindowBits)) }
        let packed = bytes.withUnsafeBufferPointer {
            deflater?.segment($0, keepsContext: !deflate.serverStandsAlone)
        }
        // The receiver adds the last four bytes of the empty block (RFC 7692, section 7.2.1).
        return packed?.dropLast(4)
    }

    private func write(_ frame: ByteBuffer, _ context: ChannelHandlerContext) {
        context.writeAndFlush(Self.wrapOutboundOut(frame), promise: nil)
    }

    /// Sends the close frame and ends the outgoing half; the rest when the client has ended its own, or soon.
    private func close(_ context: ChannelHandlerContext, _ code: UInt16?, reason: String) {
        isClosing = true
        let written = context.eventLoop.makePromise(of: Void.self)
        context.writeAndFlush(
            Self.wrapOutboundOut(WebSocketFrame.close(code, reason: reason)), promise: written)
        written.futureResult.assumeIsolated().whenComplete { _ in context.close(mode: .output, promise: nil) }
        closeTimer = context.eventLoop.assumeIsolated().scheduleTask(in: .seconds(1)) { context.close(promise: nil) }
    }

    /// A client that does not read what it is sent is not read either, so that at most one message waits for it.
    func channelWritabilityChanged(context: ChannelHandlerContext) {
        // The option can't fail on a channel that is open; on one that is not, nobody reads.
        try? context.channel.syncOptions?.setOption(.autoRead, value: context.channel.isWritable)
        context.fireChannelWritabilityChanged()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard case ChannelEvent.inputClosed = event else { return context.fireUserInboundEventTriggered(event) }
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        closeTimer?.cancel()
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
