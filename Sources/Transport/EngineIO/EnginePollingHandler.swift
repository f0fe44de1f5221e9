import NIOCore
import NIOHTTP1

/// Answers the requests of Engine.IO's polling on an HTTP connection, and passes all others on.
///
/// NIO's `HTTPServerPipelineHandler` and ``PipelinedRequests`` stand before it, so that a request comes only after the
/// answer to the one before, and never while that is being written. One connection may carry requests of many clients,
/// and others.
///
/// The handlers behind it don't see its requests, so it also closes connections that are idle for too long: such a
/// handler would close a connection in the middle of a poll.
final class EnginePollingHandler: ChannelDuplexHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    private enum State {
        /// The latest request is for the handlers behind this one, or answered.
        case passing
        /// ``arrival`` is arriving.
        case receiving
        /// ``arrival`` has arrived and waits for its answer.
        case waiting(EngineExchange)
        /// The connection ends; input is dropped.
        case ending
    }

    /// How many bytes are dropped at the end of a connection, so that its client can read the last answer.
    static let mostDroppedBytes = 4 << 20

    private let servers: [EngineServer]
    private let idleTime: TimeAmount?
    private let pausedTime: () -> TimeAmount
    private var context: ChannelHandlerContext?
    private var state = State.passing
    private var arrival: EngineArrival?
    private var isInputClosed = false
    private var dropped = 0
    private var idleTimer: RunningTimer?

    /// Makes a handler for one connection.
    ///
    /// - Parameters:
    ///   - servers: The servers, each with its path.
    ///   - idleTime: How long the connection may stay open without a request; `nil` for ever.
    ///   - pausedTime: Returns the total time of the server's pauses, which do not count.
    init(servers: [EngineServer], idleTime: TimeAmount?, pausedTime: @escaping () -> TimeAmount) {
        self.servers = servers
        self.idleTime = idleTime
        self.pausedTime = pausedTime
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        startIdleTimer()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        end()
        self.context = nil
    }

    func channelInactive(context: ChannelHandlerContext) {
        end()
        context.fireChannelInactive()
    }

    private func startIdleTimer() {
        idleTimer?.cancel()
        guard let context, let idleTime else { return }
        idleTimer = RunningTimer(in: idleTime, on: context.eventLoop, pauses: pausedTime) {
            context.close(promise: nil)
        }
    }

    // MARK: - Requests

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch (state, Self.unwrapInboundIn(data)) {
        case (.passing, .head(let head)):
            idleTimer?.cancel()
            guard let server = servers.first(where: { $0.owns(head.uri) }) else { return context.fireChannelRead(data) }
            begin(head, server, context)
        case (.passing, _): context.fireChannelRead(data)
        case (.receiving, .body(let part)):
            if arrival?.receive(part) == false { refuseTooMuch() }
        case (.receiving, .end): complete(context)
        case (.ending, .body(let part)):
            dropped += part.readableBytes
            if dropped > Self.mostDroppedBytes { context.close(promise: nil) }
        case (.receiving, .head), (.waiting, _), (.ending, _): break
        }
    }

    private func begin(_ head: HTTPRequestHead, _ server: EngineServer, _ context: ChannelHandlerContext) {
        var call = server.call(head, from: context.channel.remoteAddress)
        if case .post(let connection) = call, !connection.beginPost() {
            connection.run { $0.postsOverlap() }
            call = .refuse(.badRequest("two POST requests at the same time"))
        }
        let arrival = EngineArrival(head, for: server, call)
        self.arrival = arrival
        state = .receiving
        if arrival.announcesTooMuch { refuseTooMuch() }
    }

    private func refuseTooMuch() {
        guard let arrival else { return }
        if case .post(let connection) = arrival.call { connection.cancelPost() }
        write(.refusal(arrival.tooMuch), closes: true)
    }

    private func complete(_ context: ChannelHandlerContext) {
        guard let arrival else { return }
        switch arrival.call {
        case .refuse(let refusal): write(.refusal(refusal))
        case .preflight:
            guard let head = arrival.preflightHead(closes: closes(arrival)) else {
                return write(.refusal(.forbidden("pages of this origin may not connect")))
            }
            write(head, body: nil, closes: closes(arrival))
        case .open(let handshake):
            do throws(EngineRefusal) {
                let connection = try arrival.server.open(handshake, on: context.eventLoop, socket: nil)
                write(.packets(EngineOutput.payload(of: [connection.openPacket])))
                connection.begin()
            } catch {
                write(.refusal(error))
            }
        case .poll(let connection):
            let exchange = EngineExchange(self, on: context.eventLoop)
            state = .waiting(exchange)
            connection.run { $0.poll(exchange) }
        case .post(let connection):
            let exchange = EngineExchange(self, on: context.eventLoop)
            state = .waiting(exchange)
            let body = arrival.body
            connection.run { $0.post(EnginePayload(body), exchange) }
        }
    }

    // MARK: - Answers

    /// Answers a request, see ``EngineExchange/answer(_:written:)``.
    func answer(_ exchange: EngineExchange, _ answer: EngineAnswer, _ written: @escaping @Sendable (Bool) -> Void) {
        guard isWaiting(exchange) else { return written(false) }
        write(answer, written: written)
    }

    /// Ends the channel of a request that needs no answer.
    func drop(_ exchange: EngineExchange) {
        guard isWaiting(exchange) else { return }
        state = .ending
        arrival = nil
        context?.close(promise: nil)
    }

    private func isWaiting(_ exchange: EngineExchange) -> Bool {
        if case .waiting(let current) = state { current === exchange } else { false }
    }

    private func closes(_ arrival: EngineArrival) -> Bool { isInputClosed || !arrival.isKeptAlive }

    private func write(
        _ answer: EngineAnswer, closes: Bool = false, written: @escaping @Sendable (Bool) -> Void = { _ in }
    ) {
        guard let arrival else { return written(false) }
        let closes = closes || self.closes(arrival)
        write(
            arrival.responseHead(answer, closes: closes), body: arrival.answersWithBody ? answer.body : nil,
            closes: closes, written: written)
    }

    private func write(
        _ head: HTTPResponseHead, body: ByteBuffer?, closes: Bool,
        written: @escaping @Sendable (Bool) -> Void = { _ in }
    ) {
        guard let context else { return written(false) }
        state = closes ? .ending : .passing
        arrival = nil
        startIdleTimer()
        context.write(Self.wrapOutboundOut(.head(head)), promise: nil)
        if let body { context.write(Self.wrapOutboundOut(.body(.byteBuffer(body))), promise: nil) }
        let end = context.eventLoop.makePromise(of: Void.self)
        let isInputClosed = isInputClosed
        end.futureResult.assumeIsolated().whenComplete { result in
            written((try? result.get()) != nil)
            guard closes else { return }
            // Closes only the output while the client may still send: a full close with unread bytes would reset the
            // connection, and the answer would be lost. If the client does not close its side, the idle timer does.
            context.close(mode: isInputClosed ? .all : .output, promise: nil)
        }
        context.writeAndFlush(Self.wrapOutboundOut(.end(nil)), promise: end)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        if case .end = Self.unwrapOutboundIn(data) { startIdleTimer() }
        context.write(data, promise: promise)
    }

    // MARK: - The end of a connection

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard event as? ChannelEvent == .inputClosed else { return context.fireUserInboundEventTriggered(event) }
        switch state {
        case .passing: context.fireUserInboundEventTriggered(event)
        case .receiving, .ending: context.close(promise: nil)
        case .waiting(let exchange):
            // A poll ends with this, because a client that is gone looks the same; other requests are answered.
            isInputClosed = true
            tell(exchange, isGone: false)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // The gate has answered a request that breaks off, and closes the connection.
        guard error is HTTPParserError, case .receiving = state else { return context.fireErrorCaught(error) }
        end()
    }

    private func tell(_ exchange: EngineExchange, isGone: Bool) {
        switch arrival?.call {
        case .poll(let connection), .post(let connection): connection.run { $0.requestLost(exchange, isGone: isGone) }
        default: break
        }
    }

    /// Tells the connection of a request without an answer that its client is gone.
    private func end() {
        idleTimer?.cancel()
        idleTimer = nil
        switch state {
        case .receiving:
            if case .post(let connection) = arrival?.call { connection.run { $0.postBrokeOff() } }
        case .waiting(let exchange): tell(exchange, isGone: true)
        case .passing, .ending: break
        }
        state = .ending
        arrival = nil
    }
}
