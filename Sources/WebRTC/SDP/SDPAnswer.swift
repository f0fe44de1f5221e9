/// What the server's answer says; ``text`` is the answer.
struct SDPAnswer {
    /// The offer that is answered.
    var offer: SDPOffer
    /// A number that no other answer has; below 2^62, because Firefox refuses larger ones.
    var id: UInt32
    /// The server's ICE credentials for this client.
    var credentials: ICECredentials
    /// The SHA-256 of the server's certificate.
    var fingerprint: [UInt8]
    /// Where the server can be reached, best first; not empty.
    var candidates: [RTCCandidate]
    /// The server's SCTP port for this client.
    var sctpPort: UInt16
    /// The largest message that the server takes, in bytes.
    var maxMessageBytes: Int

    /// The answer as SDP (RFC 8866, RFC 8839, RFC 8841), with lines that end with CRLF.
    var text: String {
        let first = candidates[0]
        let address = "IN \(first.isIPv6 ? "IP6" : "IP4") \(first.ip)"
        var lines = [
            "v=0", "o=- \(id) 1 \(address)", "s=-", "t=0 0", "a=ice-lite", "a=group:BUNDLE \(offer.mid)",
            "m=application \(first.port) \(offer.transport) webrtc-datachannel", "c=\(address)", "a=mid:\(offer.mid)",
            "a=ice-ufrag:\(credentials.ufrag)", "a=ice-pwd:\(credentials.password)",
            "a=fingerprint:sha-256 \(Self.text(ofFingerprint: fingerprint))", "a=setup:passive",
            "a=sctp-port:\(sctpPort)",
            "a=max-message-size:\(maxMessageBytes)",
        ]
        for (number, candidate) in candidates.enumerated() { lines.append(Self.line(candidate, number: number)) }
        lines.append("a=end-of-candidates")
        return lines.map { $0 + "\r\n" }.joined()
    }

    /// A fingerprint as SDP writes it: `0A:FF:…`.
    static func text(ofFingerprint fingerprint: [UInt8]) -> String {
        fingerprint.map { byte in
            let digits = String(byte, radix: 16, uppercase: true)
            return digits.count == 1 ? "0" + digits : digits
        }.joined(separator: ":")
    }

    /// A host candidate with the priority of RFC 8445, section 5.1.2: the earlier ones are preferred.
    static func line(_ candidate: RTCCandidate, number: Int) -> String {
        let priority = 126 << 24 | max(0, 65_535 - number) << 8 | 255
        return "a=candidate:\(number + 1) 1 udp \(priority) \(candidate.ip) \(candidate.port) typ host"
    }
}
