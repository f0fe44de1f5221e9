import ClientFrames
import NIOCore
import NIOEmbedded
import Testing

@testable import Gateway
@testable import Transport

/// A signal between a client and a server, independent of the transport's form.
enum SessionSignal: Equatable {
    case text(String)
    case ping
    case pong
    case close(UInt16?)

    var text: String? { if case .text(let text) = self { text } else { nil } }
}

/// The connections over which the rules of sessions are tested.
enum TestTransport: String, CaseIterable, CustomTestStringConvertible {
    case webSocket, inMemory

    var testDescription: String { rawValue }

    func makeLink(
        _ limits: SessionLimits, _ metrics: TransportMetrics, isCompact: Bool
    ) throws -> any SessionLink {
        switch self {
        case .webSocket: WebSocketLink(limits, metrics, isCompact: isCompact)
        case .inMemory: InMemoryConnection(isCompact: isCompact)
        }
    }
}

/// Both ends of a connection, on one thread.
protocol SessionLink: AnyObject {
    /// The connection's event loop, whose clock the test advances.
    var loop: EmbeddedEventLoop { get }
    var connection: any ClientConnection { get }
    var isConnected: Bool { get }

    /// Opens the connection with its session.
    func open(_ session: any ClientSession) throws

    /// Sends something as the client.
    func receive(_ signal: SessionSignal) throws

    /// What the client was sent since the last call.
    func takeSent() throws -> [SessionSignal]

    func setWritable(_ isWritable: Bool)

    /// The most bytes that may wait before the connection counts as unwritable; `nil` before the session set a limit.
    var waitingLimit: Int? { get }

    /// Asks for the connection's end to keep to the process's bound of bytes that wait.
    func shed()

    /// Ends the connection as if the client had vanished.
    func disconnect()
}

/// A WebSocket in an embedded channel.
final class WebSocketLink: SessionLink {
    let channel = EmbeddedChannel()
    private let webSocket: WebSocketConnection
    private let meter: SendMeter

    init(_ limits: SessionLimits, _ metrics: TransportMetrics, isCompact: Bool) {
        meter = SendMeter(
            memory: SendMemory(limit: 1 << 20, metrics: metrics, logger: .silent), isEncrypted: false)
        webSocket = WebSocketConnection(
            eventLoop: channel.embeddedEventLoop, options: .init(maxMessageBytes: limits.maxMessageBytes), meter: meter,
            metrics: metrics)
        if isCompact { webSocket.useMessagePack() }
    }

    deinit { _ = try? channel.finish() }

    var loop: EmbeddedEventLoop { channel.embeddedEventLoop }
    var waitingLimit: Int? {
        channel.options.compactMap { $0.value as? ChannelOptions.Types.WriteBufferWaterMark }.last?.high
    }
    var connection: any ClientConnection { webSocket }
    var isConnected: Bool { channel.isActive }

    func open(_ session: any ClientSession) throws {
        webSocket.serve(session)
        try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
        try channel.pipeline.syncOperations.addHandler(meter)
        try channel.pipeline.syncOperations.addHandler(webSocket)
    }

    func receive(_ signal: SessionSignal) throws {
        switch signal {
        case .text(let text): try receive(ClientFrame.make(1, Array(text.utf8)))
        case .ping: try receive(ClientFrame.make(9, []))
        case .pong: try receive(ClientFrame.make(10, []))
        case .close(let code): try receive(ClientFrame.make(8, code.map { [UInt8($0 >> 8), UInt8($0 & 255)] } ?? []))
        }
    }

    private func receive(_ bytes: [UInt8]) throws { try channel.writeInbound(ByteBuffer(bytes: bytes)) }

    func takeSent() throws -> [SessionSignal] {
        var signals: [SessionSignal] = []
        while var frame = try channel.readOutbound(as: ByteBuffer.self) {
            guard let first: UInt8 = frame.readInteger(), let second: UInt8 = frame.readInteger() else { continue }
            if second == 126 { frame.moveReaderIndex(forwardBy: 2) }
            if second == 127 { frame.moveReaderIndex(forwardBy: 8) }
            switch first {
            case 0x81: signals.append(.text(String(buffer: frame)))
            case 0x88: signals.append(.close(frame.readInteger()))
            case 0x89: signals.append(.ping)
            case 0x8A: signals.append(.pong)
            default: Issue.record("a frame that begins with \(first)")
            }
        }
        return signals
    }

    func setWritable(_ isWritable: Bool) {
        channel.isWritable = isWritable
        channel.pipeline.fireChannelWritabilityChanged()
    }

    func shed() { meter.shed(channel) }

    // `finish()` would also drop scheduled tasks, such as the next try of a leave.
    func disconnect() { channel.close(promise: nil) }
}
