import NIOCore

/// What a client sent and its session has not taken yet: the rest of one request's body, and packets of a WebSocket.
///
/// The body is bounded by the largest payload, and there is never a second one. What comes over a WebSocket is bounded
/// by ``EngineCredit``.
struct EngineInbox {
    /// The next thing to handle.
    enum Item {
        /// A packet; `socket` is the WebSocket that it came over, if one did, and has room for further ones now.
        case packet(EnginePacket, socket: EngineWebSocket?)
        /// All packets of the request were handled.
        case done(EngineExchange)
        /// The WebSocket's close frame came after all of that.
        case closed
    }

    private enum Arrival {
        case packet(EnginePacket, EngineWebSocket)
        case close
    }

    private var body: EnginePayload?
    private var request: EngineExchange?
    /// What came over the WebSocket.
    private var arrivals = CircularBuffer<Arrival>(initialCapacity: 0)
    /// Whether the WebSocket's close frame has come; nothing comes after it.
    private(set) var isClosed = false

    /// Adds a request.
    mutating func add(_ body: EnginePayload, of request: EngineExchange) {
        self.body = body
        self.request = request
    }

    /// Adds a packet of a WebSocket.
    mutating func add(_ packet: EnginePacket, from socket: EngineWebSocket) {
        arrivals.append(.packet(packet, socket))
    }

    /// Adds the close frame of a WebSocket.
    mutating func addClose() {
        arrivals.append(.close)
        isClosed = true
    }

    /// Whether a request has no answer yet, so that the client can't send another one.
    var hasRequest: Bool { request != nil }

    /// Whether this request has no answer yet.
    func isWaiting(_ other: EngineExchange) -> Bool { request === other }

    /// Takes the next thing; `nil` when there is nothing.
    ///
    /// - Throws: ``EngineViolation`` when the request's next packet can't be read.
    mutating func next() throws(EngineViolation) -> Item? {
        if let packet = try body?.next() { return .packet(packet, socket: nil) }
        body = nil
        if let request = takeRequest() { return .done(request) }
        guard let arrival = arrivals.popFirst() else { return nil }
        if arrivals.isEmpty { arrivals = CircularBuffer(initialCapacity: 0) }
        switch arrival {
        case .packet(let packet, let socket): return .packet(packet, socket: socket)
        case .close: return .closed
        }
    }

    /// Drops everything.
    ///
    /// - Returns: The request that has no answer yet, if there is one.
    mutating func removeAll() -> EngineExchange? {
        defer { self = EngineInbox() }
        return request
    }

    /// Drops the rest of the request's body.
    ///
    /// - Returns: The request, for its answer.
    mutating func takeRequest() -> EngineExchange? {
        defer { (body, request) = (nil, nil) }
        return request
    }
}
