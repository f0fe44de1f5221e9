import Wire

/// Reads the packets of one client, and ends the wait for attachments that never come. Used on its event loop only.
struct PacketInbox {
    private var assembler: SocketPacketAssembler
    /// Runs while attachments are to come, and the client is read.
    private var timer: RunningTimer?

    /// Makes an inbox.
    ///
    /// - Parameter limits: What packets may have.
    init(limits: SocketPacketLimits) { assembler = SocketPacketAssembler(limits: limits) }

    /// Takes a message.
    ///
    /// - Parameters:
    ///   - message: The text of a packet, or an attachment.
    ///   - isText: Whether it is a text.
    /// - Returns: The packet, if it is complete.
    /// - Throws: ``Wire/SocketPacketError``; the inbox must not be used afterwards.
    mutating func receive(_ message: [UInt8], isText: Bool) throws(SocketPacketError) -> SocketPacket? {
        isText ? try assembler.receive(text: message) : try assembler.receive(attachment: message)
    }

    /// Starts or stops the timer; call it after each message, and when the client's reading starts or stops.
    ///
    /// - Parameters:
    ///   - isReading: Whether the client is read, so that attachments can come.
    ///   - makeTimer: Makes the timer. It limits all attachments of a packet together.
    mutating func updateTimer(isReading: Bool, _ makeTimer: () -> RunningTimer) {
        if !isReading || !assembler.isWaiting {
            timer?.cancel()
            timer = nil
        } else if timer == nil {
            timer = makeTimer()
        }
    }
}
