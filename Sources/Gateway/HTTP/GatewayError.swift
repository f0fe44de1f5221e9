package import HTTPTypes
package import JSONValues

/// A refused request: the status and the content of the JSON body [1-protocol 1].
package struct GatewayError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The HTTP status.
    package var status: HTTPResponse.Status
    /// The reason for programs.
    package var code: String
    /// The reason for people.
    package var message: String
    /// Seconds after which another try makes sense; also sent as `Retry-After`.
    package var retry: Int?
    /// The field of the request that is wrong.
    package var field: String?
    /// What a program needs besides, such as the value that is there now.
    package var details: JSONObject = [:]

    /// Makes an error.
    ///
    /// - Parameters:
    ///   - status: The HTTP status.
    ///   - code: The reason for programs.
    ///   - message: The reason for people.
    ///   - retry: Seconds after which another try makes sense.
    ///   - field: The field of the request that is wrong.
    ///   - details: What a program needs besides.
    package init(
        _ status: HTTPResponse.Status, _ code: String, _ message: String, retry: Int? = nil, field: String? = nil,
        details: JSONObject = [:]
    ) {
        self.details = details
        self.status = status
        self.code = code
        self.message = message
        self.retry = retry
        self.field = field
    }

    /// A malformed request.
    ///
    /// - Parameters:
    ///   - message: What is wrong and what is allowed.
    ///   - field: The field that is wrong.
    /// - Returns: The error, status 400.
    package static func badRequest(_ message: String, field: String? = nil) -> GatewayError {
        GatewayError(.badRequest, "bad_request", message, field: field)
    }

    /// An unknown path, map, file or other thing.
    ///
    /// - Parameter message: What was not found.
    /// - Returns: The error, status 404.
    package static func notFound(_ message: String) -> GatewayError { GatewayError(.notFound, "not_found", message) }

    /// A request that exceeds a rate limit.
    ///
    /// - Parameters:
    ///   - what: What happened too often, in the plural.
    ///   - wait: Seconds until another try makes sense.
    /// - Returns: The error, status 429.
    static func rateLimited(_ what: String, wait: Int) -> GatewayError {
        GatewayError(.tooManyRequests, "rate_limited", "too many \(what); try again in \(wait) s", retry: wait)
    }

    /// The status, the code and the message.
    package var description: String { "\(status.code) \(code): \(message)" }

    /// The body: `{"error":…,"code":…,"retry":…,"field":…}` and the details, absent members left out.
    package var json: JSON {
        var object: JSONObject = ["error": .string(message), "code": .string(code)]
        if let retry { object["retry"] = .number(Double(retry)) }
        if let field { object["field"] = .string(field) }
        for (key, value) in details.members { object[key] = value }
        return .object(object)
    }
}
