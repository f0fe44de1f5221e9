package import Wire

/// A connection that carries Engine.IO packets, so that one packet may be made once for all clients that get it.
package protocol PacketConnection: ClientConnection {
    /// Queues a whole Engine.IO packet whose bytes other connections may send, too; the next
    /// ``ClientConnection/flush()`` sends it.
    ///
    /// ``ClientConnection/send(_:)`` and ``ClientConnection/send(_:isText:)`` write the packet's type themselves.
    ///
    /// - Parameter packet: A message whose text is a packet of the type "message": it begins with `4`. It is never sent
    ///   compressed.
    func send(packet: OutboundMessage)

    /// Queues successive packets, as ``send(packet:)`` for each of them.
    ///
    /// - Parameter run: The packets; a WebSocket may send their frames with one write.
    func send(run: PacketRun)
}
