import ClientFrames
import NIOCore
import NIOEmbedded
import Testing

@testable import Gateway
@testable import Transport

/// A WebSocket in an embedded channel.
final class WebSocketLink: SessionLink {
    private let socket: EmbeddedWebSocket

    init(_ limits: SessionLimits, _ metrics: TransportMetrics, isCompact: Bool) {
        socket = EmbeddedWebSocket(on: EmbeddedEventLoop(), maxMessageBytes: limits.maxMessageBytes, metrics)
        if isCompact { socket.connection.useMessagePack() }
    }

    var channel: EmbeddedChannel { socket.channel }
    var loop: EmbeddedEventLoop { channel.embeddedEventLoop }
    var waitingLimit: Int? {
        channel.options.compactMap { $0.value as? ChannelOptions.Types.WriteBufferWaterMark }.last?.high
    }
    var connection: any ClientConnection { socket.connection }
    var isConnected: Bool { channel.isActive }

    func open(_ session: any ClientSession) throws { try socket.open(session) }
    func receive(_ signal: SessionSignal) throws { try socket.receive(signal) }
    func takeSent() throws -> [SessionSignal] { try socket.takeSent() }
    func setWritable(_ isWritable: Bool) { socket.setWritable(isWritable) }
    func shed() { socket.shed() }
    func disconnect() { socket.disconnect() }
}

/// A WebSocket in an embedded channel, with the client's end of it.
final class EmbeddedWebSocket {
    let channel: EmbeddedChannel
    let connection: WebSocketConnection
    private let meter: SendMeter
    private var received = ByteBuffer()

    init(on loop: EmbeddedEventLoop, maxMessageBytes: Int, _ metrics: TransportMetrics) {
        channel = EmbeddedChannel(loop: loop)
        meter = SendMeter(
            memory: SendMemory(limit: 1 << 20, metrics: metrics, logger: .silent), isEncrypted: false)
        connection = WebSocketConnection(
            eventLoop: loop, options: .init(maxMessageBytes: maxMessageBytes), meter: meter, metrics: metrics)
    }

    deinit { _ = try? channel.finish() }

    func open(_ session: any ClientSession) throws {
        connection.serve(session)
        try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
        try channel.pipeline.syncOperations.addHandler(meter)
        try channel.pipeline.syncOperations.addHandler(connection)
    }

    /// Sends something as the client.
    func receive(_ signal: SessionSignal) throws {
        switch signal {
        case .text(let text): try receive(ClientFrame.make(1, Array(text.utf8)))
        case .ping: try receive(ClientFrame.make(9, []))
        case .pong: try receive(ClientFrame.make(10, []))
        case .close(let code): try receive(ClientFrame.make(8, code.map { [UInt8($0 >> 8), UInt8($0 & 255)] } ?? []))
        }
    }

    private func receive(_ bytes: [UInt8]) throws { try channel.writeInbound(ByteBuffer(bytes: bytes)) }

    /// What the client was sent since the last call.
    func takeSent() throws -> [SessionSignal] {
        while var part = try channel.readOutbound(as: ByteBuffer.self) { received.writeBuffer(&part) }
        var signals: [SessionSignal] = []
        while let (first, content) = nextFrame() {
            var content = content
            switch first {
            case 0x81: signals.append(.text(String(buffer: content)))
            case 0x88: signals.append(.close(content.readInteger()))
            case 0x89: signals.append(.ping)
            case 0x8A: signals.append(.pong)
            default: Issue.record("a frame that begins with \(first)")
            }
        }
        return signals
    }

    private func nextFrame() -> (first: UInt8, content: ByteBuffer)? {
        guard let first: UInt8 = received.readInteger(), let second: UInt8 = received.readInteger() else { return nil }
        let length: Int? =
            switch second {
            case 126: received.readInteger(as: UInt16.self).map { Int($0) }
            case 127: received.readInteger(as: Int.self)
            default: Int(second)
            }
        guard let length, let content = received.readSlice(length: length) else {
            Issue.record("a frame is cut off")
            return nil
        }
        return (first, content)
    }

    func setWritable(_ isWritable: Bool) {
        channel.isWritable = isWritable
        channel.pipeline.fireChannelWritabilityChanged()
    }

    func shed() { meter.shed(channel) }

    // `finish()` would also drop scheduled tasks, such as the next try of a leave.
    func disconnect() { channel.close(promise: nil) }
}
