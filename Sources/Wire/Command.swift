package import JSONValues

/// What a client asks for: one event of one group, with parameters [1-protocol 3].
///
/// ``parse(_:maxDepth:)`` checks the form only; ``CommandValidator`` checks whether the game has such an event.
package struct Command: Sendable, Equatable {
    /// The event group.
    package var group: String
    /// The event within the group; `index` when the client gave no event name [M11.4].
    package var event: String
    /// The sender's clock in milliseconds, a whole number, or `nil`.
    package var commandID: Double?
    /// The sender's last measured round trip in seconds, not negative, or `nil`.
    package var ping: Double?
    /// The sender's clock as Unix time, in seconds or in milliseconds, which its next delta gives back; or `nil`.
    package var unixtime: Double?
    /// The parameters: the members of `data`, then those of the top level, each in the order in which they came.
    package var parameters: JSONObject

    /// `GROUP/EVENT`.
    package var action: String { "\(group)/\(event)" }

    /// Whether this is the system event `load/index`, which asks for the whole world again [M3.6].
    package var isLoad: Bool { group == "load" && event == "index" }

    /// Makes a command.
    ///
    /// - Parameters:
    ///   - group: The event group.
    ///   - event: The event within the group.
    ///   - commandID: The sender's clock in milliseconds.
    ///   - ping: The sender's last measured round trip in seconds.
    ///   - unixtime: The sender's clock as Unix time.
    ///   - parameters: The parameters.
    package init(
        group: String, event: String = "index", commandID: Double? = nil, ping: Double? = nil,
        unixtime: Double? = nil, parameters: JSONObject = [:]
    ) {
        self.group = group
        self.event = event
        self.commandID = commandID
        self.ping = ping
        self.unixtime = unixtime
        self.parameters = parameters
    }
}

extension Command {
    /// How deep a command's JSON may nest by default.
    package static let maxDepth = 16

    /// Reads a command from one message.
    ///
    /// - Parameters:
    ///   - bytes: The message, UTF-8. The caller has checked its size.
    ///   - maxDepth: How deep it may nest.
    /// - Returns: The command. Its names match `[A-Za-z_][A-Za-z0-9_]*`, and its numbers are in range.
    /// - Throws: ``CommandError`` with code `bad_json` or `bad_command`.
    /// - Complexity: O(bytes + members²) with members bounded by the size of a message.
    package static func parse(_ bytes: [UInt8], maxDepth: Int = maxDepth) throws(CommandError) -> Command {
        let json: JSON
        do {
            json = try JSON(parsing: bytes, maxDepth: maxDepth)
        } catch {
            throw CommandError(.badJSON, "the message is not JSON: \(error); send one JSON object per message")
        }
        guard case .object(let object) = json else {
            throw CommandError(.badJSON, "the message is JSON, but \(json.typeName); send one JSON object per message")
        }
        let command = try parse(object)
        if let commandID = command.commandID, abs(commandID) == maxCommandID {
            // 2^53 is also what a double makes of 2^53 + 1, so here the digits decide.
            let digits = try? JSON(parsing: bytes, maxDepth: maxDepth, keepsDigits: true).object?["command_id"]?.string
            guard digits == JSON.number(commandID).text else {
                throw badCommandID(action: object["action"])
            }
        }
        return command
    }

    /// The largest `command_id`, and with a minus sign the smallest: 2^53. Above it a double can't hold every whole
    /// number, so the echo could differ from the number that was sent.
    private static let maxCommandID = 9_007_199_254_740_992.0

    private static func badCommandID(action: JSON?) -> CommandError {
        CommandError(
            .badCommand, "command_id must be a whole number of milliseconds, at most 2^53 (9007199254740992)",
            action: action?.string.map { clipped($0) })
    }

    /// Reads a command from a parsed message.
    ///
    /// - Parameter object: The message.
    /// - Returns: The command.
    /// - Throws: ``CommandError`` with code `bad_command`.
    package static func parse(_ object: JSONObject) throws(CommandError) -> Command {
        let action = object["action"]
        let commandID = try wholeNumber(object["command_id"], action: action)
        let echo = action?.string.map { clipped($0) }
        func failure(_ message: String) -> CommandError {
            CommandError(.badCommand, message, action: echo, commandID: commandID)
        }

        guard let name = action?.string else {
            throw failure(
                action == nil
                    ? "the command has no action; write \"action\":\"GROUP/EVENT\""
                    : "action must be text like \"GROUP/EVENT\", not \(action?.typeName ?? "null")")
        }
        let parts = name.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count <= 2, parts.allSatisfy(isName) else {
            throw failure("action \"\(clipped(name))\" is not GROUP/EVENT with names of letters, digits and _")
        }

        var ping: Double?
        switch object["ping"] {
        case nil, .null: break
        case .number(let value) where value >= 0 && value.isFinite: ping = value
        case .some(let other):
            throw failure("ping must be a number of seconds, 0 or more, not \(shown(other))")
        }
        var unixtime: Double?
        switch object["unixtime"] {
        case nil, .null: break
        // Up to the same bound as `command_id`, so that the wait can be added without a loss.
        case .number(let value) where value >= 0 && value <= 9_007_199_254_740_992: unixtime = value
        case .some(let other):
            throw failure(
                "unixtime must be your clock, the seconds since 1970 (or milliseconds) as a number from 0 to 2^53, not \(shown(other))"
            )
        }

        let parameters: JSONObject
        switch gatherParameters(object) {
        case .success(let gathered): parameters = gathered
        case .failure(let problem): throw failure(problem.message)
        }
        return Command(
            group: String(parts[0]), event: parts.count == 2 ? String(parts[1]) : "index", commandID: commandID,
            ping: ping, unixtime: unixtime, parameters: parameters)
    }

    /// The parameters of a message: the members of `data` and the other members of the top level.
    private static func gatherParameters(_ object: JSONObject) -> Result<JSONObject, CommandError> {
        var parameters: JSONObject
        switch object["data"] {
        case nil, .null: parameters = [:]
        case .object(let data): parameters = data
        case .some(let other):
            return .failure(CommandError(.badCommand, "data must be an object of parameters, not \(other.typeName)"))
        }
        for (key, value) in object.members where !reservedKeys.contains(key) {
            guard parameters[key] == nil else {
                return .failure(
                    CommandError(
                        .badCommand, "parameter \"\(clipped(key))\" stands at top level and under data; give it once"))
            }
            parameters.append(unique: key, value)
        }
        return .success(parameters)
    }

    /// The members of a message that are not parameters.
    private static let reservedKeys: Set<String> = ["action", "command_id", "ping", "unixtime", "data"]

    private static func wholeNumber(_ value: JSON?, action: JSON?) throws(CommandError) -> Double? {
        switch value {
        case nil, .null: return nil
        case .number(let number) where number.rounded() == number && abs(number) <= maxCommandID: return number
        default: throw badCommandID(action: action)
        }
    }

    /// A wrong value as an error shows it.
    private static func shown(_ value: JSON) -> String {
        switch value {
        case .null, .bool, .number: value.text
        case .string(let text): JSON.string(clipped(text)).text
        case .array: "an array"
        case .object: "an object"
        }
    }

    /// Whether a text is a name: `[A-Za-z_][A-Za-z0-9_]*`, at most 64 characters.
    private static func isName(_ text: Substring) -> Bool {
        guard let first = text.utf8.first, text.utf8.count <= 64, !isDigit(first) else { return false }
        return text.utf8.allSatisfy { byte in
            isDigit(byte) || byte == UInt8(ascii: "_")
                || (byte | 0x20) >= UInt8(ascii: "a") && (byte | 0x20) <= UInt8(ascii: "z")
        }
    }

    private static func isDigit(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") }

    /// A client's text, cut to 80 bytes so that it can be repeated in an answer or a log line.
    package static func clipped(_ text: String) -> String {
        text.clipped(to: 80)
    }
}
