package import NIOCore
package import Wire

/// Limits of what a client may do, and of how long it may take.
package struct SocketOptions: Sendable {
    /// Limits of the packets that the client sends.
    package var packets = SocketPacketLimits()
    /// The most namespaces that one connection may have at once, those included about which the server has not decided.
    package var maxNamespaces = 8
    /// How often a client may ask for a namespace in ``connectWindow``.
    package var maxConnects = 60
    /// The time in which ``maxConnects`` is counted.
    package var connectWindow = TimeAmount.seconds(60)
    /// How long a connection may have no namespace.
    package var connectTimeout = TimeAmount.seconds(45)
    /// How long the attachments of one packet may take.
    package var attachmentTimeout = TimeAmount.seconds(10)
    /// How long the client may take to answer the end of the connection.
    package var closeTimeout = TimeAmount.seconds(5)
    /// The most acknowledgements for which one socket waits.
    package var maxPendingAnswers = 1000
    /// How many packets of a client are ignored in a namespace that the server has just left, because they were under
    /// way; further ones close the connection.
    package var maxLatePackets = 256
    /// The total time of the server's pauses so far, which count for none of the times above.
    package var pauses: @Sendable () -> TimeAmount = { .zero }
    /// Makes the id of a socket, which no other socket has and nobody can guess.
    package var makeID: @Sendable () -> String = { RandomID.make() }

    /// Makes options with the usual values.
    package init() {}
}
