package import NIOCore
package import Wire

/// One connection to a client, as its session sees it: what every transport implements.
///
/// A connection moves whole messages and tells its ``ClientSession`` what happens; it knows no rules of the game. It is
/// used on its event loop only, and never blocks. After its end all functions do nothing.
package protocol ClientConnection: AnyObject {
    /// The loop on which the connection and its session are used; timers of the session run on it.
    var eventLoop: any EventLoop { get }

    /// Whether the client takes the compressed form of messages that many receive; does not change.
    var acceptsDeflate: Bool { get }

    /// How many bytes wait to be sent, flushed or not.
    var waitingBytes: Int { get }

    /// Starts or stops to hand messages of the client to the session; a new connection does not.
    ///
    /// What the client sends meanwhile is kept as far as it was read already, and in the kernel beyond that.
    ///
    /// - Parameter isOn: Whether to start.
    func setReading(_ isOn: Bool)

    /// Queues a message of which other connections may send the same bytes; it leaves with the next ``flush()``.
    ///
    /// - Parameter message: The message; the connection chooses among its forms.
    func send(_ message: OutboundMessage)

    /// Queues a message for this client alone; it leaves with the next ``flush()``.
    ///
    /// - Parameters:
    ///   - bytes: Its content.
    ///   - isText: Whether it is UTF-8 text, for transports that tell text from binary.
    func send(_ bytes: [UInt8], isText: Bool)

    /// Sends what is queued.
    func flush()

    /// Asks the client for a sign of life.
    func ping()

    /// Bounds what may wait, for ``ClientSession/writabilityChanged(_:)``.
    ///
    /// - Parameters:
    ///   - high: The bytes above which the connection is not writable any more.
    ///   - low: The bytes below which it is writable again.
    func limitWaiting(high: Int, low: Int)

    /// Sends what is queued, then the transport's own sign that it closes, and ends the connection once the client has
    /// answered. The session bounds the wait with ``closeNow()``.
    ///
    /// - Parameters:
    ///   - code: Why.
    ///   - reason: The same for people.
    func close(_ code: CloseCode, reason: String)

    /// Ends the connection without waiting for the client.
    func closeNow()

    /// Ends the connection and drops what waits for the client, also in the kernel.
    func abort()
}

extension ClientConnection {
    /// Queues a text for this client alone.
    ///
    /// - Parameter text: UTF-8.
    package func send(text: [UInt8]) { send(text, isText: true) }
}
