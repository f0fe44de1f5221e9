import NIOCore

/// What a client's offer says; ``text`` is the offer.
struct ClientOffer {
    /// The client's ICE credentials.
    var credentials: ICECredentials
    /// The SHA-256 of the client's certificate.
    var fingerprint: [UInt8]
    /// From where the client sends: the offer's only candidate, which servers that are no ICE-lite agents need.
    var address: SocketAddress?
    /// The client's SCTP port.
    var sctpPort: UInt16
    /// The largest message that the client takes, in bytes.
    var maxMessageBytes: Int

    /// The offer as SDP, with lines that end with CRLF. The client is the client of DTLS.
    var text: String {
        var lines = [
            "v=0", "o=- \(sctpPort) 1 IN IP4 127.0.0.1", "s=-", "t=0 0", "a=group:BUNDLE 0",
            "m=application 9 UDP/DTLS/SCTP webrtc-datachannel", "c=IN IP4 0.0.0.0", "a=mid:0",
            "a=ice-ufrag:\(credentials.ufrag)", "a=ice-pwd:\(credentials.password)",
            "a=fingerprint:sha-256 \(SDPAnswer.text(ofFingerprint: fingerprint))", "a=setup:active",
            "a=sctp-port:\(sctpPort)", "a=max-message-size:\(maxMessageBytes)",
        ]
        if let ip = address?.ipAddress, let port = address?.port, let candidate = RTCCandidate(ip: ip, port: port) {
            lines.append(SDPAnswer.line(candidate, number: 0))
        }
        lines.append("a=end-of-candidates")
        return lines.map { $0 + "\r\n" }.joined()
    }
}
