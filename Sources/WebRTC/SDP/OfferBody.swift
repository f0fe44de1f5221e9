import JSONValues

/// The bodies of the request that brings an offer, and of its answer: a session description as browsers make and take
/// it, `{"type":"offer","sdp":"v=0…"}`. The request may also be the SDP itself.
package enum OfferBody {
    /// The most bytes of a request: an offer whose characters are all escaped.
    package static let maxBytes = 6 * SDPOffer.maxBytes + 64

    /// Reads the body of a request.
    ///
    /// - Parameter body: The body.
    /// - Returns: The offer.
    /// - Throws: ``SDPError``.
    package static func offer(in body: [UInt8]) throws(SDPError) -> SDPOffer {
        guard body.count <= maxBytes else { throw .tooLong(SDPOffer.maxBytes) }
        guard body.first(where: { !" \t\r\n".utf8.contains($0) }) == UInt8(ascii: "{") else {
            guard let text = String(validating: body, as: UTF8.self) else { throw .notSDP }
            return try SDPOffer(text)
        }
        guard let json = try? JSON(parsing: body), case .object(let members) = json,
            case .string(let text)? = members["sdp"]
        else { throw .missingSDP }
        if case .string(let type)? = members["type"], type != "offer" { throw .notAnOffer(String(type.prefix(32))) }
        return try SDPOffer(text)
    }

    /// The body of the answer.
    ///
    /// - Parameter sdp: The answer.
    /// - Returns: `{"type":"answer","sdp":"v=0…"}`.
    package static func answer(_ sdp: String) -> [UInt8] {
        JSON.object(["type": .string("answer"), "sdp": .string(sdp)]).bytes
    }
}
