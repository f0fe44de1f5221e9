package import NIOCore
package import NIOHTTP1
import NIOSSL

/// Sets up the connections of a port that serves HTTP/1.1 and WebSockets, with or without TLS.
///
/// The first request of a connection decides: a WebSocket handshake that ``decide`` accepts becomes a session,
/// everything else is HTTP. Handshakes and requests at the paths of ``engines`` are theirs.
package struct SharedPort: Sendable {
    /// The time limits of a connection.
    package struct Times: Sendable {
        /// The time for a request to arrive; for the first request it starts with the accept.
        package var request: TimeAmount
        /// The time for a client to read on when its connection is unwritable.
        package var drain: TimeAmount
        /// The time for which a connection may stay open without a request; it counts only for ports with ``engines``,
        /// see ``SharedPort/limitsIdling``.
        package var idle: TimeAmount?

        /// Makes time limits.
        ///
        /// - Parameters:
        ///   - request: The time for a request to arrive.
        ///   - drain: The time for a client to read on when its connection is unwritable.
        ///   - idle: The time for which a connection may stay open without a request; `nil` for no limit.
        package init(request: TimeAmount, drain: TimeAmount, idle: TimeAmount? = nil) {
            self.request = request
            self.drain = drain
            self.idle = idle
        }
    }

    /// The kind of a connection after its first request.
    package enum Negotiated<HTTP: Sendable>: Sendable {
        /// A connection that serves HTTP requests.
        case http(HTTP)
        /// A WebSocket with a session.
        case webSocket(any Channel)
    }

    /// Decides about a handshake of a peer, on the event loop and without waiting.
    package var decide: @Sendable (HTTPRequestHead, SocketAddress?) -> HandshakeDecision
    /// The Engine.IO servers of the port, each with its path: they get the requests of their paths, and ``decide`` and
    /// the HTTP handlers get all others.
    package var engines: [EngineServer] = []

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

    /// Makes a port; it calls `times`, `isProxy`, `client` and `options` for each connection.
    ///
    /// - Parameters:
    ///   - times: Returns the time limits of a connection.
    ///   - connections: Limits the connections of each client.
    ///   - isProxy: Whether a peer is a trusted proxy. Each request of a proxy is then counted for its own client, and
    ///     the connection is not counted.
    ///   - client: Returns the key under which a connection is counted (without a head), or one request that a proxy
    ///     may have forwarded (with its head).
    ///   - options: Returns the limits of what WebSocket clients may send.
    ///   - sendMemory: Counts the bytes that wait for clients.
    ///   - metrics: Counts sent messages and bytes.
    ///   - pausedTime: Returns the total time of the server's pauses.
    ///   - tls: The certificate to encrypt connections with; `nil` leaves them unencrypted.
    ///   - compresses: Whether the server accepts compression when a client offers it.
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

    /// Whether the port itself closes connections that are idle for too long. With ``engines`` it must: other handlers
    /// don't see the requests of polling clients.
    package var limitsIdling: Bool { !engines.isEmpty }

    /// The most that the head of a request may have: several times what browsers send with large cookies.
    static let headLimits = {
        var limits = NIOHTTPDecoderLimitConfiguration()
        limits.maxHeaderFieldSize = 16 * 1024
        limits.maxHeaderListSize = 32 * 1024
        return limits
    }()

    /// How many bytes a connection reads at once before it is a WebSocket.
    static let readBytes = 256

    /// Sets up a new connection; call it on the connection's event loop.
    ///
    /// - Parameters:
    ///   - channel: The connection.
    ///   - configureHTTP: Completes the pipeline of a connection that serves HTTP requests.
    /// - Returns: The kind of the connection, once its first request has arrived.
    /// - Throws: ``ChannelError`` for a connection that is closed already.
    package func setUp<HTTP: Sendable>(
        _ channel: any Channel, configureHTTP: @escaping @Sendable (any Channel) -> EventLoopFuture<HTTP>
    ) throws -> EventLoopFuture<Negotiated<HTTP>> {
        let times = times()
        setOptions(channel, times)
        let meter = SendMeter(memory: sendMemory, isEncrypted: tls != nil)
        try channel.pipeline.syncOperations.addHandler(meter)
        let peer = channel.remoteAddress
        let requests = isProxy(peer) ? ForwardedRequests(connections) : nil
        let admitted = NIOLoopBoundBox<WebSocketTerms?>(nil, eventLoop: channel.eventLoop)
        let (client, decide, engines) = (client, decide, engines)
        let gate = HandshakeGate(
            timeout: times.request, drainTimeout: times.drain, pausedTime: pausedTime, requests: requests,
            client: { client(peer, $0) },
            decide: { head in
                for engine in engines { if let decision = engine.decide(head, from: peer) { return decision } }
                return decide(head, peer)
            }, accepted: { admitted.value = $0 })
        let encoder = HTTPResponseEncoder()
        let decoder = ByteToMessageHandler(
            HTTPRequestDecoder(leftOverBytesStrategy: .forwardBytes, limitConfiguration: Self.headLimits))
        let upgrade = NIOTypedHTTPServerUpgradeHandler<Negotiated<HTTP>>(
            httpEncoder: encoder,
            extraHTTPHandlers: [decoder, gate],
            upgradeConfiguration: .init(
                upgraders: [upgrader(admitted, meter)],
                notUpgradingCompletionHandler: { channel in
                    addEngines(to: channel, idle: times.idle).flatMap { configureHTTP(channel).map(Negotiated.http) }
                }))
        if let tls {
            try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: tls.current))
        }
        try channel.pipeline.syncOperations.addHandlers([encoder, decoder, gate, upgrade])
        count(channel, requests)
        return upgrade.upgradeResultFuture
    }

    /// Lets the Engine.IO servers answer the requests of their paths on an HTTP connection.
    private func addEngines(to channel: any Channel, idle: TimeAmount?) -> EventLoopFuture<Void> {
        channel.eventLoop.makeCompletedFuture {
            guard !engines.isEmpty else { return }
            try channel.pipeline.syncOperations.addHandlers([
                HTTPServerPipelineHandler(), PipelinedRequests(),
                EnginePollingHandler(servers: engines, idleTime: idle, pausedTime: pausedTime),
            ])
        }
    }

    private func setOptions(_ channel: any Channel, _ times: Times) {
        guard let options = channel.syncOptions else { return }
        // Deltas are small and must not wait for acknowledgements: without TCP_NODELAY they arrive up to 40 ms later.
        // Setting an option fails when the connection is closed already; the first read reports that.
        try? options.setOption(.tcpOption(.tcp_nodelay), value: 1)
        // A connection keeps the first buffer into which it reads, and what browsers send with a handshake would make a
        // large one of it. Few requests are so long that several reads matter; a WebSocket has buffers that grow.
        try? options.setOption(.recvAllocator, value: FixedSizeRecvByteBufferAllocator(capacity: Self.readBytes))
        KernelTimeouts.set(options, unsent: times.drain)
        KernelSendBuffer.limit(options)
    }

    /// Makes the upgrader. `admitted` has terms here, because the gate passes on only handshakes that were accepted.
    private func upgrader<HTTP: Sendable>(
        _ admitted: NIOLoopBoundBox<WebSocketTerms?>, _ meter: SendMeter
    ) -> WebSocketUpgrader<Negotiated<HTTP>> {
        let (options, metrics) = (options, metrics)
        let meter = NIOLoopBound(meter, eventLoop: admitted.eventLoop)
        return WebSocketUpgrader(
            compression: compresses ? .shared : nil, terms: { _ in admitted.value },
            makeConnection: { eventLoop, deflate, limits in
                WebSocketConnection(
                    eventLoop: eventLoop, options: limits ?? options(), deflate: deflate, meter: meter.value,
                    metrics: metrics)
            },
            upgraded: Negotiated.webSocket)
    }

    /// Counts a connection for its client until the connection ends, and closes it when the client has too many.
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
