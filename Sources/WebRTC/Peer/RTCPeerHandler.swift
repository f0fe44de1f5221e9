/// What happens to the channels of a peer; ``RTCPeer`` calls these functions on its event loop.
package protocol RTCPeerHandler: AnyObject {
    /// The client has opened a channel.
    ///
    /// - Parameter channel: The channel; messages can be sent on it from now on.
    func channelOpened(_ channel: RTCChannel)

    /// A message arrived.
    ///
    /// - Parameters:
    ///   - message: The content of the message.
    ///   - isText: Whether the client sent it as text; whether that is UTF-8 was not checked.
    ///   - channel: The channel.
    func received(_ message: [UInt8], isText: Bool, on channel: RTCChannel)

    /// A channel is closed, by the client or by ``RTCPeer/closeChannel(_:)``.
    ///
    /// - Parameter channel: The channel.
    func channelClosed(_ channel: RTCChannel)

    /// A packet arrived from the client.
    func heard()

    /// Bytes that waited were sent.
    func waitingFell()

    /// The server begins to stop.
    func serverStops()

    /// The peer has ended; called once, after everything else.
    ///
    /// - Parameter reason: Why.
    func ended(_ reason: RTCEnd)
}
