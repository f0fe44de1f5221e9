import NIOCore

/// Decides whether a message that may get lost is sent now or dropped, so that it waits behind few bytes that were not
/// sent yet: a late position is worth less than none.
///
/// SCTP sends the messages of different streams in turn. A message that may get lost therefore waits at most for the
/// rest of the one message that must arrive and is being sent (``allowance``), and for no other one of its kind.
///
/// SCTP has no such limit. A lifetime or a number of retransmissions does not bound the time that a message waits for
/// its first transmission; without the gate, clients got positions that were seconds old after an outage. The gate
/// counts which bytes of messages SCTP was given and which it has put into packets at least once.
struct SendGate {
    /// The silence of a client that has not acknowledged a packet after which the line counts as dead. It is longer
    /// than the delay of acknowledgements (200 ms in browsers) and the time of a packet's way there and back.
    static let silence = TimeAmount.milliseconds(500)

    /// The most unsent bytes behind which a message that may get lost waits: one part of a long message.
    static let allowance = MessageParts.maxBytes + 1

    /// The payload bytes that SCTP was given and has not put into a packet.
    private(set) var unsentBytes = 0
    /// The stream of a message that may get lost and is in no packet yet; a second one must not wait behind it.
    private var waitingStream: UInt16?
    private var lastTSN: UInt32?

    /// Records that SCTP is about to be given a message: it may send it at once.
    ///
    /// - Parameters:
    ///   - count: Its bytes.
    ///   - stream: Its stream, if it may get lost; `nil` for a message that must arrive.
    mutating func noteQueued(_ count: Int, mayGetLostOn stream: UInt16? = nil) {
        unsentBytes += count
        if let stream { waitingStream = stream }
    }

    /// Takes ``noteQueued(_:mayGetLostOn:)`` back, for a message that SCTP has refused.
    mutating func noteRefused(_ count: Int, mayGetLostOn stream: UInt16? = nil) {
        unsentBytes = max(0, unsentBytes - count)
        if stream != nil { waitingStream = nil }
    }

    /// Records the new chunks of a packet that SCTP sends; those that it sends again don't count.
    ///
    /// - Parameter packet: A packet (RFC 9260): header (12), then chunks of type (1), flags (1), length (2) and value,
    ///   with padding to a multiple of 4. DATA has type 0, and its value begins with TSN (4), stream (2), sequence
    ///   number (2) and protocol (4).
    mutating func noteSent(_ packet: UnsafeRawBufferPointer) {
        var offset = 12
        while offset + 16 <= packet.count {
            let length = Int(Self.integer(packet, at: offset + 2, as: UInt16.self))
            guard length >= 4, offset + length <= packet.count else { return }
            if packet[offset] == 0, length > 16 {
                noteSent(
                    tsn: Self.integer(packet, at: offset + 4, as: UInt32.self),
                    stream: Self.integer(packet, at: offset + 8, as: UInt16.self), bytes: length - 16)
            }
            offset += (length + 3) & ~3
        }
    }

    private mutating func noteSent(tsn: UInt32, stream: UInt16, bytes: Int) {
        // TSNs are numbered in the order of the first transmission; the comparison is that of serial numbers.
        if let lastTSN, Int32(bitPattern: tsn &- lastTSN) <= 0 { return }
        lastTSN = tsn
        unsentBytes = max(0, unsentBytes - bytes)
        if stream == waitingStream || unsentBytes == 0 { waitingStream = nil }
    }

    private static func integer<T: FixedWidthInteger>(
        _ packet: UnsafeRawBufferPointer, at offset: Int, as type: T.Type
    ) -> T {
        T(bigEndian: packet.loadUnaligned(fromByteOffset: offset, as: T.self))
    }

    /// Records that the client has acknowledged everything. Messages that SCTP gave up before it sent them are no
    /// longer unsent then.
    mutating func noteAllAcknowledged() { (unsentBytes, waitingStream) = (0, nil) }

    /// Whether a message that may get lost is sent now.
    ///
    /// - Parameters:
    ///   - inFlight: How many chunks the client has not acknowledged.
    ///   - heardAt: When the client sent its last packet.
    ///   - now: The time.
    /// - Returns: Whether it is sent; if not, it is to be dropped.
    func isOpen(inFlight: Int, heardAt: NIODeadline, now: NIODeadline) -> Bool {
        waitingStream == nil && unsentBytes <= Self.allowance && (inFlight == 0 || now - heardAt < Self.silence)
    }
}
