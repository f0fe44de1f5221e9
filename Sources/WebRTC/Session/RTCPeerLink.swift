package import NIOCore

/// What an ``RTCConnection`` uses of a client: ``RTCPeer`` is one, and tests have one without sockets. Used on its
/// event loop only; it tells what happens to an ``RTCPeerHandler``.
package protocol RTCPeerLink: AnyObject {
    /// The loop on which it is used.
    var eventLoop: any EventLoop { get }

    /// The address from which the client sends; `nil` before its first check.
    var remoteAddress: SocketAddress? { get }

    /// The channels that are open.
    var openChannels: [RTCChannel] { get }

    /// The largest message that the client takes, in bytes.
    var maxSendBytes: Int { get }

    /// How many bytes wait to be sent.
    var waitingBytes: Int { get }

    /// Starts or stops to take what the client sends, see ``RTCPeer/setReading(_:)``.
    func setReading(_ isOn: Bool)

    /// Sends a message as the client wants it for the channel, see ``RTCPeer/send(_:isText:on:)``.
    func send(_ message: ByteBuffer, isText: Bool, on stream: UInt16) -> RTCPeer.Sending

    /// Sends a message that is worth nothing when it is late, see ``RTCPeer/sendDatagram(_:isText:on:)``.
    func sendDatagram(_ message: ByteBuffer, isText: Bool, on stream: UInt16) -> RTCPeer.Sending

    /// Closes a channel after everything that was sent on it.
    func closeChannel(_ stream: UInt16)

    /// Sends something that the client answers, so that it is heard.
    func ping()

    /// Ends the client at once.
    func close()
}

extension RTCPeer: RTCPeerLink {}
