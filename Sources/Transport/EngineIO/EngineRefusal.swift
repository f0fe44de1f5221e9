package import NIOHTTP1
import Wire

/// Why a request to an Engine.IO server is refused. Codes and texts are those of the reference server; a text may go on
/// to say what to do.
package struct EngineRefusal: Error, Sendable, Equatable {
    /// The status of the answer.
    package var status: HTTPResponseStatus
    /// The reason for programs.
    package var code: Int
    /// The reason for people.
    package var message: String

    init(_ status: HTTPResponseStatus = .badRequest, code: Int, _ message: String) {
        self.status = status
        self.code = code
        self.message = message
    }

    static let unknownTransport = EngineRefusal(code: 0, "Transport unknown")
    static let unknownSID = EngineRefusal(code: 1, "Session ID unknown")
    static let badHandshakeMethod = EngineRefusal(code: 2, "Bad handshake method")
    static let badRequest = EngineRefusal(code: 3, "Bad request")
    static let noJSONP = badRequest("JSONP (the parameter j) is not served here; poll without it, or use a WebSocket")
    static let tooManyConnections = forbidden(
        "this address has too many connections; close some of them", status: .tooManyRequests)
    static let full = forbidden("the server has no room for another client", status: .serviceUnavailable)
    static let stopping = forbidden("the server is stopping", status: .serviceUnavailable)

    /// A request that the protocol does not allow.
    ///
    /// - Parameters:
    ///   - reason: What is wrong, and what to do.
    ///   - status: The status of the answer.
    /// - Returns: The refusal.
    static func badRequest(_ reason: String, status: HTTPResponseStatus = .badRequest) -> EngineRefusal {
        EngineRefusal(status, code: 3, "Bad request: \(reason)")
    }

    /// A handshake that the server's owner does not allow.
    ///
    /// - Parameters:
    ///   - reason: What is wrong, and what to do.
    ///   - status: The status of the answer.
    /// - Returns: The refusal.
    package static func forbidden(_ reason: String, status: HTTPResponseStatus = .forbidden) -> EngineRefusal {
        EngineRefusal(status, code: 4, "Forbidden: \(reason)")
    }

    /// A handshake for another version of the protocol.
    ///
    /// - Parameter version: The value of `EIO`; `nil` if the request has no `EIO`.
    /// - Returns: The refusal.
    static func unsupportedVersion(_ version: String?) -> EngineRefusal {
        let given = version.map { "EIO is \(String(decoding: $0.utf8.prefix(16), as: UTF8.self))" } ?? "EIO is missing"
        return EngineRefusal(
            code: 5,
            "Unsupported protocol version: \(given), and this server speaks EIO=4; use a Socket.IO client of version 3 or "
                + "later")
    }

    /// A request whose body is too long.
    ///
    /// - Parameter limit: The most bytes.
    /// - Returns: The refusal.
    static func tooLarge(_ limit: Int) -> EngineRefusal {
        badRequest("a body may have \(limit) bytes (maxPayload)", status: .payloadTooLarge)
    }

    /// A request with a long body that has no meaning.
    static let unwantedBody = badRequest("only a POST request with a sid has a body", status: .payloadTooLarge)

    /// A request whose target is too long.
    ///
    /// - Parameter limit: The most bytes.
    /// - Returns: The refusal.
    static func targetTooLong(_ limit: Int) -> EngineRefusal {
        badRequest("the path and the query of a request may have \(limit) bytes together", status: .uriTooLong)
    }

    /// `{"code":N,"message":"…"}` as UTF-8.
    package var json: [UInt8] {
        let writer = ByteWriter(capacity: 128)
        writer.write("{\"code\":")
        writer.write(integer: code)
        writer.write(",\"message\":")
        writer.write(string: message)
        writer.write("}")
        return Array(writer.bytes)
    }
}
