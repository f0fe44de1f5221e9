import Foundation

/// The client's side of the WebSocket handshake (RFC 6455 section 4; client protocol, section 2).
package enum WebSocketHandshake {
    /// The result of reading an answer.
    package enum Answer: Sendable, Equatable {
        /// The head is not complete.
        case incomplete
        /// The server switched protocols; frames begin at this offset.
        case accepted(end: Int)
        /// The server did not switch protocols; the reason as text.
        case refused(String)
    }

    /// The example key of RFC 6455. A fixed key avoids computing SHA-1 here.
    private static let key = "dGhlIHNhbXBsZSBub25jZQ=="
    /// The `Sec-WebSocket-Accept` that answers this key; it only proves that the server understood the handshake.
    static let accept = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
    private static let maxHeadBytes = 16 << 10

    /// Makes the request of a player.
    ///
    /// - Parameters:
    ///   - host: The value of `Host`.
    ///   - playerID: The id from the login.
    ///   - token: The one-time token from the login.
    /// - Returns: The request's text.
    package static func request(host: String, playerID: Int, token: String) -> String {
        request(host: host, path: "/" + query(playerID: playerID, token: token))
    }

    /// The query by which a player proves who it is, with its `?`.
    static func query(playerID: Int, token: String) -> String {
        let credentials = Data("\(playerID):\(token)".utf8).base64EncodedString()
            .replacingOccurrences(of: "+", with: "%2B").replacingOccurrences(of: "/", with: "%2F")
            .replacingOccurrences(of: "=", with: "%3D")
        return "?HTTP_AUTHORIZATION=\(credentials)"
    }

    /// Makes a request without credentials.
    ///
    /// - Parameters:
    ///   - host: The value of `Host`.
    ///   - path: The path with its query.
    /// - Returns: The request's text.
    package static func request(host: String, path: String) -> String {
        "GET \(path) HTTP/1.1\r\nHost: \(host)\r\nUpgrade: websocket\r\n"
            + "Connection: Upgrade\r\nSec-WebSocket-Key: \(key)\r\nSec-WebSocket-Version: 13\r\n\r\n"
    }

    /// Reads the answer.
    ///
    /// - Parameter bytes: The bytes that were received so far.
    /// - Returns: Whether the answer is complete, and its result.
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

    /// What a close frame says, as a text.
    static func closeReason(_ payload: UnsafeRawBufferPointer) -> String {
        guard payload.count >= 2 else { return "the server closed the WebSocket" }
        let code = Int(payload[0]) << 8 | Int(payload[1])
        let text = String(decoding: payload.dropFirst(2), as: UTF8.self)
        return "the server closed the WebSocket with \(code)" + (text.isEmpty ? "" : " (\(text))")
    }
}
