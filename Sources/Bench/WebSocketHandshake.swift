import Foundation

/// The client's side of the WebSocket handshake (RFC 6455 section 4; client protocol, section 2).
package enum WebSocketHandshake {
    /// What the bytes of an answer amount to.
    package enum Answer: Sendable, Equatable {
        /// The head is not complete.
        case incomplete
        /// The server switched protocols; frames begin at this offset.
        case accepted(end: Int)
        /// The server did not; why, in words.
        case refused(String)
    }

    /// The example key of RFC 6455 and the answer it must bring. A fixed key saves computing SHA-1 here; it only proves
    /// that the server understood the handshake.
    private static let key = "dGhlIHNhbXBsZSBub25jZQ=="
    private static let accept = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
    private static let maxHeadBytes = 16 << 10

    /// Makes the request.
    ///
    /// - Parameters:
    ///   - host: The value of `Host`.
    ///   - playerID: The id that the login brought.
    ///   - token: The one-time token that the login brought.
    /// - Returns: The request's text.
    package static func request(host: String, playerID: Int, token: String) -> String {
        let credentials = Data("\(playerID):\(token)".utf8).base64EncodedString()
            .replacingOccurrences(of: "+", with: "%2B").replacingOccurrences(of: "/", with: "%2F")
            .replacingOccurrences(of: "=", with: "%3D")
        return "GET /?HTTP_AUTHORIZATION=\(credentials) HTTP/1.1\r\nHost: \(host)\r\nUpgrade: websocket\r\n"
            + "Connection: Upgrade\r\nSec-WebSocket-Key: \(key)\r\nSec-WebSocket-Version: 13\r\n\r\n"
    }

    /// Reads the answer.
    ///
    /// - Parameter bytes: What came so far.
    /// - Returns: Whether it is complete, and what it says.
    package static func read(_ bytes: [UInt8]) -> Answer {
        let end = bytes.withUnsafeBytes { ByteScan.end(of: "\r\n\r\n", in: $0) }
        guard let end else {
            return bytes.count > maxHeadBytes ? .refused("an answer without end") : .incomplete
        }
        let lines = String(decoding: bytes[..<end], as: UTF8.self).components(separatedBy: "\r\n")
        let status = lines.first ?? ""
        let parts = status.split(separator: " ", maxSplits: 2)
        guard parts.count >= 2, parts[0].hasPrefix("HTTP/1."), parts[1] == "101" else {
            let words = SignClient.words(Array(bytes[end...]))
            return .refused(words == "no explanation" ? status : "\(status), \(words)")
        }
        let hasAccept = lines.contains { line in
            let field = line.split(separator: ":", maxSplits: 1)
            return field.count == 2 && field[0].lowercased() == "sec-websocket-accept"
                && field[1].trimmingCharacters(in: .whitespaces) == accept
        }
        return hasAccept ? .accepted(end: end) : .refused("101 without the right Sec-WebSocket-Accept")
    }
}
