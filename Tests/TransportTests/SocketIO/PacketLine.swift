import NIOCore
import NIOEmbedded
import Wire

@testable import Transport

/// A connection without a socket, with the client's end of it. Its texts are packets of Socket.IO, without the digit of
/// the Engine.IO message.
final class PacketLine: PacketConnection {
    enum Message: Equatable, ExpressibleByStringLiteral {
        case text(String)
        case binary([UInt8])

        init(stringLiteral text: String) { self = .text(text) }
    }

    let loop = EmbeddedEventLoop()
    private var session: (any ClientSession)?
    private var queued: [Message] = []
    private var delivered: [Message] = []
    /// What the client sent while the session did not read.
    private var unread: [Message] = []
    private(set) var isReading = false
    private(set) var waitingLimits: [[Int]] = []
    private(set) var pings = 0
    /// How many packets that are made for many were sent.
    private(set) var sharedPackets = 0
    private(set) var closeCode: CloseCode?
    private(set) var closeReason: String?
    private(set) var isAborted = false
    /// Whether the client answers a close at once.
    var answersClose = true

    // MARK: - The server's end

    var eventLoop: any EventLoop { loop }
    var acceptsDeflate: Bool { false }
    var waitingBytes: Int { queued.count }

    func setReading(_ isOn: Bool) {
        isReading = isOn
        while isReading, !unread.isEmpty { handle(unread.removeFirst()) }
    }

    func size(of message: OutboundMessage) -> Int { message.size }
    func send(_ message: OutboundMessage) { queued.append(.text(String(buffer: message.payload))) }

    func send(packet: OutboundMessage) {
        sharedPackets += 1
        let text = String(buffer: packet.payload)
        precondition(text.first == "4", "\(text) is no Engine.IO message")
        queued.append(.text(String(text.dropFirst())))
    }

    func send(run: PacketRun) { for packet in run.packets { send(packet: packet) } }

    func send(_ bytes: [UInt8], isText: Bool) {
        queued.append(isText ? .text(String(decoding: bytes, as: UTF8.self)) : .binary(bytes))
    }

    func flush() {
        if closeCode == nil { delivered += queued }
        queued = []
    }

    func ping() { pings += 1 }
    func limitWaiting(high: Int, low: Int) { waitingLimits.append([high, low]) }

    func close(_ code: CloseCode, reason: String) {
        guard closeCode == nil else { return }
        flush()
        closeCode = code
        closeReason = reason
        if answersClose { disconnect() }
    }

    func closeNow() { disconnect() }

    func abort() {
        isAborted = true
        disconnect()
    }

    // MARK: - The client's end

    var isConnected: Bool { session != nil }

    func open(_ session: any ClientSession) {
        self.session = session
        session.connectionOpened()
    }

    /// Sends messages as the client.
    func receive(_ messages: Message...) {
        for message in messages {
            session?.heard()
            if isReading { handle(message) } else { unread.append(message) }
        }
    }

    private func handle(_ message: Message) {
        switch message {
        case .text(let text): session?.received(Array(text.utf8), isText: true)
        case .binary(let bytes): session?.received(bytes, isText: false)
        }
    }

    /// What the client was sent since the last call.
    func takeSent() -> [Message] {
        defer { delivered = [] }
        return delivered
    }

    /// Ends the connection, as if the client had vanished.
    func disconnect() {
        guard let session else { return }
        self.session = nil
        session.connectionEnded()
    }

    /// Ends the connection with a failure.
    func fail(_ error: any Error) {
        session?.connectionFailed(error)
        disconnect()
    }
}
