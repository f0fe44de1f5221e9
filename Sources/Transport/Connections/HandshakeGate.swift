import NIOCore
package import NIOHTTP1
import Wire

/// What becomes of a connection's first request.
package enum HandshakeDecision: Sendable {
    /// An ordinary request, for the router.
    case http
    /// A WebSocket handshake with good credentials, with the maker of its session.
    case accept(SessionMaker)
    /// A handshake that is refused, with the answer's status and body.
    case refuse(HTTPResponseStatus, code: String, message: String)
}

/// Guards a connection up to its first request, and decides WebSocket handshakes before NIO's upgrader sees them.
///
/// NIO drops the head of a request whose upgrade it refuses or does not know (swift-nio issue 2632), so a router would
/// never see it, and `curl --http2` or Java's HttpClient send `Upgrade: h2c` with ordinary requests. Such a head goes
/// on without its `Upgrade` field, and with `Connection: close` because NIO's parser has stopped at it. A refused
/// handshake is answered here. Garbage gets 400.
///
/// It also bounds how long one request may take, the first and all later ones of a connection: to arrive, from the
/// accept or from its head on (408 where an answer is still possible), and to be read by the client once it is
/// answered. A graceful stop closes the connection, if there is a request at work a little later.
final class HandshakeGate: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    private enum State {
        /// Before the first head.
        case waiting
        /// The first request's body is coming.
        case reading
        /// The first request is complete: others watch the connection now.
        case passed
        /// A refusal waits for the answers of earlier requests; what still comes is dropped.
        case refusing(HTTPResponseStatus, body: [UInt8])
        /// A refusal was written; what still comes is dropped.
        case refused
    }

    /// How long a connection may be kept after a graceful stop has begun.
    static let quiesceTime = TimeAmount.seconds(4)

    private let timeout: TimeAmount
    private let drainTimeout: TimeAmount
    private let pausedTime: () -> TimeAmount
    private let requests: ForwardedRequests?
    private let client: (HTTPRequestHead) -> String
    private let decide: (HTTPRequestHead) -> HandshakeDecision
    private let accepted: (@escaping SessionMaker) -> Void
    private var state = State.waiting
    /// Requests that are not answered to their end, the one that is being read included.
    private var unanswered = 0
    /// Whether an answer was begun and not ended.
    private var isAnswering = false
    /// Whether the connection becomes a WebSocket: it counts as one request to its end.
    private var isUpgrading = false
    private var deadline: RunningTimer?
    private var drainDeadline: RunningTimer?
    private var quiesceDeadline: Scheduled<Void>?

    /// Makes a gate for one connection.
    ///
    /// - Parameters:
    ///   - timeout: How long a request may take to arrive.
    ///   - drainTimeout: How long a client may take to read on.
    ///   - pausedTime: How long the server's pauses were so far; they make no request late.
    ///   - requests: Counts the requests of a trusted proxy; `nil` on a connection that is counted itself.
    ///   - client: Under which name the client of a request is counted.
    ///   - decide: Decides about the first request.
    ///   - accepted: Is given the maker of an accepted connection's session.
    init(
        timeout: TimeAmount, drainTimeout: TimeAmount, pausedTime: @escaping () -> TimeAmount,
        requests: ForwardedRequests?, client: @escaping (HTTPRequestHead) -> String,
        decide: @escaping (HTTPRequestHead) -> HandshakeDecision,
        accepted: @escaping (@escaping SessionMaker) -> Void
    ) {
        self.timeout = timeout
        self.drainTimeout = drainTimeout
        self.pausedTime = pausedTime
        self.requests = requests
        self.client = client
        self.decide = decide
        self.accepted = accepted
    }

    func handlerAdded(context: ChannelHandlerContext) { startDeadline(context) }

    func handlerRemoved(context: ChannelHandlerContext) {
        deadline?.cancel()
        drainDeadline?.cancel()
        quiesceDeadline?.cancel()
    }

    private func startDeadline(_ context: ChannelHandlerContext) {
        deadline = RunningTimer(in: timeout, on: context.eventLoop, pauses: pausedTime) { self.cutOff(context) }
    }

    /// Ends a connection whose request did not arrive in time.
    private func cutOff(_ context: ChannelHandlerContext) {
        // Before a head there is nothing to answer, and behind another answer nothing may be put.
        guard case .reading = state, unanswered == 1, !isAnswering else { return context.close(promise: nil) }
        let refusal = Refusal(
            code: "timeout", text: "the request did not arrive within \(timeout.nanoseconds / 1_000_000_000) s")
        answer(context, .requestTimeout, body: refusal.json)
        context.close(promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch (state, Self.unwrapInboundIn(data)) {
        case (.refusing, _), (.refused, _): return
        case (.waiting, .head(let head)):
            state = .reading
            unanswered += 1
            if admit(context, head) { firstHead(context, head) }
        case (.passed, .head(let head)):
            state = .reading
            unanswered += 1
            startDeadline(context)
            // Only a connection's first request can be upgraded; browsers open a new connection for it.
            if admit(context, head) { pass(context, head) }
        case (.reading, .end):
            state = .passed
            deadline?.cancel()
            context.fireChannelRead(data)
        default: context.fireChannelRead(data)
        }
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        // The request has its answer already; what the router says to the rest of it comes too late.
        if case .refused = state { return promise?.succeed() ?? () }
        switch Self.unwrapOutboundIn(data) {
        case .head: isAnswering = true
        case .body: break
        case .end:
            isAnswering = false
            unanswered -= 1
            if !isUpgrading { requests?.answered() }
        }
        context.write(data, promise: promise)
        if case .refusing(let status, let body) = state, unanswered == 1 { answer(context, status, body: body) }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        drainDeadline?.cancel()
        drainDeadline = nil
        if !context.channel.isWritable {
            drainDeadline = RunningTimer(in: drainTimeout, on: context.eventLoop, pauses: pausedTime) {
                KernelSendBuffer.abort(context.channel)
            }
        }
        context.fireChannelWritabilityChanged()
    }

    /// Checks a request's form and counts it; `false` for one that was refused.
    private func admit(_ context: ChannelHandlerContext, _ head: HTTPRequestHead) -> Bool {
        if let problem = head.formProblem {
            refuse(context, .badRequest, code: "bad_request", message: problem)
            return false
        }
        guard requests?.open(client(head)) ?? true else {
            refuse(
                context, .tooManyRequests, code: "rate_limited",
                message: "this address has too many connections; close some of them")
            return false
        }
        return true
    }

    /// Gives a head to the router.
    private func pass(_ context: ChannelHandlerContext, _ head: HTTPRequestHead) {
        var head = head
        head.withoutUpgrade()
        head.saysWhetherItIsTheLast()
        context.fireChannelRead(Self.wrapInboundOut(.head(head)))
    }

    private func firstHead(_ context: ChannelHandlerContext, _ head: HTTPRequestHead) {
        switch decide(head) {
        case .http: pass(context, head)
        case .accept(let makeSession):
            isUpgrading = true
            deadline?.cancel()
            accepted(makeSession)
            context.fireChannelRead(Self.wrapInboundOut(.head(head)))
        case .refuse(let status, let code, let message):
            refuse(context, status, code: code, message: message)
        }
    }

    /// Answers the request that is being read, after the ones before it, and closes the connection.
    private func refuse(_ context: ChannelHandlerContext, _ status: HTTPResponseStatus, code: String, message: String) {
        let body = Refusal(code: code, text: message).json
        switch (unanswered, isAnswering) {
        case (2..., _): state = .refusing(status, body: body)
        case (_, false): answer(context, status, body: body)
        // Its own answer has begun: nothing may be put into that.
        case (_, true): context.close(promise: nil)
        }
    }

    private func answer(_ context: ChannelHandlerContext, _ status: HTTPResponseStatus, body: [UInt8]) {
        state = .refused
        var headers: HTTPHeaders = [
            "connection": "close", "content-type": "application/json", "content-length": "\(body.count)",
        ]
        if status == .upgradeRequired { headers.add(name: "sec-websocket-version", value: "13") }
        if status == .unauthorized { headers.add(name: "www-authenticate", value: "Basic realm=\"game\"") }
        let head = HTTPResponseHead(version: .http1_1, status: status, headers: headers)
        context.write(Self.wrapOutboundOut(.head(head)), promise: nil)
        context.write(Self.wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: body)))), promise: nil)
        let written = context.eventLoop.makePromise(of: Void.self)
        context.writeAndFlush(Self.wrapOutboundOut(.end(nil)), promise: written)
        // Only the outgoing half: closing both with bytes unread would reset the connection and lose the answer. The
        // deadline ends it if the client does not.
        written.futureResult.assumeIsolated().whenComplete { _ in context.close(mode: .output, promise: nil) }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        let isBroken = error is HTTPParserError
        switch state {
        case .passed where isBroken && unanswered == 0:
            // Nothing else ends a connection whose client does not.
            startDeadline(context)
            fallthrough
        case .waiting where isBroken:
            refuse(context, .badRequest, code: "bad_request", message: "this is not an HTTP request")
        case .reading where isBroken:
            refuse(
                context, .badRequest, code: "bad_request", message: "the body breaks off, or its chunks are malformed")
            // The router is reading the body: it must not take what came for all of it.
            context.fireErrorCaught(error)
        default: context.fireErrorCaught(error)
        }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch (event, state) {
        case (is ChannelShouldQuiesceEvent, .waiting), (is ChannelShouldQuiesceEvent, .refused):
            context.close(promise: nil)  // else this connection would hold a graceful stop open
        case (is ChannelShouldQuiesceEvent, _):
            quiesceDeadline = context.eventLoop.assumeIsolated().scheduleTask(in: Self.quiesceTime) {
                context.close(promise: nil)
            }
            context.fireUserInboundEventTriggered(event)
        case (ChannelEvent.inputClosed, .waiting), (ChannelEvent.inputClosed, .refused):
            context.close(promise: nil)
        default: context.fireUserInboundEventTriggered(event)
        }
    }
}

extension HTTPRequestHead {
    /// Writes down that no other request follows, where that is the rule of an old version.
    fileprivate mutating func saysWhetherItIsTheLast() {
        guard version == .http1_0 else { return }
        let isKept = headers[canonicalForm: "connection"].contains { $0.lowercased() == "keep-alive" }
        if !isKept { headers.replaceOrAdd(name: "connection", value: "close") }
    }

    /// Hides an upgrade from NIO's upgrader, which would swallow the request.
    fileprivate mutating func withoutUpgrade() {
        guard headers.contains(name: "upgrade") else { return }
        headers.remove(name: "upgrade")
        headers.replaceOrAdd(name: "connection", value: "close")
    }
}
