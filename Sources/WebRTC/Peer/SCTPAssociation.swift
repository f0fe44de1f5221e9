import CWebRTC
import NIOCore

/// One end of an SCTP association; used on the loop of ``RTCStack`` only.
final class SCTPAssociation {
    /// The result of sending.
    enum Sending {
        case sent
        /// There is no room now.
        case full
        /// The client does not take messages on the stream, or the association has ended.
        case failed
    }

    /// The result of closing a stream.
    enum Reset {
        case begun
        /// Another reset is on its way; ask again later.
        case busy
        case failed
    }

    /// How messages of a channel are sent.
    struct Terms {
        var stream: UInt16
        var isOrdered = true
        var reliability = ChannelReliability.reliable
    }

    /// The port that nearly all have.
    static let usualPort: UInt16 = 5_000

    /// The port that a peer is told. Few have the same one, because SCTP looks at all of a port for some packets.
    static func ownPort(of peer: UInt32) -> UInt16 { UInt16(1024 + peer % 60_000) }

    /// Our port for a peer whose first packet has come: the one that it was told, or the usual one, which some
    /// libraries (Pion among them) take whatever they are told.
    static func ownPort(of peer: UInt32, first packet: UnsafeBufferPointer<UInt8>) -> UInt16 {
        let isUsual = packet.count >= 4 && UInt16(packet[2]) << 8 | UInt16(packet[3]) == usualPort
        return isUsual ? usualPort : ownPort(of: peer)
    }

    private var pointer: OpaquePointer?
    private let peer: UInt32

    /// Begins an association over a DTLS connection that is open.
    ///
    /// - Parameters:
    ///   - peer: The number of the peer.
    ///   - ownPort: Our SCTP port.
    ///   - port: The other end's SCTP port.
    ///   - streamCount: How many streams there are in each direction.
    ///   - bufferBytes: How many bytes SCTP keeps at most, in each direction.
    init?(peer: UInt32, ownPort: UInt16, port: UInt16, streamCount: UInt16, bufferBytes: Int) {
        self.peer = peer
        pointer = rtc_sctp_new(peer, ownPort, port, streamCount, bufferBytes, bufferBytes)
        if pointer == nil { return nil }
    }

    deinit { rtc_sctp_free(pointer) }

    /// Takes what has arrived.
    ///
    /// - Parameter buffer: Where bytes go.
    /// - Returns: The event. Its kind is `RTC_SCTP_NOTHING` when nothing has happened.
    func next(into buffer: UnsafeMutableBufferPointer<UInt8>) -> rtc_sctp_event {
        guard let pointer else { return rtc_sctp_event() }
        return rtc_sctp_next(pointer, buffer.baseAddress, buffer.count)
    }

    /// Gives SCTP a message.
    func send(_ message: ByteBuffer, _ form: PayloadProtocol, _ terms: Terms) -> Sending {
        guard let pointer else { return .failed }
        var info = rtc_sctp_info()
        info.stream = terms.stream
        info.is_unordered = !terms.isOrdered
        info.protocol = form.rawValue
        switch terms.reliability {
        case .reliable: info.reliability = RTC_RELIABLE
        case .retransmits(let count): (info.reliability, info.limit) = (RTC_RETRANSMITS, count)
        case .lifetime(let milliseconds): (info.reliability, info.limit) = (RTC_LIFETIME, milliseconds)
        }
        let result = message.withUnsafeReadableBytes { bytes in
            let bytes = bytes.bindMemory(to: UInt8.self)
            return rtc_sctp_send(pointer, &info, bytes.baseAddress, bytes.count)
        }
        switch result {
        case RTC_SEND_DONE: return .sent
        case RTC_SEND_FULL: return .full
        default: return .failed
        }
    }

    /// How many chunks were sent and are not acknowledged.
    var inFlight: Int { pointer.map { Int(rtc_sctp_in_flight($0)) } ?? 0 }

    /// Closes our direction of a stream.
    func reset(_ stream: UInt16) -> Reset {
        guard let pointer else { return .failed }
        switch rtc_sctp_reset(pointer, stream) {
        case RTC_RESET_BEGUN: return .begun
        case RTC_RESET_BUSY: return .busy
        default: return .failed
        }
    }

    /// Sends a heartbeat, which the other end answers.
    func ping() { if let pointer { rtc_sctp_ping(pointer) } }

    /// Aborts the association, and tells the other end so.
    func abort() {
        rtc_sctp_free(pointer)
        pointer = nil
    }
}
