import JSONValues

/// Why a command was refused, in the words that are sent to the client [1-protocol 3].
///
/// A refused command never reaches a script and changes nothing; the connection stays open.
package struct CommandError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What was wrong, for programs.
    package enum Code: String, Sendable, CaseIterable {
        /// The message is larger than the server allows.
        case tooBig = "too_big"
        /// The message is not JSON, or not an object.
        case badJSON = "bad_json"
        /// A JSON object, but `action`, `command_id`, `ping` or `data` is malformed.
        case badCommand = "bad_command"
        /// The session sent more commands than it may.
        case rateLimited = "rate_limited"
        /// The game declares no such event.
        case unknownEvent = "unknown_event"
        /// The event exists, but clients may not call it.
        case notPublic = "not_public"
        /// The event declares no such parameter.
        case unknownParameter = "unknown_parameter"
        /// A parameter has another type than the declared one.
        case badParameter = "bad_parameter"
        /// A mandatory parameter is absent.
        case missingParameter = "missing_parameter"
        /// The map accepts no more commands at the moment.
        case busy = "busy"
    }

    /// What was wrong, for programs.
    package var code: Code
    /// What was wrong and what is allowed, for people.
    package var message: String
    /// The command's `GROUP/EVENT`, as far as it could be read.
    package var action: String?
    /// The command's `command_id`, as far as it could be read.
    package var commandID: Double?

    /// Makes an error.
    ///
    /// - Parameters:
    ///   - code: What was wrong, for programs.
    ///   - message: What was wrong and what is allowed.
    ///   - action: The command's `GROUP/EVENT`, if known.
    ///   - commandID: The command's `command_id`, if known.
    package init(_ code: Code, _ message: String, action: String? = nil, commandID: Double? = nil) {
        self.code = code
        self.message = message
        self.action = action
        self.commandID = commandID
    }

    /// The code and the message.
    package var description: String { "\(code.rawValue): \(message)" }

    /// The answer to the client: `{"error":…,"code":…,"action":…,"command_id":…}` as UTF-8, without absent members.
    package var payload: [UInt8] {
        var object: JSONObject = ["error": .string(message), "code": .string(code.rawValue)]
        if let action { object["action"] = .string(action) }
        if let commandID { object["command_id"] = .number(commandID) }
        return JSON.object(object).bytes
    }
}
