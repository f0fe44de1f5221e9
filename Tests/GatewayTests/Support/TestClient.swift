import ClientFrames
import JSONValues
import NIOCore
import NIOPosix
import Testing

@testable import Gateway

/// A client over a real socket that sends any bytes and reads HTTP answers and WebSocket frames strictly.
final class TestClient {
    private let channel: any Channel
    private var iterator: AsyncThrowingStream<ByteBuffer, any Error>.Iterator
    private var buffer = ByteBuffer()

    init(port: Int) async throws {
        let stream = AsyncThrowingStream.makeStream(of: ByteBuffer.self)
        channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelOption(.allowRemoteHalfClosure, value: true)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Reader(stream.continuation))
                }
            }
            .connect(host: "127.0.0.1", port: port).get()
        iterator = stream.stream.makeAsyncIterator()
    }

    deinit { channel.close(promise: nil) }

    /// Closes the socket without a close frame, as the end of a killed program does.
    func close() async throws { try await channel.close().get() }

    func send(_ bytes: some Collection<UInt8>) async throws {
        try await channel.writeAndFlush(ByteBuffer(bytes: bytes))
    }

    /// Stops or starts reading; a client that does not read is a slow client.
    func setReading(_ isOn: Bool) async throws { try await channel.setOption(.autoRead, value: isOn).get() }

    // MARK: - Bytes

    /// Waits for more bytes; `false` at the end of the connection.
    private func more() async throws -> Bool {
        do {
            guard let next = try await iterator.next() else { return false }
            buffer.discardReadBytes()
            buffer.writeImmutableBuffer(next)
            return true
        } catch is IOError {
            return false  // reset by the server, which also ends the connection
        }
    }

    private func read(_ count: Int) async throws -> [UInt8]? {
        while buffer.readableBytes < count { if try await !more() { return nil } }
        return buffer.readBytes(length: count)
    }

    /// Everything up to the end of the connection.
    func readToEnd() async throws -> String {
        while try await more() {}
        return String(decoding: buffer.readableBytesView, as: UTF8.self)
    }

    /// Everything up to the end of a text; at the end of the connection, what came until then.
    func read(until text: String) async throws -> String {
        let wanted = Array(text.utf8)
        var searched = 0
        while true {
            let view = buffer.readableBytesView
            while searched + wanted.count <= view.count {
                let place = view.startIndex + searched
                if view[place] == wanted.first, view[place...].starts(with: wanted) {
                    return buffer.readString(length: searched + wanted.count) ?? ""
                }
                searched += 1
            }
            if try await !more() { return String(decoding: buffer.readableBytesView, as: UTF8.self) }
        }
    }

    // MARK: - HTTP

    struct Reply: Sendable {
        var status: Int
        var headers: [String: String]
        var body: [UInt8]

        var text: String { String(decoding: body, as: UTF8.self) }
        var json: JSONObject { (try? JSON(parsing: body))?.object ?? [:] }
    }

    func reply(hasBody: Bool = true) async throws -> Reply? {
        let end = Array("\r\n\r\n".utf8)
        while true {
            let view = Array(buffer.readableBytesView)
            if view.count >= 4, let index = (0...(view.count - 4)).first(where: { view[$0...].starts(with: end) }) {
                _ = buffer.readBytes(length: index + 4)
                let lines = String(decoding: view[..<index], as: UTF8.self).split(separator: "\r\n")
                var headers: [String: String] = [:]
                for line in lines.dropFirst() {
                    let parts = line.split(separator: ":", maxSplits: 1)
                    headers[parts[0].lowercased()] = String(parts[1].drop { $0 == " " })
                }
                let status = Int(lines[0].split(separator: " ")[1]) ?? 0
                let length = hasBody ? headers["content-length"].flatMap { Int($0) } ?? 0 : 0
                return Reply(status: status, headers: headers, body: try await read(length) ?? [])
            }
            if try await !more() { return nil }
        }
    }

    func request(
        _ method: String, _ path: String, headers: [String: String] = [:], body: String? = nil,
        host: String = "localhost"
    ) async throws -> Reply {
        var text = "\(method) \(path) HTTP/1.1\r\nHost: \(host)\r\n"
        for (name, value) in headers { text += "\(name): \(value)\r\n" }
        if let body { text += "Content-Length: \(body.utf8.count)\r\n\r\n\(body)" } else { text += "\r\n" }
        try await send(text.utf8)
        return try #require(try await reply(hasBody: method != "HEAD"))
    }

    // MARK: - WebSocket

    enum Frame: Equatable {
        case text(String)
        case ping([UInt8])
        case pong([UInt8])
        case close(UInt16?, String)
        case end
    }

    /// The handshake; returns the answer's status.
    func handshake(_ query: String, headers: [String: String] = [:], path: String = "/") async throws -> Reply {
        var headers = headers
        headers["Upgrade"] = headers["Upgrade"] ?? "websocket"
        headers["Connection"] = headers["Connection"] ?? "Upgrade"
        headers["Sec-WebSocket-Version"] = headers["Sec-WebSocket-Version"] ?? "13"
        headers["Sec-WebSocket-Key"] = headers["Sec-WebSocket-Key"] ?? "dGhlIHNhbXBsZSBub25jZQ=="
        return try await request("GET", path + (query.isEmpty ? "" : "?" + query), headers: headers)
    }

    func send(text: String) async throws { try await send(ClientFrame.make(1, Array(text.utf8))) }

    func frame() async throws -> Frame {
        guard let head = try await read(2) else { return .end }
        #expect(head[0] & 0x70 == 0 && head[1] & 0x80 == 0, "server frames have no reserved bits and no mask")
        var length = Int(head[1])
        if length == 126 { length = (try await read(2) ?? []).reduce(0) { $0 << 8 | Int($1) } }
        if length == 127 { length = (try await read(8) ?? []).reduce(0) { $0 << 8 | Int($1) } }
        guard let payload = try await read(length) else { return .end }
        switch head[0] & 0x0F {
        case 1: return .text(String(decoding: payload, as: UTF8.self))
        case 8:
            guard payload.count >= 2 else { return .close(nil, "") }
            return .close(UInt16(payload[0]) << 8 | UInt16(payload[1]), String(decoding: payload[2...], as: UTF8.self))
        case 9: return .ping(payload)
        case 10: return .pong(payload)
        default: return .end
        }
    }

    /// The next text message as an object, whatever pings come before it.
    func message() async throws -> JSONObject {
        while true {
            switch try await frame() {
            case .text(let text): return try JSON(parsing: text).object ?? [:]
            case .ping: continue
            default: return [:]
            }
        }
    }

    /// Reads up to the close frame and returns its code; `nil` when the connection ends without one.
    func closeCode() async throws -> UInt16? {
        while true {
            switch try await frame() {
            case .close(let code, _): return code
            case .end: return nil
            default: break
            }
        }
    }
}

private final class Reader: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    private let continuation: AsyncThrowingStream<ByteBuffer, any Error>.Continuation

    init(_ continuation: AsyncThrowingStream<ByteBuffer, any Error>.Continuation) { self.continuation = continuation }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) { continuation.yield(Self.unwrapInboundIn(data)) }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event as? ChannelEvent == .inputClosed { continuation.finish() }
    }

    func channelInactive(context: ChannelHandlerContext) { continuation.finish() }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { continuation.finish(throwing: error) }
}
