/// Why an offer can't be answered.
package enum SDPError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The text is longer than the server reads, in bytes.
    case tooLong(Int)
    /// The text does not begin as a session description does.
    case notSDP
    /// A JSON body has no text `sdp`.
    case missingSDP
    /// A JSON body has another type than `offer`.
    case notAnOffer(String)
    /// There is no section for data channels, or not only that.
    case media([String])
    /// The section for data channels has another protocol.
    case transport(String)
    /// An attribute is missing.
    case missing(String)
    /// An attribute has a value that is not allowed.
    case invalid(String, value: String, allowed: String)
    /// The client is an ICE-lite agent, too, so that nobody would send checks.
    case liteClient
    /// The client wants to be the server of the DTLS connection.
    case passiveClient

    /// What is wrong, and what is allowed.
    package var description: String {
        switch self {
        case .tooLong(let limit): "the offer is too long; it may have \(limit) bytes"
        case .notSDP: "this is no SDP; an offer begins with \"v=0\", as RTCPeerConnection.createOffer() makes it"
        case .missingSDP: "the body has no text \"sdp\"; send {\"type\":\"offer\",\"sdp\":\"v=0…\"}, or the SDP itself"
        case .notAnOffer(let type): "the body has the type \"\(type)\"; allowed is offer"
        case .media(let kinds):
            "the offer has the sections [\(kinds.joined(separator: ", "))]; it must have one: m=application, for data "
                + "channels. Call createDataChannel() before createOffer(), and add no tracks"
        case .transport(let name):
            "m=application has the protocol \(name); allowed are UDP/DTLS/SCTP and TCP/DTLS/SCTP with the format "
                + "webrtc-datachannel"
        case .missing(let name): "the offer has no a=\(name)"
        case .invalid(let name, let value, let allowed): "a=\(name) is \"\(value)\"; allowed is \(allowed)"
        case .liteClient:
            "the offer has a=ice-lite; a client must be a full ICE agent, because this server is a lite one"
        case .passiveClient: "a=setup is \"passive\"; allowed is actpass or active, because this server is passive"
        }
    }
}
