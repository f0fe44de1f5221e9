import JSONValues
import NIOCore
import NIOEmbedded
import Testing
import Wire

@testable import Gateway
@testable import Transport
@testable import WebRTC

/// A WebRTC client whose messages reach the other end at once and never get lost: an ``RTCConnection`` with a peer that
/// has no sockets.
///
/// Channels have no close codes and no pings of the session: the code of a close is that of the last text, and what a
/// client sends by itself, such as the answer to a ping, is only heard.
final class WebRTCLink: SessionLink {
    let loop: EmbeddedEventLoop
    private let peer: MemoryPeer
    private let rtc: RTCConnection
    private let sessions: SessionBox
    private var isCloseTaken = false

    init(
        _ limits: SessionLimits, _ metrics: TransportMetrics, isCompact: Bool,
        pauses: @escaping @Sendable () -> TimeAmount
    ) {
        var surroundings = RTCConnection.Surroundings(
            sendMemory: SendMemory(limit: 1 << 20, metrics: metrics, logger: .silent), metrics: metrics)
        surroundings.maxMessageBytes = limits.maxMessageBytes
        surroundings.pausedTime = pauses
        let sessions = SessionBox()
        self.sessions = sessions
        peer = MemoryPeer()
        loop = peer.loop
        rtc = RTCConnection(peer, surroundings) { _ in sessions.made() }
        peer.handler = rtc
        // The session asks for the encoding before it is opened, and this channel chooses it.
        peer.open(.reliable, subprotocol: isCompact ? LaneRules.compactProtocol : "")
    }

    var connection: any ClientConnection { rtc }
    var isConnected: Bool { peer.handler != nil }
    var waitingLimit: Int? { rtc.limits.high }

    func open(_ session: any ClientSession) throws {
        sessions.session = session
        peer.open(.fast)
        #expect(sessions.session == nil, "both channels are open, so the connection has its session")
    }

    func receive(_ signal: SessionSignal) throws {
        peer.handler?.heard()
        switch signal {
        case .text(let text): peer.receive(text)
        case .ping, .pong: break
        case .close: peer.clientCloses(.reliable)
        }
    }

    func takeSent() throws -> [SessionSignal] {
        try peer.takeSent().compactMap { signal in
            guard case .text(let text) = signal, let code = try Self.closeCode(in: text) else { return signal }
            defer { isCloseTaken = true }
            return isCloseTaken ? nil : .close(code)
        }
    }

    /// The code of a close message; `nil` for another text.
    private static func closeCode(in text: String) throws -> UInt16? {
        guard text.hasPrefix(#"{"action":"close""#) else { return nil }
        return try JSON(parsing: text).object?["code"]?.number.map { UInt16($0) }
    }

    func setWritable(_ isWritable: Bool) {
        peer.waitingBytes = isWritable ? 0 : rtc.limits.high + 1
        rtc.waitingFell()
    }

    func shed() {
        // The bytes that wait are more than all connections may have; when it is chosen, they have been sent.
        let waiting = peer.waitingBytes
        peer.waitingBytes = 2 << 20
        rtc.flush()
        peer.waitingBytes = waiting
        loop.run()
    }

    func disconnect() { peer.end(.consentLost) }
}

/// Has the session until its connection takes it. `@unchecked Sendable`: used on the test's thread only.
private final class SessionBox: @unchecked Sendable {
    var session: (any ClientSession)?

    func made() -> any ClientSession {
        guard let session else { fatalError("a connection makes its session once, after open(_:)") }
        self.session = nil
        return session
    }
}

/// A peer without sockets, which keeps what it is given to send.
private final class MemoryPeer: RTCPeerLink {
    let loop = EmbeddedEventLoop()
    /// What is told of the channels; `nil` when the peer has ended.
    var handler: (any RTCPeerHandler)?
    var waitingBytes = 0
    private(set) var openChannels: [RTCChannel] = []
    private var sent: [SessionSignal] = []
    private var unread: [String] = []
    private var isReading = true

    var eventLoop: any EventLoop { loop }
    var remoteAddress: SocketAddress? { nil }
    var maxSendBytes: Int { 262_144 }

    func takeSent() -> [SessionSignal] {
        defer { sent = [] }
        return sent
    }

    // MARK: - The client

    enum Lane: UInt16 {
        case reliable = 0
        case fast = 2
    }

    func open(_ lane: Lane, subprotocol: String = "") {
        var terms = ChannelOpen(label: "\(lane)")
        terms.subprotocol = subprotocol
        if lane == .fast { (terms.isOrdered, terms.reliability) = (false, .lifetime(milliseconds: 100)) }
        let channel = RTCChannel(stream: lane.rawValue, terms: terms)
        openChannels.append(channel)
        handler?.channelOpened(channel)
    }

    func receive(_ text: String) {
        unread.append(text)
        pass()
    }

    private func pass() {
        while isReading, !unread.isEmpty, let channel = openChannels.first {
            handler?.received(Array(unread.removeFirst().utf8), isText: true, on: channel)
        }
    }

    /// Closes a channel, or answers the server's closing of it.
    func clientCloses(_ lane: Lane) {
        guard let channel = openChannels.first(where: { $0.stream == lane.rawValue }) else { return }
        openChannels.removeAll { $0.stream == lane.rawValue }
        handler?.channelClosed(channel)
    }

    func end(_ reason: RTCEnd) {
        let handler = handler
        self.handler = nil
        handler?.ended(reason)
    }

    // MARK: - RTCPeerLink

    func setReading(_ isOn: Bool) {
        isReading = isOn
        pass()
    }

    func send(_ message: ByteBuffer, isText: Bool, on stream: UInt16) -> RTCPeer.Sending {
        guard handler != nil else { return .refused }
        sent.append(.text(String(buffer: message)))
        return .accepted
    }

    func sendDatagram(_ message: ByteBuffer, isText: Bool, on stream: UInt16) -> RTCPeer.Sending { .dropped }

    /// The client still has to close it too.
    func closeChannel(_ stream: UInt16) {}

    func ping() { sent.append(.ping) }
    func close() { end(.serverClosed) }
}
