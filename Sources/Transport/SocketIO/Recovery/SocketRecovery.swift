package import Wire

/// How the client of one socket can come back, as the socket's application sees it. Any thread may use it.
package struct SocketRecovery: Sendable {
    let store: RecoveryStore
    let log: RecoveryLog

    /// Keeps a packet for the client while it is away; a packet without an offset is not kept.
    ///
    /// The link keeps what it sends itself, so this is for the time after ``SocketSession/ended(_:)``.
    ///
    /// - Parameter packet: A packet that ``Wire/SocketPackets`` made with offsets.
    package func keep(_ packet: OutboundMessage) { store.append(packet, to: log) }

    /// Calls an action once the client can't come back to this socket; not if it comes back before.
    ///
    /// - Parameter action: Called once, on any thread; at once when the client can't come back already.
    package func whenGone(_ action: @escaping @Sendable () -> Void) { store.whenGone(log, action) }

    /// Forgets the socket: the client gets a new one when it comes back.
    package func forget() { store.end(log) }
}
