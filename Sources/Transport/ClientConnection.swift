package import NIOCore
package import Wire

/// One connection to a client, as its session sees it; every transport implements it.
///
/// A connection carries whole messages and notifies its ``ClientSession`` of events; it has no rules of the game. It is
/// used on its event loop only and never blocks. After the connection has ended, all functions do nothing.
package protocol ClientConnection: AnyObject {
    /// The loop on which the connection and its session are used; timers of the session run on it.
    var eventLoop: any EventLoop { get }

    /// Whether the client accepts the compressed form of messages that many clients receive; it does not change.
    var acceptsDeflate: Bool { get }

    /// Whether the client chose MessagePack, for all messages in both directions; it does not change.
    var isCompact: Bool { get }

    /// Makes the packets of a client that speaks Socket.IO; `nil` for others; it does not change.
    var packets: SocketPackets? { get }

    /// How many bytes wait to be sent, flushed or not.
    var waitingBytes: Int { get }

    /// Starts or stops to pass the client's messages to the session; a new connection does not pass them.
    ///
    /// While it is off, received bytes that were read already are kept, and further bytes stay in the kernel.
    ///
    /// - Parameter isOn: Whether to start.
    func setReading(_ isOn: Bool)

    /// Queues a message whose bytes other connections may send, too; the next ``flush()`` sends it.
    ///
    /// - Parameter message: The message; the connection chooses its plain or its compressed form.
    func send(_ message: OutboundMessage)

    /// How many bytes the connection sends for a message, in the form that it chooses.
    func size(of message: OutboundMessage) -> Int

    /// Queues a message for this client only; the next ``flush()`` sends it.
    ///
    /// - Parameters:
    ///   - bytes: The content of the message.
    ///   - isText: Whether it is UTF-8 text, for transports that distinguish text from binary.
    func send(_ bytes: [UInt8], isText: Bool)

    /// Sends what is queued.
    func flush()

    /// Sends a ping, so that the client must answer.
    func ping()

    /// Sets the limits of waiting bytes at which ``ClientSession/writabilityChanged(_:)`` is called.
    ///
    /// - Parameters:
    ///   - high: The number of bytes above which the connection becomes unwritable.
    ///   - low: The number of bytes below which it becomes writable again.
    func limitWaiting(high: Int, low: Int)

    /// Sends all queued messages and a close message, and ends the connection once the client has answered.
    ///
    /// The session limits the wait with ``closeNow()``.
    ///
    /// - Parameters:
    ///   - code: The reason for programs.
    ///   - reason: The reason for people.
    func close(_ code: CloseCode, reason: String)

    /// Ends the connection without waiting for the client.
    func closeNow()

    /// Ends the connection and drops all bytes that wait for the client, including those in the kernel.
    func abort()
}

extension ClientConnection {
    /// No Socket.IO by default.
    package var packets: SocketPackets? { nil }

    /// JSON by default.
    package var isCompact: Bool { false }

    /// Queues a text for this client only.
    ///
    /// - Parameter text: UTF-8.
    package func send(text: [UInt8]) { send(text, isText: true) }
}
