package import NIOCore
package import NIOEmbedded
package import NIOHTTP1

/// An HTTP connection in an embedded channel, as a client of Engine.IO's polling uses it. Requests that the server's
/// handlers pass on are answered with their target.
package final class EngineHTTP {
    package struct Answer: Equatable {
        package var status: HTTPResponseStatus
        package var headers: HTTPHeaders
        package var body: String
    }

    package let channel: EmbeddedChannel
    private let path: String
    private var partial: Answer?

    /// Opens a connection.
    ///
    /// - Parameters:
    ///   - loop: The connection's event loop.
    ///   - path: The path of ``get(_:_:)`` and ``post(_:_:)``.
    ///   - handlers: The server's handlers, in order.
    /// - Throws: `ChannelError`.
    package init(loop: EmbeddedEventLoop, path: String, handlers: [any ChannelHandler]) throws {
        self.path = path
        channel = EmbeddedChannel(loop: loop)
        try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
        for handler in handlers + [PathEcho()] { try channel.pipeline.syncOperations.addHandler(handler) }
    }

    package func head(_ method: HTTPMethod, _ uri: String, _ fields: HTTPHeaders = [:]) throws {
        var fields = fields
        if !fields.contains(name: "host") { fields.add(name: "host", value: "x") }
        try channel.writeInbound(
            HTTPServerRequestPart.head(HTTPRequestHead(version: .http1_1, method: method, uri: uri, headers: fields)))
    }

    package func body(_ text: String) throws {
        try channel.writeInbound(HTTPServerRequestPart.body(ByteBuffer(string: text)))
    }

    package func end() throws { try channel.writeInbound(HTTPServerRequestPart.end(nil)) }

    /// Sends a whole request.
    ///
    /// - Returns: The next answer that has arrived completely; `nil` for none.
    package func request(
        _ method: HTTPMethod, _ uri: String, _ fields: HTTPHeaders = [:], body text: String? = nil
    ) throws -> Answer? {
        try head(method, uri, fields)
        if let text { try body(text) }
        try end()
        return try answer()
    }

    package func get(_ query: String, _ fields: HTTPHeaders = [:]) throws -> Answer? {
        try request(.GET, "\(path)?\(query)", fields)
    }

    package func post(_ query: String, _ body: String) throws -> Answer? {
        try request(.POST, "\(path)?\(query)", ["content-length": "\(body.utf8.count)"], body: body)
    }

    /// The next answer that has arrived completely; `nil` for none.
    package func answer() throws -> Answer? {
        while let part = try channel.readOutbound(as: HTTPServerResponsePart.self) {
            switch part {
            case .head(let head): partial = Answer(status: head.status, headers: head.headers, body: "")
            case .body(.byteBuffer(let bytes)): partial?.body += String(buffer: bytes)
            case .body: break
            case .end:
                defer { partial = nil }
                return partial
            }
        }
        return nil
    }

    package func closeInput() { channel.pipeline.fireUserInboundEventTriggered(ChannelEvent.inputClosed) }

    /// The request of a WebSocket handshake.
    package static func webSocketHead(_ uri: String) -> HTTPRequestHead {
        let fields: HTTPHeaders = [
            "host": "x", "connection": "Upgrade", "upgrade": "websocket", "sec-websocket-version": "13",
            "sec-websocket-key": "AAAAAAAAAAAAAAAAAAAAAA==",
        ]
        return HTTPRequestHead(version: .http1_1, method: .GET, uri: uri, headers: fields)
    }

    /// The sid in an open packet; `nil` when the text does not begin with one.
    package static func sid(of packet: String) -> String? {
        packet.firstMatch(of: /^0{"sid":"([A-Za-z0-9_-]{22})",/)?.1.description
    }
}

/// Answers each request with its target, as the handlers of a game server do for their paths.
private final class PathEcho: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private var path = ""

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch Self.unwrapInboundIn(data) {
        case .head(let head): path = head.uri
        case .body: break
        case .end:
            context.write(
                Self.wrapOutboundOut(.head(HTTPResponseHead(version: .http1_1, status: .imATeapot))), promise: nil)
            context.write(Self.wrapOutboundOut(.body(.byteBuffer(ByteBuffer(string: path)))), promise: nil)
            context.writeAndFlush(Self.wrapOutboundOut(.end(nil)), promise: nil)
        }
    }
}
