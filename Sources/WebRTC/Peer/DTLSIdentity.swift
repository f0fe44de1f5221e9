import CWebRTC

/// The server's key and self-signed certificate; clients know them by the fingerprint in the answer.
///
/// `@unchecked Sendable`: `pointer` is a `let`. C writes to the object behind it in `rtc_identity_new` only, before any
/// other thread can have the pointer, and frees it in `deinit`, when no thread has it any more. In between OpenSSL
/// makes connections of its `SSL_CTX`, which counts its users atomically, and the fingerprint is only read.
final class DTLSIdentity: @unchecked Sendable {
    let pointer: OpaquePointer

    /// Why there is no identity.
    struct Failure: Error, CustomStringConvertible {
        let description =
            "OpenSSL can't make a P-256 key and its certificate; check that the process has memory and that OpenSSL's "
            + "configuration allows P-256 with SHA-256"
    }

    /// Makes a new key and its certificate.
    ///
    /// - Throws: ``Failure``, for instance without memory.
    init() throws(Failure) {
        guard let pointer = rtc_identity_new() else { throw Failure() }
        self.pointer = pointer
    }

    deinit { rtc_identity_free(pointer) }

    /// The SHA-256 of the certificate.
    var fingerprint: [UInt8] {
        Array(UnsafeBufferPointer(start: rtc_identity_fingerprint(pointer), count: Int(RTC_FINGERPRINT_BYTES)))
    }
}
