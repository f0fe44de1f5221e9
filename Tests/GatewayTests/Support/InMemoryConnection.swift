import NIOCore
import NIOEmbedded
import Wire

@testable import Gateway
@testable import Transport

/// A connection without a socket: the simplest implementation of a transport.
final class InMemoryConnection: ClientConnection, SessionLink {
    let loop = EmbeddedEventLoop()
    private var session: (any ClientSession)?
    private var isReading = false
    private var isCloseSent = false
    /// The limits of waiting bytes that the session set, in order: the bound, and the value below which the connection
    /// is writable again.
    private(set) var waitingLimits: [[Int]] = []
    var waitingLimit: Int? { waitingLimits.last?.first }
    private var queued: [SessionSignal] = []
    private var delivered: [SessionSignal] = []
    /// The signals that the client sent while the session did not read.
    private var unread: [SessionSignal] = []

    // MARK: - ClientConnection

    var eventLoop: any EventLoop { loop }
    var acceptsDeflate: Bool { false }
    let isCompact: Bool

    init(isCompact: Bool = false) { self.isCompact = isCompact }

    var waitingBytes: Int { queued.reduce(0) { $0 + ($1.text?.utf8.count ?? 0) } }

    func setReading(_ isOn: Bool) {
        isReading = isOn
        while isReading, !unread.isEmpty { handle(unread.removeFirst()) }
    }

    func size(of message: OutboundMessage) -> Int { ((isCompact ? message.compact : nil) ?? message.plain).size }

    func send(_ message: OutboundMessage) { queued.append(.text(String(buffer: message.payload))) }

    func send(_ bytes: [UInt8], isText: Bool) { queued.append(.text(String(decoding: bytes, as: UTF8.self))) }

    func flush() {
        if isConnected { delivered += queued }
        queued = []
    }

    func ping() {
        queued.append(.ping)
        flush()
    }

    func limitWaiting(high: Int, low: Int) { waitingLimits.append([high, low]) }

    func close(_ code: CloseCode, reason: String) { sendClose(code.rawValue) }

    private func sendClose(_ code: UInt16?) {
        guard !isCloseSent else { return }
        isCloseSent = true
        queued.append(.close(code))
        flush()
        setReading(true)
    }

    func closeNow() { disconnect() }
    func abort() { disconnect() }

    // MARK: - The client's end

    var connection: any ClientConnection { self }
    var isConnected: Bool { session != nil }

    func open(_ session: any ClientSession) throws {
        self.session = session
        session.connectionOpened()
    }

    func receive(_ signal: SessionSignal) throws {
        session?.heard()
        if isReading { handle(signal) } else { unread.append(signal) }
    }

    private func handle(_ signal: SessionSignal) {
        guard let session else { return }
        switch signal {
        case .text(let text): session.received(Array(text.utf8), isText: true)
        case .ping:
            guard session.receivedControl() else { return }
            queued.append(.pong)
            flush()
        case .pong: _ = session.receivedControl()
        case .close(let code):
            if !isCloseSent {
                session.clientCloses()
                sendClose(code)
            }
            disconnect()
        }
    }

    func takeSent() throws -> [SessionSignal] {
        defer { delivered = [] }
        return delivered
    }

    func setWritable(_ isWritable: Bool) { session?.writabilityChanged(isWritable) }

    func stopServer() { session?.serverStops() }

    func shed() { session?.connectionShed() }

    func disconnect() {
        guard let session else { return }
        self.session = nil
        session.connectionEnded()
    }
}
