package import NIOCore

/// What one session may do, and how long the server waits for it [1-protocol 2, 3, 4.4].
package struct SessionLimits: Sendable {
    /// Largest message of a client, in bytes.
    package var maxMessageBytes = 16 * 1024
    /// How deep a message of a client may nest.
    package var maxJSONDepth = 16
    /// Commands a session may send.
    package var commandRate = RateLimit(burst: 120, perSecond: 60)
    /// Snapshots that a session may ask for (`load/index`), which count as commands too.
    package var loadRate = RateLimit(burst: 10, perSecond: 1)
    /// Refusals within ``refusalWindow`` after which the session is closed with 1008.
    package var maxRefusals = 20
    /// See ``maxRefusals``.
    package var refusalWindow = TimeAmount.seconds(10)
    /// Bytes that may wait to be written to a client before deltas are left out.
    package var sendBufferBytes = 256 * 1024
    /// How long a client may take to drain its buffer before it is closed.
    package var drainTimeout = TimeAmount.seconds(30)
    /// After this time without a frame from the client it is pinged.
    package var pingInterval = TimeAmount.seconds(20)
    /// After this time without a frame from the client it is closed.
    package var deadAfter = TimeAmount.seconds(60)
    /// How long the server waits for the client's side of a close.
    package var closeTimeout = TimeAmount.seconds(2)
    /// How long a client that was sent to another map may keep its old connection.
    package var reconnectLinger = TimeAmount.seconds(5)

    /// Makes the default limits.
    package init() {}
}
