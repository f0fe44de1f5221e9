import NIOCore
package import NIOHTTP1
import Wire

/// The decision about a connection's first request.
package enum HandshakeDecision: Sendable {
    /// An ordinary request, for the router.
    case http
    /// A WebSocket handshake of the game's protocol with valid credentials; the value makes its session.
    case accept(SessionMaker)
    /// A WebSocket handshake of another protocol.
    case serve(WebSocketTerms)
    /// A refused handshake, with the status of the answer and the code and message of its body.
    case refuse(HTTPResponseStatus, code: String, message: String)
    /// A refused handshake of another protocol, with the status and the JSON body of the answer.
    case answer(HTTPResponseStatus, body: [UInt8])
}

/// Guards a connection up to its first request, and decides WebSocket handshakes before NIO's upgrader sees them.
///
/// NIO drops the head of a request when it refuses the upgrade or does not know the protocol (swift-nio issue 2632), so
/// the router would never see the request. `curl --http2` and Java's HttpClient send `Upgrade: h2c` with ordinary
/// requests. The gate therefore removes the `Upgrade` field from such a head, and sets `Connection: close` because
/// NIO's parser stops after it. The gate itself answers a refused handshake, and answers bytes that are not HTTP with
/// 400.
///
/// The gate also limits two times of each request. A request must arrive within `timeout`, counted from the accept for
/// a connection's first request and from the head for later ones (408 when an answer is still possible). The time
/// begins again with every ``progressBytes`` of the body, so that large files arrive over slow lines too. The client
/// must read on within `drainTimeout` when its answers fill the buffer. A graceful stop closes the connection at once
/// before its first request, otherwise after at most ``quiesceTime``.
final class HandshakeGate: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    private enum State {
        /// The first head has not arrived.
        case waiting
        /// The body of a request is arriving.
        case reading
        /// The latest request has arrived completely; no request is arriving.
        case passed
        /// A refusal waits until earlier requests are answered; further input is dropped.
        case refusing(HTTPResponseStatus, body: [UInt8])
        /// A refusal was written; further input is dropped.
        case refused
    }

    /// How long a connection may be kept after a graceful stop has begun.
    static let quiesceTime = TimeAmount.seconds(4)

    /// How many bytes of a body must arrive in each `timeout`.
    static let progressBytes = 64 * 1024
    /// How many bytes a connection reads at once while a body longer than ``progressBytes`` arrives.
    static let bodyReadBytes = 64 * 1024

    private let timeout: TimeAmount
    private let drainTimeout: TimeAmount
    private let pausedTime: () -> TimeAmount
    private let requests: ForwardedRequests?
    private let client: (HTTPRequestHead) -> String
    private let decide: (HTTPRequestHead) -> HandshakeDecision
    private let accepted: (WebSocketTerms) -> Void
    private var state = State.waiting
    /// Requests without a complete answer, including the request that is arriving.
    private var unanswered = 0
    /// Whether an answer has begun but not ended.
    private var isAnswering = false
    /// Whether the connection becomes a WebSocket. `requests` then counts it as one request until the connection ends.
    private var isUpgrading = false
    private var deadline: RunningTimer?
    /// The bytes of the arriving body since ``deadline`` began.
    private var arrivedBytes = 0
    /// Whether the connection reads large parts, for a long body.
    private var readsLargeParts = false
    private var drainDeadline: RunningTimer?
    private var quiesceDeadline: Scheduled<Void>?

    /// Makes a gate for one connection.
    ///
    /// - Parameters:
    ///   - timeout: How long a request may take to arrive.
    ///   - drainTimeout: How long a connection may stay unwritable because its client does not read.
    ///   - pausedTime: The total time of the server's pauses; it does not count for the timeouts.
    ///   - requests: Counts the requests of a trusted proxy; `nil` when the connection itself is counted.
    ///   - client: Returns the key under which the client of a request is counted.
    ///   - decide: Decides about the first request.
    ///   - accepted: Called with the terms of an accepted handshake.
    init(
        timeout: TimeAmount, drainTimeout: TimeAmount, pausedTime: @escaping () -> TimeAmount,
        requests: ForwardedRequests?, client: @escaping (HTTPRequestHead) -> String,
        decide: @escaping (HTTPRequestHead) -> HandshakeDecision,
        accepted: @escaping (WebSocketTerms) -> Void
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
        arrivedBytes = 0
        deadline?.cancel()
        deadline = RunningTimer(in: timeout, on: context.eventLoop, pauses: pausedTime) { self.cutOff(context) }
    }

    /// Ends a connection whose request did not arrive in time.
    private func cutOff(_ context: ChannelHandlerContext) {
        // Before a head there is no request to answer, and a 408 must not follow the answer of another request.
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
        case (.reading, .body(let part)):
            arrivedBytes += part.readableBytes
            if arrivedBytes >= Self.progressBytes {
                startDeadline(context)
                readLargeParts(context)
            }
            context.fireChannelRead(data)
        case (.reading, .end):
            state = .passed
            deadline?.cancel()
            readSmallParts(context)
            context.fireChannelRead(data)
        default: context.fireChannelRead(data)
        }
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        // The request was already answered with the refusal, so the router's answer is dropped.
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

    /// Checks a request's form and counts it; returns `false` after refusing it.
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

    /// Passes a request head on to the router.
    private func pass(_ context: ChannelHandlerContext, _ head: HTTPRequestHead) {
        if let length = head.headers.first(name: "content-length").flatMap({ Int($0) }), length > Self.progressBytes {
            readLargeParts(context)
        }
        var head = head
        head.withoutUpgrade()
        head.addConnectionClose()
        context.fireChannelRead(Self.wrapInboundOut(.head(head)))
    }

    private func readLargeParts(_ context: ChannelHandlerContext) {
        guard !readsLargeParts else { return }
        readsLargeParts = true
        setReadSize(context, Self.bodyReadBytes)
    }

    /// Goes back to reading small parts at the end of a long body.
    private func readSmallParts(_ context: ChannelHandlerContext) {
        guard readsLargeParts else { return }
        readsLargeParts = false
        setReadSize(context, SharedPort.readBytes)
    }

    private func setReadSize(_ context: ChannelHandlerContext, _ bytes: Int) {
        // Setting an option fails when the connection is closed already; the next read reports that.
        try? context.channel.syncOptions?.setOption(
            .recvAllocator, value: FixedSizeRecvByteBufferAllocator(capacity: bytes))
    }

    private func firstHead(_ context: ChannelHandlerContext, _ head: HTTPRequestHead) {
        switch decide(head) {
        case .http: pass(context, head)
        case .accept(let makeSession): upgrade(context, head, WebSocketTerms(makeSession: makeSession))
        case .serve(let terms): upgrade(context, head, terms)
        case .refuse(let status, let code, let message):
            refuse(context, status, code: code, message: message)
        case .answer(let status, let body): refuse(context, status, body: body)
        }
    }

    private func upgrade(_ context: ChannelHandlerContext, _ head: HTTPRequestHead, _ terms: WebSocketTerms) {
        isUpgrading = true
        deadline?.cancel()
        accepted(terms)
        context.fireChannelRead(Self.wrapInboundOut(.head(head)))
    }

    /// Answers the arriving request with a refusal, after earlier requests are answered, and closes the connection.
    private func refuse(_ context: ChannelHandlerContext, _ status: HTTPResponseStatus, code: String, message: String) {
        refuse(context, status, body: Refusal(code: code, text: message).json)
    }

    private func refuse(_ context: ChannelHandlerContext, _ status: HTTPResponseStatus, body: [UInt8]) {
        switch (unanswered, isAnswering) {
        case (2..., _): state = .refusing(status, body: body)
        case (_, false): answer(context, status, body: body)
        // The answer of this request has begun; a refusal can't be inserted into it.
        case (_, true): context.close(promise: nil)
        }
    }

    /// Refuses a request whose head NIO's parser does not accept.
    private func refuseHead(_ context: ChannelHandlerContext, _ error: any Error) {
        guard error as? HTTPParserError == .headerOverflow else {
            return refuse(context, .badRequest, code: "bad_request", message: "this is not an HTTP request")
        }
        let limits = SharedPort.headLimits
        refuse(
            context, .requestHeaderFieldsTooLarge, code: "bad_request",
            message: "the head of a request may have \(limits.maxHeaderListSize) bytes and "
                + "\(limits.maxHeaderFieldCount) fields, and each field and the target "
                + "\(limits.maxHeaderFieldSize) bytes")
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
        // Closes only the output: a full close with unread bytes would reset the connection, and the answer would be
        // lost. If the client does not close its side, `deadline` ends the connection.
        written.futureResult.assumeIsolated().whenComplete { _ in context.close(mode: .output, promise: nil) }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        let isBroken = error is HTTPParserError
        switch state {
        case .passed where isBroken && unanswered == 0:
            // Without this deadline the connection would stay open until the client closes it.
            startDeadline(context)
            fallthrough
        case .waiting where isBroken:
            refuseHead(context, error)
        case .reading where isBroken:
            refuse(
                context, .badRequest, code: "bad_request", message: "the body breaks off, or its chunks are malformed")
            // The router is reading the body; the error tells it that the body is incomplete.
            context.fireErrorCaught(error)
        default: context.fireErrorCaught(error)
        }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch (event, state) {
        case (is ChannelShouldQuiesceEvent, .waiting), (is ChannelShouldQuiesceEvent, .refused):
            context.close(promise: nil)  // otherwise this connection would delay a graceful stop
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
    /// Adds `Connection: close` to an HTTP/1.0 request without `keep-alive`, because HTTP/1.0 closes by default.
    fileprivate mutating func addConnectionClose() {
        guard version == .http1_0 else { return }
        let isKept = headers[canonicalForm: "connection"].contains { $0.lowercased() == "keep-alive" }
        if !isKept { headers.replaceOrAdd(name: "connection", value: "close") }
    }

    /// Removes the `Upgrade` field, because NIO's upgrader would drop the request.
    fileprivate mutating func withoutUpgrade() {
        guard headers.contains(name: "upgrade") else { return }
        headers.remove(name: "upgrade")
        headers.replaceOrAdd(name: "connection", value: "close")
    }
}
