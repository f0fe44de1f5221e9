@testable import WebRTC

extension TestClient {
    /// The offer of a client.
    static func offer(fingerprint: [UInt8]? = nil, maxMessageBytes: Int = 1 << 20) throws -> SDPOffer {
        let digest = SDPAnswer.text(ofFingerprint: try fingerprint ?? identity.fingerprint)
        return try SDPOffer(
            Offers.chromium.replacing(Offers.digest, with: digest).replacing("q+2x", with: "test")
                .replacing("262144", with: "\(maxMessageBytes)"))
    }
}
