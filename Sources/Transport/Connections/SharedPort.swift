package import NIOCore
package import NIOHTTP1
import NIOSSL

/// Sets up the connections of a port that serves HTTP/1.1 and WebSockets, with and without TLS.
///
/// The first request of a connection decides: a WebSocket handshake that ``decide`` accepts becomes a session,
/// everything else is HTTP.
package struct SharedPort: Sendable {
    /// How long a connection may take.
    package struct Times: Sendable {
        /// For a request to arrive; the first from the accept on.
        package var request: TimeAmount
        /// For a client to read what it is sent.
        package var drain: TimeAmount

        /// Makes times.
        ///
        /// - Parameters:
        ///   - request: For a request to arrive.
        ///   - drain: For a client to read what it is sent.
        package init(request: TimeAmount, drain: TimeAmount) {
            self.request = request
            self.drain = drain
        }
    }

    /// What a connection has become.
    package enum Negotiated<HTTP: Sendable>: Sendable {
        /// One that serves requests.
        case http(HTTP)
        /// One that a session lives on.
        case webSocket(any Channel)
    }

    /// Decides about a handshake of a peer, on the event loop and without waiting.
    package var decide: @Sendable (HTTPRequestHead, SocketAddress?) -> HandshakeDecision

    private let times: @Sendable () -> Times
    private let connections: ConnectionLimit
    private let isProxy: @Sendable (SocketAddress?) -> Bool
    private let client: @Sendable (SocketAddress?, HTTPRequestHead?) -> String
    private let options: @Sendable () -> WebSocketConnection.Options
    private let sendMemory: SendMemory
    private let metrics: TransportMetrics
    private let pausedTime: @Sendable () -> TimeAmount
    private let tls: TLSContext?
    private let compresses: Bool

    /// Makes a port; the first four and the options are asked for each connection.
    ///
    /// - Parameters:
    ///   - times: How long connections may take.
    ///   - connections: How many connections a client may have.
    ///   - isProxy: Whether a peer is a trusted proxy: then its requests count, each for its own client, not its
    ///     connections.
    ///   - client: Under which name a peer's connection is counted, or one request of it that a proxy may have
    ///     forwarded.
    ///   - options: What clients of WebSockets may send.
    ///   - sendMemory: Counts what waits for clients.
    ///   - metrics: Counts what is sent.
    ///   - pausedTime: How long the server's pauses were so far.
    ///   - tls: What connections are encrypted with; `nil` leaves them plain.
    ///   - compresses: Whether compression is agreed to when a client offers it.
    ///   - decide: Decides about a handshake of a peer, on the event loop and without waiting.
    package init(
        times: @escaping @Sendable () -> Times, connections: ConnectionLimit,
        isProxy: @escaping @Sendable (SocketAddress?) -> Bool,
        client: @escaping @Sendable (SocketAddress?, HTTPRequestHead?) -> String,
        options: @escaping @Sendable () -> WebSocketConnection.Options, sendMemory: SendMemory,
        metrics: TransportMetrics, pausedTime: @escaping @Sendable () -> TimeAmount, tls: TLSContext?,
        compresses: Bool, decide: @escaping @Sendable (HTTPRequestHead, SocketAddress?) -> HandshakeDecision
    ) {
        self.times = times
        self.connections = connections
        self.isProxy = isProxy
        self.client = client
        self.options = options
        self.sendMemory = sendMemory
        self.metrics = metrics
        self.pausedTime = pausedTime
        self.tls = tls
        self.compresses = compresses
        self.decide = decide
    }

    /// Sets up a new connection; on its event loop.
    ///
    /// - Parameters:
    ///   - channel: The connection.
    ///   - configureHTTP: Completes the pipeline of one that serves requests.
    /// - Returns: What the connection becomes with its first request.
    /// - Throws: ``ChannelError`` for a connection that is gone already.
    package func setUp<HTTP: Sendable>(
        _ channel: any Channel, configureHTTP: @escaping @Sendable (any Channel) -> EventLoopFuture<HTTP>
    ) throws -> EventLoopFuture<Negotiated<HTTP>> {
        let times = times()
        setOptions(channel, times)
        let meter = SendMeter(memory: sendMemory, isEncrypted: tls != nil)
        try channel.pipeline.syncOperations.addHandler(meter)
        let peer = channel.remoteAddress
        let requests = isProxy(peer) ? ForwardedRequests(connections) : nil
        let admitted = NIOLoopBoundBox<SessionMaker?>(nil, eventLoop: channel.eventLoop)
        let (client, decide) = (client, decide)
        let gate = HandshakeGate(
            timeout: times.request, drainTimeout: times.drain, pausedTime: pausedTime, requests: requests,
            client: { client(peer, $0) }, decide: { decide($0, peer) }, accepted: { admitted.value = $0 })
        let encoder = HTTPResponseEncoder()
        let decoder = ByteToMessageHandler(HTTPRequestDecoder(leftOverBytesStrategy: .forwardBytes))
        let upgrade = NIOTypedHTTPServerUpgradeHandler<Negotiated<HTTP>>(
            httpEncoder: encoder,
            extraHTTPHandlers: [decoder, gate],
            upgradeConfiguration: .init(
                upgraders: [upgrader(admitted, meter)],
                notUpgradingCompletionHandler: { configureHTTP($0).map(Negotiated.http) }))
        if let tls {
            try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: tls.current))
        }
        try channel.pipeline.syncOperations.addHandlers([encoder, decoder, gate, upgrade])
        count(channel, requests)
        return upgrade.upgradeResultFuture
    }

    private func setOptions(_ channel: any Channel, _ times: Times) {
        guard let options = channel.syncOptions else { return }
        // Deltas are small and must not wait for acknowledgements (40 ms are lost otherwise).
        // It fails on a connection that is gone already, which shows at its first read.
        try? options.setOption(.tcpOption(.tcp_nodelay), value: 1)
        KernelTimeouts.set(options, unsent: times.drain)
        KernelSendBuffer.limit(options)
    }

    /// The gate lets no upgrade pass that was not admitted.
    private func upgrader<HTTP: Sendable>(
        _ admitted: NIOLoopBoundBox<SessionMaker?>, _ meter: SendMeter
    ) -> WebSocketUpgrader<Negotiated<HTTP>> {
        let (options, metrics) = (options, metrics)
        let meter = NIOLoopBound(meter, eventLoop: admitted.eventLoop)
        return WebSocketUpgrader(
            compression: compresses ? .shared : nil, makeSession: { _ in admitted.value },
            makeConnection: { eventLoop, deflate in
                WebSocketConnection(
                    eventLoop: eventLoop, options: options(), deflate: deflate, meter: meter.value, metrics: metrics)
            },
            upgraded: Negotiated.webSocket)
    }

    /// Counts a connection for its client until its end; one too many is closed.
    private func count(_ channel: any Channel, _ requests: ForwardedRequests?) {
        let (connections, name) = (connections, client(channel.remoteAddress, nil))
        if let requests {
            let bound = NIOLoopBound(requests, eventLoop: channel.eventLoop)
            channel.closeFuture.whenComplete { _ in bound.value.closeAll() }
        } else if connections.open(name) {
            channel.closeFuture.whenComplete { _ in connections.close(name) }
        } else {
            channel.close(promise: nil)
        }
    }
}
