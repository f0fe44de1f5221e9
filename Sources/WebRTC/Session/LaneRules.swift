import Transport

/// The two channels that a client opens for a session, and how they must be.
///
/// | label | ordered | reliability | carries |
/// | --- | --- | --- | --- |
/// | `reliable` | yes | reliable | the session's messages, in both directions |
/// | `fast` | no | limited lifetime or retransmissions | datagrams that are dropped rather than late |
///
/// The protocol of `reliable` is empty, or `perigee.msgpack` for the compact encoding.
struct LaneRules {
    /// The protocol of a client that wants the compact encoding.
    static let compactProtocol = "perigee.msgpack"

    /// The stream of `reliable`.
    private(set) var reliable: UInt16?
    /// The stream of `fast`.
    private(set) var fast: UInt16?
    /// Whether the client wants the compact encoding.
    private(set) var isCompact = false

    /// Whether both are open.
    var areComplete: Bool { reliable != nil && fast != nil }

    /// Takes a channel that the client has opened.
    ///
    /// - Parameter channel: The channel.
    /// - Returns: What is wrong with it, and what to do; `nil` when nothing is.
    mutating func take(_ channel: RTCChannel) -> String? {
        let terms = channel.terms
        switch terms.label {
        case "reliable" where reliable == nil:
            guard terms.isOrdered, terms.reliability == .reliable else {
                return "the channel \"reliable\" must be ordered and reliable: createDataChannel(\"reliable\")"
            }
            guard ["", Self.compactProtocol].contains(terms.subprotocol) else {
                return "the channel \"reliable\" has a protocol that the server does not know; allowed are none and "
                    + Self.compactProtocol
            }
            isCompact = terms.subprotocol == Self.compactProtocol
            reliable = channel.stream
        case "fast" where fast == nil:
            guard !terms.isOrdered, terms.reliability != .reliable else {
                return "the channel \"fast\" must be unordered and may lose messages: "
                    + "createDataChannel(\"fast\", {ordered: false, maxPacketLifeTime: 100})"
            }
            fast = channel.stream
        default: return "the channels are \"reliable\" and \"fast\", each once, and no others"
        }
        return nil
    }
}
