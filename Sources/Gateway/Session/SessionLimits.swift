package import NIOCore

/// The limits of one session, and how long the server waits for its client [1-protocol 2, 3, 4.4].
package struct SessionLimits: Sendable {
    /// Largest message of a client, in bytes.
    package var maxMessageBytes = 16 * 1024
    /// The deepest nesting of a client's message.
    package var maxJSONDepth = 16
    /// The rate of commands that a session may send.
    package var commandRate = RateLimit(burst: 120, perSecond: 60)
    /// The rate of snapshots that a session may request (`load/index`); these requests also count as commands.
    package var loadRate = RateLimit(burst: 10, perSecond: 1)
    /// Refusals within ``refusalWindow`` after which the session is closed with 1008.
    package var maxRefusals = 20
    /// The time window of ``maxRefusals``.
    package var refusalWindow = TimeAmount.seconds(10)
    /// The bytes that may wait to be written to a client before deltas are left out.
    package var sendBufferBytes = 256 * 1024
    /// How long a client may take to drain its buffer before its connection is aborted.
    package var drainTimeout = TimeAmount.seconds(30)
    /// The silence of a client after which the server sends a ping.
    package var pingInterval = TimeAmount.seconds(20)
    /// The silence of a client after which the server closes the session.
    package var deadAfter = TimeAmount.seconds(60)
    /// How long the server waits for the client's answer to a close frame.
    package var closeTimeout = TimeAmount.seconds(2)
    /// How long a client that was sent to another map may keep its old connection.
    package var reconnectLinger = TimeAmount.seconds(5)

    /// Makes the default limits.
    package init() {}
}
