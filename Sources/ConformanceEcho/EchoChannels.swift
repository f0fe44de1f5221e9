import NIOCore
package import WebRTC

/// The handler of each WebRTC client of ``EchoServer``: sends every message back on its channel, in the same form.
package final class EchoChannels: RTCPeerHandler {
    /// The waiting bytes above which the client is not read, so that few echoes wait for one that does not read.
    private static let pauseBytes = 1 << 20

    private let peer: RTCPeer
    private var isPaused = false

    /// Serves a client.
    ///
    /// - Parameter peer: The client.
    package init(_ peer: RTCPeer) { self.peer = peer }

    package func channelOpened(_ channel: RTCChannel) {}

    package func received(_ message: [UInt8], isText: Bool, on channel: RTCChannel) {
        _ = peer.send(ByteBuffer(bytes: message), isText: isText, on: channel.stream)
        guard peer.waitingBytes > Self.pauseBytes, !isPaused else { return }
        isPaused = true
        peer.setReading(false)
    }

    package func waitingFell() {
        guard isPaused, peer.waitingBytes < Self.pauseBytes / 2 else { return }
        isPaused = false
        peer.setReading(true)
    }

    package func channelClosed(_ channel: RTCChannel) {}
    package func heard() {}
    package func serverStops() { peer.close() }
    package func ended(_ reason: RTCEnd) {}
}
