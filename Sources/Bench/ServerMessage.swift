import JSONValues

/// The kinds of server messages that a load test distinguishes (client protocol, section 4).
package enum ServerMessage: Sendable, Equatable {
    /// The whole world: the first message, and the message that replaces deltas when the client fell behind.
    case snapshot
    /// The changes, with the tick number and the server's Unix time in seconds.
    case delta(tick: Int, time: Double)
    /// A refusal, or the reason of a close: the code, the text, and the id of the refused command.
    case refusal(code: String, message: String, commandID: Int?)
    /// Anything else, such as a script's own message.
    case other

    /// An acknowledgement of one of the receiver's own commands.
    package struct Acknowledgement: Sendable, Equatable {
        /// The id that the client sent with the command.
        package var commandID: Int
        /// The time that the command waited on the server, in seconds.
        package var waitSeconds: Double
    }

    /// Classifies a message. The usual shape of a delta is recognised by its first bytes; anything else is parsed.
    ///
    /// - Parameter message: A complete text message.
    package init(_ message: UnsafeRawBufferPointer) {
        var offset = 8
        if ByteScan.has("{\"tick\":", in: message), let tick = ByteScan.number(message, at: &offset),
            ByteScan.has(",\"time\":", in: message, at: offset)
        {
            offset += 8
            if let time = ByteScan.number(message, at: &offset) {
                self = .delta(tick: Int(tick), time: time)
                return
            }
        }
        if ByteScan.has("{\"action\":\"load/index\"", in: message) {
            self = .snapshot
            return
        }
        self = Self.parsed(message)
    }

    private static func parsed(_ message: UnsafeRawBufferPointer) -> ServerMessage {
        guard let object = (try? JSON(parsing: [UInt8](message)))?.object else { return .other }
        if let error = object["error"]?.string {
            return .refusal(
                code: object["code"]?.string ?? "", message: error,
                commandID: object["command_id"]?.number.flatMap { Int(exactly: $0) })
        }
        if let action = object["action"]?.string { return action == "load/index" ? .snapshot : .other }
        guard let tick = object["tick"]?.number, let time = object["time"]?.number else { return .other }
        return .delta(tick: Int(tick), time: time)
    }

    /// Finds the acknowledgements in a delta: the object under `commands`, which only the commands' sender receives.
    ///
    /// - Parameters:
    ///   - message: A delta.
    ///   - body: Called with each acknowledgement.
    package static func acknowledgements(
        in message: UnsafeRawBufferPointer, _ body: (Acknowledgement) -> Void
    ) {
        guard let start = ByteScan.end(of: "\"commands\":{", in: message) else { return }
        // Group names are plain identifiers and the values are numbers, so no text here can have a brace.
        var depth = 1
        var end = start
        while end < message.count, depth > 0 {
            if message[end] == UInt8(ascii: "{") { depth += 1 }
            if message[end] == UInt8(ascii: "}") { depth -= 1 }
            end += 1
        }
        let part = UnsafeRawBufferPointer(rebasing: message[start..<end])
        var position = 0
        while var offset = ByteScan.end(of: "\"command_id\":", in: part, from: position) {
            let commandID = ByteScan.number(part, at: &offset)
            position = offset
            guard let commandID else { continue }
            var wait = 0.0
            // The wait time belongs to this group if it comes before the group's closing brace.
            if var place = ByteScan.end(of: "\"wait_time\":", in: part, from: offset),
                !part[offset..<place].contains(UInt8(ascii: "}"))
            {
                wait = ByteScan.number(part, at: &place) ?? 0
            }
            body(Acknowledgement(commandID: Int(commandID), waitSeconds: wait))
        }
    }
}
