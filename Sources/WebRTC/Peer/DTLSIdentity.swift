import CWebRTC

/// The server's key and self-signed certificate; clients know them by the fingerprint in the answer.
///
/// `@unchecked Sendable`: the pointer never changes, and OpenSSL's contexts may be used by several threads.
final class DTLSIdentity: @unchecked Sendable {
    let pointer: OpaquePointer

    /// Makes a new key and its certificate; takes less than a millisecond.
    init() {
        // It fails only when there is no memory, or no source of randomness.
        guard let pointer = rtc_identity_new() else { fatalError("OpenSSL can't make a P-256 key and its certificate") }
        self.pointer = pointer
    }

    deinit { rtc_identity_free(pointer) }

    /// The SHA-256 of the certificate.
    var fingerprint: [UInt8] {
        Array(UnsafeBufferPointer(start: rtc_identity_fingerprint(pointer), count: Int(RTC_FINGERPRINT_BYTES)))
    }
}
