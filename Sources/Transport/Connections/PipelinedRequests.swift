import NIOCore
import NIOHTTP1

/// Passes on a request that waited for the answer to an earlier one, in the event loop's next turn.
///
/// NIO's `HTTPServerPipelineHandler`, which stands before it, passes on a waiting request from within the write of the
/// earlier answer's end. A handler that answers at once would then be called from within its own answer, one level
/// deeper for each waiting request, and a client that sends thousands of them at once would overflow the stack. So this
/// handler keeps what comes during such a write.
///
/// It keeps one request at most, because the pipeline handler keeps the next one until this one is answered.
final class PipelinedRequests: ChannelDuplexHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    private enum Inbound {
        case part(HTTPServerRequestPart)
        case event(Any)
        case error(any Error)
    }

    /// Whether the end of an answer is being written.
    private var isAnswering = false
    /// Whether a later turn passes on what is kept, or just does so.
    private var isWaiting = false
    /// What is kept, in order.
    private var kept = CircularBuffer<Inbound>(initialCapacity: 0)

    func handlerRemoved(context: ChannelHandlerContext) { kept.removeAll() }

    func channelInactive(context: ChannelHandlerContext) {
        kept.removeAll()
        context.fireChannelInactive()
    }

    // MARK: - Answers

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        guard case .end = Self.unwrapOutboundIn(data) else { return context.write(data, promise: promise) }
        let wasAnswering = isAnswering
        isAnswering = true
        context.write(data, promise: promise)
        isAnswering = wasAnswering
    }

    // MARK: - Requests

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if !keepIfNeeded(.part(Self.unwrapInboundIn(data)), context) { context.fireChannelRead(data) }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if !keepIfNeeded(.event(event), context) { context.fireUserInboundEventTriggered(event) }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if !keepIfNeeded(.error(error), context) { context.fireErrorCaught(error) }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        if !isWaiting { context.fireChannelReadComplete() }
    }

    /// Keeps something for later, if it may not be passed on now.
    ///
    /// - Returns: Whether it was kept.
    private func keepIfNeeded(_ inbound: Inbound, _ context: ChannelHandlerContext) -> Bool {
        guard isAnswering || isWaiting else { return false }
        kept.append(inbound)
        if !isWaiting {
            isWaiting = true
            context.eventLoop.assumeIsolated().execute { self.passOn(context) }
        }
        return true
    }

    private func passOn(_ context: ChannelHandlerContext) {
        // A request that is answered meanwhile adds the next one.
        while let next = kept.popFirst() {
            switch next {
            case .part(let part): context.fireChannelRead(Self.wrapInboundOut(part))
            case .event(let event): context.fireUserInboundEventTriggered(event)
            case .error(let error): context.fireErrorCaught(error)
            }
        }
        kept = CircularBuffer(initialCapacity: 0)
        isWaiting = false
        context.fireChannelReadComplete()
    }
}
