/// What happens to a client; ``RTCClient`` calls these functions on its event loop.
package protocol RTCClientHandler: AnyObject {
    /// The server has taken a channel that the client opened.
    ///
    /// - Parameter stream: The channel's stream.
    func channelOpened(_ stream: UInt16)

    /// A message arrived.
    ///
    /// - Parameters:
    ///   - message: The content of the message.
    ///   - isText: Whether the server sent it as text.
    ///   - stream: The channel's stream.
    func received(_ message: [UInt8], isText: Bool, on stream: UInt16)

    /// The server has closed a channel.
    ///
    /// - Parameter stream: The channel's stream.
    func channelClosed(_ stream: UInt16)

    /// The client has ended, but not by ``RTCClient/close()``; called once, after everything else.
    ///
    /// - Parameter reason: Why.
    func ended(_ reason: RTCClientError)
}
