import Foundation

/// The compression that a client and the server have agreed on (RFC 7692, `permessage-deflate`).
package struct DeflateAgreement: Equatable, Sendable {
    /// How the server compresses.
    package let policy: Policy
    /// Whether the server compresses each message on its own (`server_no_context_takeover`).
    package var serverResetsContext: Bool
    /// Whether the client compresses each message on its own (`client_no_context_takeover`).
    package var clientResetsContext: Bool
    /// The window of the server's compressor in bits, 9 to 15: references go back at most 2^bits bytes.
    package var serverWindowBits: Int
    /// Whether the client's offer has a window for the server, which the answer must repeat.
    private var namesServerWindow: Bool

    /// How the server compresses.
    package enum Policy: Sendable {
        /// Each message is compressed on its own, in both directions, so that a message is compressed once for all
        /// receivers and no connection keeps a window.
        case shared
        /// As the client's offer says; each connection has a compressor of its own.
        case individual
    }

    /// Accepts the first of a client's offers that the server supports; `nil` when there is none, and the connection is
    /// not compressed.
    ///
    /// - Parameters:
    ///   - offers: The `Sec-WebSocket-Extensions` fields of the handshake, in order.
    ///   - policy: How the server compresses.
    package init?(offers: [String], policy: Policy) {
        for offer in offers.flatMap({ $0.split(separator: ",") }) {
            if let agreement = Self(offer: offer, policy: policy) {
                self = agreement
                return
            }
        }
        return nil
    }

    private init?(offer: Substring, policy: Policy) {
        let parts = offer.split(separator: ";", omittingEmptySubsequences: false).map {
            $0.trimmingCharacters(in: .whitespaces)
        }
        guard parts.first?.lowercased() == "permessage-deflate" else { return nil }
        self.policy = policy
        serverResetsContext = policy == .shared
        clientResetsContext = policy == .shared
        serverWindowBits = 15
        namesServerWindow = false
        var seen: Set<String> = []
        for part in parts.dropFirst() {
            let pair = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let name = (pair.first ?? "").trimmingCharacters(in: .whitespaces).lowercased()
            let value = pair.count == 2 ? pair[1].trimmingCharacters(in: .whitespaces).withoutQuotes() : nil
            // The server must decline an offer with a parameter that is unknown, repeated or has an invalid value
            // (section 5.1).
            guard seen.insert(name).inserted else { return nil }
            switch (name, value) {
            case ("server_no_context_takeover", nil): serverResetsContext = true
            case ("client_no_context_takeover", nil): clientResetsContext = true
            // The decompressor accepts any window, so the answer does not limit the client to a smaller one.
            case ("client_max_window_bits", nil): break
            case ("client_max_window_bits", let value?):
                guard Self.windowBits(value) != nil else { return nil }
            case ("server_max_window_bits", let value?):
                // zlib can't compress with a window of 256 bytes.
                guard let bits = Self.windowBits(value), bits >= 9 else { return nil }
                serverWindowBits = bits
                namesServerWindow = true
            default: return nil
            }
        }
    }

    private static func windowBits(_ text: String) -> Int? {
        guard (1...2).contains(text.utf8.count), text.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            text.utf8.first != 0x30, let bits = Int(text), (8...15).contains(bits)
        else { return nil }
        return bits
    }

    /// The `Sec-WebSocket-Extensions` field of the answer.
    package var header: String {
        var text = "permessage-deflate"
        if serverResetsContext { text += "; server_no_context_takeover" }
        if clientResetsContext { text += "; client_no_context_takeover" }
        if namesServerWindow { text += "; server_max_window_bits=\(serverWindowBits)" }
        return text
    }

    /// Whether a message that was compressed on its own fits the server's window: it can't refer back further than its
    /// own length, nor further than the largest window.
    ///
    /// - Parameter count: The message's size before compression, in bytes.
    /// - Returns: Whether the client can read it compressed.
    func allows(_ count: Int) -> Bool { serverWindowBits == 15 || count <= 1 << serverWindowBits }
}

extension String {
    fileprivate func withoutQuotes() -> String {
        guard count >= 2, first == "\"", last == "\"" else { return self }
        return String(dropFirst().dropLast())
    }
}
