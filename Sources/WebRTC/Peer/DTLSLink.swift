import CWebRTC
import NIOCore

/// One end of a DTLS connection; used on the loop of ``RTCStack`` only. What it sends and receives goes through the
/// callbacks of ``RTCStack``.
final class DTLSLink {
    private var pointer: OpaquePointer?
    /// Makes ``pointer``; `nil` when it was called, or the end is closed.
    private var make: (() -> OpaquePointer?)?

    /// Makes an end, which takes memory of OpenSSL from its first datagram on: many offers may have no client.
    ///
    /// - Parameters:
    ///   - peer: The number of its peer.
    ///   - identity: Its certificate.
    ///   - isClient: Whether it sends the first datagram.
    ///   - fingerprints: The certificates that the other end may have.
    init(peer: UInt32, identity: DTLSIdentity, isClient: Bool = false, fingerprints: [[UInt8]]) {
        make = { rtc_dtls_new(identity.pointer, peer, isClient, fingerprints.flatMap(\.self), fingerprints.count) }
    }

    deinit { rtc_dtls_free(pointer) }

    private func begun() -> OpaquePointer? {
        if let make { pointer = make() }
        make = nil
        return pointer
    }

    /// Whether a datagram has come or was sent.
    var hasBegun: Bool { pointer != nil }

    /// Sends the first datagram of a client.
    func begin() { if let pointer = begun() { rtc_dtls_begin(pointer) } }

    /// Takes a datagram.
    ///
    /// - Parameter datagram: The datagram; `nil` for what the last one may have left.
    /// - Returns: What the connection is now.
    func receive(_ datagram: ByteBuffer?) -> rtc_dtls_state {
        guard let pointer = begun() else { return RTC_DTLS_FAILED }
        guard let datagram else { return rtc_dtls_receive(pointer, nil, 0) }
        return datagram.withUnsafeReadableBytes { bytes in
            let bytes = bytes.bindMemory(to: UInt8.self)
            return rtc_dtls_receive(pointer, bytes.baseAddress, bytes.count)
        }
    }

    /// Encrypts and sends a packet.
    func send(_ packet: UnsafeBufferPointer<UInt8>) {
        if let pointer { rtc_dtls_send(pointer, packet.baseAddress, packet.count) }
    }

    /// Sends the last flight of the handshake again, if that is due.
    ///
    /// - Returns: Whether the handshake has not failed.
    func retransmit() -> Bool { pointer.map { rtc_dtls_retransmit($0) } ?? false }

    /// Tells the other end that the connection ends, and ends it.
    func close() {
        make = nil
        guard let pointer else { return }
        rtc_dtls_close(pointer)
        rtc_dtls_free(pointer)
        self.pointer = nil
    }
}
