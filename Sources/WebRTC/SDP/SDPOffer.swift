/// What a client's offer (RFC 8829) says about its data channels. Its candidates are not needed: the client sends the
/// first check.
package struct SDPOffer: Sendable, Equatable {
    /// The most bytes of an offer. Those of browsers have 500 to 3,000, most of it candidates.
    package static let maxBytes = 32 * 1024
    /// How many fingerprints of certificates are read.
    private static let maxFingerprints = 8

    /// The name of the section for data channels, which the answer repeats.
    package let mid: String
    /// The transport of that section, which the answer repeats.
    package let transport: String
    /// The client's ICE user name fragment.
    package let ufrag: String
    /// The client's ICE password, which protects the answers to the server's checks.
    package let password: String
    /// The SHA-256 of the client's certificates, of which it uses one; 32 bytes each.
    package let fingerprints: [[UInt8]]
    /// The client's SCTP port.
    package let sctpPort: UInt16
    /// The largest message that the client takes, in bytes.
    package let maxMessageBytes: Int

    /// Reads an offer.
    ///
    /// - Parameter text: The whole offer; lines may end with CRLF or LF.
    /// - Throws: ``SDPError`` for anything that can't be answered.
    package init(_ text: String) throws(SDPError) {
        guard text.utf8.count <= Self.maxBytes else { throw .tooLong(Self.maxBytes) }
        let lines = try SDPLines(text)
        transport = try Self.transport(of: lines)
        if lines.hasFlag("ice-lite") { throw .liteClient }
        mid = try Self.value("mid", in: lines, "1 to 64 letters, digits and -_.") { value in
            (1...64).contains(value.utf8.count)
                && value.utf8.allSatisfy { $0.isLetterOrDigit || "-_.".utf8.contains($0) }
        }
        ufrag = try Self.value("ice-ufrag", in: lines, "4 to 256 letters, digits, + and /") {
            (4...256).contains($0.utf8.count) && $0.utf8.allSatisfy(\.isICECharacter)
        }
        password = try Self.value("ice-pwd", in: lines, "22 to 256 letters, digits, + and /") {
            (22...256).contains($0.utf8.count) && $0.utf8.allSatisfy(\.isICECharacter)
        }
        let setup = try Self.value("setup", in: lines, "actpass or active") {
            ["actpass", "active", "passive"].contains($0)
        }
        if setup == "passive" { throw .passiveClient }
        fingerprints = try Self.fingerprints(in: lines)
        sctpPort = try Self.number("sctp-port", in: lines, 1...65_535).map(UInt16.init) ?? 5000
        // 0 means that there is no limit (RFC 8841, section 6).
        let limit = try Self.number("max-message-size", in: lines, 0...Int.max) ?? 65_536
        maxMessageBytes = limit == 0 ? Int.max : limit
    }

    private static func transport(of lines: SDPLines) throws(SDPError) -> String {
        let kinds = lines.sections.map { String($0.media.prefix { $0 != " " }.prefix(32)) }
        guard kinds == ["application"], let media = lines.sections.first?.media else { throw .media(kinds) }
        let words = media.split(separator: " ")
        let name = words.count > 2 ? String(words[2]) : ""
        guard words.count == 4, ["UDP/DTLS/SCTP", "TCP/DTLS/SCTP"].contains(name), words[3] == "webrtc-datachannel"
        else {
            throw .transport(clipped(words.dropFirst(2).joined(separator: " ")))
        }
        return name
    }

    private static func value(
        _ name: String, in lines: SDPLines, _ allowed: String, where isAllowed: (Substring) -> Bool
    ) throws(SDPError) -> String {
        guard let value = lines.values(of: name).first else { throw .missing(name) }
        guard isAllowed(value) else { throw .invalid(name, value: clipped(value), allowed: allowed) }
        return String(value)
    }

    private static func number(
        _ name: String, in lines: SDPLines, _ range: ClosedRange<Int>
    ) throws(SDPError) -> Int? {
        guard let value = lines.values(of: name).first else { return nil }
        let isNumber = !value.isEmpty && value.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        // A number that is too large for an Int is as good as the largest one.
        let number = isNumber ? Int(value) ?? Int.max : nil
        guard let number, range.contains(number) else {
            let most = range.upperBound == Int.max ? "up" : "to \(range.upperBound)"
            throw .invalid(name, value: clipped(value), allowed: "a whole number from \(range.lowerBound) \(most)")
        }
        return number
    }

    /// The SHA-256 fingerprints; those of other functions are passed over (RFC 8122, section 5).
    private static func fingerprints(in lines: SDPLines) throws(SDPError) -> [[UInt8]] {
        let values = lines.values(of: "fingerprint")
        guard let first = values.first else { throw .missing("fingerprint") }
        var found: [[UInt8]] = []
        for value in values {
            let words = value.split(separator: " ")
            guard words.count == 2, words[0].lowercased() == "sha-256" else { continue }
            let bytes = words[1].split(separator: ":", omittingEmptySubsequences: false).map { byte in
                // Int(_:radix:) would take a sign, too.
                byte.utf8.count == 2 && byte.allSatisfy(\.isHexDigit) ? UInt8(byte, radix: 16) : nil
            }
            guard bytes.count == 32, !bytes.contains(nil) else {
                throw .invalid(
                    "fingerprint", value: clipped(value), allowed: "sha-256 and 32 bytes in hex, as in AB:CD")
            }
            found.append(bytes.compactMap(\.self))
        }
        guard !found.isEmpty else {
            throw .invalid("fingerprint", value: clipped(first), allowed: "one with sha-256")
        }
        return Array(found.prefix(maxFingerprints))
    }

    private static func clipped(_ text: some StringProtocol) -> String { String(text.prefix(64)) }
}

extension UInt8 {
    fileprivate var isLetterOrDigit: Bool {
        switch self {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: false
        }
    }

    /// Whether user name fragments and passwords of ICE may have this character (RFC 8839, section 5.4).
    fileprivate var isICECharacter: Bool { isLetterOrDigit || self == UInt8(ascii: "+") || self == UInt8(ascii: "/") }
}
