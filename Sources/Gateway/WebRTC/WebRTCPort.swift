import GameRules
import Logging
import NIOCore
import ServerMetrics
import ServiceLifecycle
import Synchronization
import Transport
import WebRTC

/// The UDP port of the server's WebRTC clients, from the server's start to its end; a game without the setting `webrtc`
/// has none. Any thread may use it.
final class WebRTCPort: Sendable {
    private let opened = Mutex<RTCPort?>(nil)

    /// The port; `nil` while WebRTC is off.
    var port: RTCPort? { opened.withLock { $0 } }

    /// Opens the port if the game wants one; call it once, before clients can send offers.
    ///
    /// - Parameter core: The gateway, whose settings at this moment are used.
    /// - Throws: ``GameServerError`` when the server can't listen on the port, `RTCAddressError` when it knows no
    ///   address for its clients.
    func open(for core: GatewayCore) async throws {
        let configuration = core.configuration
        guard configuration.webRTC.isOn else { return }
        var options = RTCOptions()
        options.publicAddresses = configuration.webRTC.addresses
        options.times.opening = configuration.offerTimeout
        // The session closes a client that sends more than it may, with a reason; this limit ends the client.
        options.maxMessageBytes = max(options.maxMessageBytes, configuration.session.maxMessageBytes)
        // `SessionPlaces` bounds the clients: each has a place from its offer to its end.
        options.maxPeers = .max
        let pauses = core.pauses
        options.pausedTime = { pauses.total }
        let port: RTCPort
        do {
            port = try await RTCPort.open(
                host: configuration.host, port: configuration.webRTC.port ?? configuration.port, options: options)
        } catch let error as ListeningError {
            throw GameServerError.webRTC(error)
        }
        opened.withLock { $0 = port }
        core.logger.notice(
            "players may connect over WebRTC",
            metadata: [
                "udp_port": "\(port.localPort)",
                "addresses": "\(port.candidates.map(\.description).joined(separator: " "))",
            ])
    }

    /// Waits for the graceful shutdown, tells the clients, and closes the port when they have ended.
    func run() async {
        // Cancellation ends the wait as well.
        try? await gracefulShutdown()
        guard let port else { return }
        // Sessions wait for their clients' answers for a bounded time.
        try? await port.stop().get()
        try? await port.close().get()
    }

    /// What the port has counted, for `/metrics`; empty while WebRTC is off.
    func samples() async -> [MetricSample] {
        guard let port, let counts = try? await port.readCounts().get() else { return [] }
        func sample(_ family: MetricFamily, _ count: Int) -> MetricSample { family.sample(value: Double(count)) }
        return [
            sample(.webRTCPeers, counts.peers), sample(.webRTCOpened, counts.openedPeers),
            sample(.webRTCEnded, counts.endedPeers),
            MetricFamily.webRTCChecks.sample("accepted", value: Double(counts.acceptedChecks)),
            MetricFamily.webRTCChecks.sample("refused", value: Double(counts.refusedChecks)),
            sample(.webRTCAddressesTold, counts.toldAddresses), sample(.webRTCMoves, counts.moves),
            sample(.webRTCDatagramsDropped, counts.droppedDatagrams),
            sample(.webRTCDatagramsUnsent, counts.unsentDatagrams),
            sample(.webRTCChannelsRefused, counts.refusedChannels),
            sample(.webRTCStrayMessages, counts.strayMessages),
            sample(.webRTCMessagesReceived, counts.messagesReceived), sample(.webRTCMessagesSent, counts.messagesSent),
            sample(.webRTCMessagesDropped, counts.messagesDropped),
        ]
    }
}
