import GameRules
import HummingbirdCore
import Logging
import NIOCore
import NIOHTTP1
import NIOHTTPTypes
import NIOHTTPTypesHTTP1
import NIOSSL
import NIOWebSocket

/// Hummingbird's child channel for HTTP/1.1 and WebSocket on one port.
///
/// The first request of a connection decides: a WebSocket handshake that ``Policy/decide`` accepts becomes a session,
/// everything else goes to the router.
struct GatewayChannel: HTTPChannelHandler {
    /// What the channel asks the gateway.
    struct Policy: Sendable {
        /// How long connections may take, asked for each.
        var times: @Sendable () -> Times
        /// How many connections an address may have.
        var connections: ConnectionLimit
        /// Whether a peer is a trusted proxy: then its requests count, each for its own client, not its connections.
        var isProxy: @Sendable (IPAddress?) -> Bool
        /// Where a request of a peer comes from, by its `X-Forwarded-For` and `X-Forwarded-Proto` fields.
        var origin: @Sendable (IPAddress?, [String], [String]) -> ClientOrigin
        /// Decides about a handshake, on the event loop and without waiting. Taking a token is part of it.
        var decide: @Sendable (HTTPRequestHead, ClientOrigin) -> HandshakeDecision
        /// What clients of WebSockets may send, asked for each.
        var options: @Sendable () -> WebSocketConnection.Options
        /// What connections count.
        var metrics: TransportMetrics
        /// Makes what counts a connection's unsent bytes.
        var makeMeter: @Sendable () -> SendMeter
        /// How long the server's pauses were so far.
        var pausedTime: @Sendable () -> TimeAmount
        /// What connections are encrypted with; `nil` leaves them plain.
        var tls: TLSContext?
        /// Whether compression is agreed to when a client offers it.
        var compresses = true
    }

    /// How long an HTTP connection may take.
    struct Times: Sendable {
        /// For a request to arrive; the first from the accept on.
        var request: TimeAmount
        /// For a client to read what it is sent.
        var drain: TimeAmount
        /// Without a request.
        var idle: Duration
    }

    enum Negotiated: Sendable {
        case http(NIOAsyncChannel<HTTPRequestPart, HTTPResponsePart>)
        case webSocket(any Channel)
    }

    struct Value: ServerChildChannelValue {
        let negotiated: EventLoopFuture<Negotiated>
        let channel: any Channel
    }

    let responder: Responder
    let policy: Policy

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
        let policy = policy
        return channel.eventLoop.makeCompletedFuture {
            let times = policy.times()
            if let options = channel.syncOptions {
                // Deltas are small and must not wait for acknowledgements (40 ms are lost otherwise).
                // It fails on a connection that is gone already, which shows at its first read.
                try? options.setOption(.tcpOption(.tcp_nodelay), value: 1)
                KernelTimeouts.set(options, unsent: times.drain)
                KernelSendBuffer.limit(options)
            }
            let meter = policy.makeMeter()
            try channel.pipeline.syncOperations.addHandler(meter)
            let admitted = NIOLoopBoundBox<SessionMaker?>(nil, eventLoop: channel.eventLoop)
            let encoder = HTTPResponseEncoder()
            let decoder = ByteToMessageHandler(HTTPRequestDecoder(leftOverBytesStrategy: .forwardBytes))
            let peer = channel.remoteAddress.flatMap(IPAddress.init)
            let requests = policy.isProxy(peer) ? ForwardedRequests(policy.connections) : nil
            let gate = HandshakeGate(
                timeout: times.request, drainTimeout: times.drain, pausedTime: policy.pausedTime,
                requests: requests,
                origin: { head in
                    policy.origin(peer, head.headers["x-forwarded-for"], head.headers["x-forwarded-proto"])
                },
                decide: policy.decide, accepted: { admitted.value = $0 })
            let upgrader = SessionUpgrader(
                admitted: admitted, policy: policy, meter: .init(meter, eventLoop: channel.eventLoop))
            let upgrade = NIOTypedHTTPServerUpgradeHandler<Negotiated>(
                httpEncoder: encoder,
                extraHTTPHandlers: [decoder, gate],
                upgradeConfiguration: .init(
                    upgraders: [upgrader],
                    notUpgradingCompletionHandler: { Self.configureHTTP($0, times.idle, logger) }))
            if let tls = policy.tls {
                try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: tls.current))
            }
            try channel.pipeline.syncOperations.addHandlers([encoder, decoder, gate, upgrade])
            let key = ClientOrigin(address: peer, isSecure: false).key
            if let requests {
                let bound = NIOLoopBound(requests, eventLoop: channel.eventLoop)
                channel.closeFuture.whenComplete { _ in bound.value.closeAll() }
            } else if policy.connections.open(key) {
                channel.closeFuture.whenComplete { _ in policy.connections.close(key) }
            } else {
                channel.close(promise: nil)
            }
            return Value(negotiated: upgrade.upgradeResultFuture, channel: channel)
        }
    }

    private static func configureHTTP(
        _ channel: any Channel, _ idleTimeout: Duration, _ logger: Logger
    ) -> EventLoopFuture<Negotiated> {
        channel.eventLoop.makeCompletedFuture {
            let pipeline = channel.pipeline.syncOperations
            try pipeline.addHandler(HTTP1ToHTTPServerCodec(secure: false))
            try pipeline.addHandler(HTTPConnectionStateHandler(idleTimeout: idleTimeout, logger: logger))
            return .http(
                try NIOAsyncChannel(
                    wrappingChannelSynchronously: channel, configuration: .init(isOutboundHalfClosureEnabled: true)))
        }
    }

    func handle(value: Value, logger: Logger) async {
        do {
            switch try await value.negotiated.get() {
            case .http(let channel): await handleHTTP(asyncChannel: channel, logger: logger)
            case .webSocket(let channel): try await channel.closeFuture.get()
            }
        } catch {
            logger.debug("connection ended before its first request", metadata: ["error": "\(error)"])
        }
    }
}

/// Answers the handshake as NIO's upgrader does, but adds a ``WebSocketConnection`` alone to the pipeline.
private struct SessionUpgrader: NIOTypedHTTPServerProtocolUpgrader {
    typealias UpgradeResult = GatewayChannel.Negotiated

    let supportedProtocol = "websocket"
    let requiredUpgradeHeaders: [String] = []
    let admitted: NIOLoopBoundBox<SessionMaker?>
    let policy: GatewayChannel.Policy
    let meter: NIOLoopBound<SendMeter>

    /// NIO's upgrader, for the `Sec-WebSocket-Accept` field; its handlers are not used.
    private let headers = NIOTypedWebSocketServerUpgrader<Void>(
        shouldUpgrade: { channel, _ in channel.eventLoop.makeSucceededFuture([:]) },
        upgradePipelineHandler: { channel, _ in channel.eventLoop.makeSucceededVoidFuture() })

    init(
        admitted: NIOLoopBoundBox<SessionMaker?>, policy: GatewayChannel.Policy,
        meter: NIOLoopBound<SendMeter>
    ) {
        self.admitted = admitted
        self.policy = policy
        self.meter = meter
    }

    private func agreement(_ request: HTTPRequestHead) -> DeflateAgreement? {
        guard policy.compresses else { return nil }
        return DeflateAgreement(offers: request.headers["sec-websocket-extensions"], policy: .shared)
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

    func upgrade(channel: any Channel, upgradeRequest: HTTPRequestHead) -> EventLoopFuture<UpgradeResult> {
        channel.eventLoop.makeCompletedFuture {
            // The gate lets no upgrade pass that was not admitted.
            guard let makeSession = admitted.value else {
                throw NIOWebSocketUpgradeError.unsupportedWebSocketTarget
            }
            let connection = WebSocketConnection(
                eventLoop: channel.eventLoop, options: policy.options(), deflate: agreement(upgradeRequest),
                meter: meter.value, metrics: policy.metrics)
            connection.serve(makeSession(connection))
            try channel.pipeline.syncOperations.addHandler(connection)
            return .webSocket(channel)
        }
    }
}
