package import World

/// Checks commands against what a game declares [1-protocol 3, M11.2, M11.11].
///
/// In this order: the event exists, it is public, its parameters are declared and of the declared type, the mandatory
/// ones are there. Made once per schema; a value, usable on any thread.
package struct CommandValidator: Sendable {
    private let groups: [String: [String: EventDefinition]]

    /// Makes a validator.
    ///
    /// - Parameter schema: What the game declares.
    /// - Complexity: O(events).
    package init(schema: Schema) {
        groups = Dictionary(
            schema.groups.map { group in
                (group.name, Dictionary(group.events.map { ($0.name, $0) }, uniquingKeysWith: { $1 }))
            },
            uniquingKeysWith: { $1 })
    }

    /// Checks one command.
    ///
    /// - Parameter command: A command as it was read.
    /// - Returns: Its parameters in the order of their declaration, absent optional ones with their default.
    ///   JSON null counts as absent, as nil does in Lua.
    /// - Throws: ``CommandError`` with code `unknown_event`, `not_public`, `unknown_parameter`, `bad_parameter` or
    ///   `missing_parameter`, and a message that says what is allowed.
    package func validate(_ command: Command) throws(CommandError) -> JSONObject {
        func failure(_ code: CommandError.Code, _ message: String) -> CommandError {
            CommandError(code, message, action: command.action, commandID: command.commandID)
        }
        guard let group = groups[command.group] else {
            let known = groups.filter { $0.value.values.contains(where: \.isPublic) }.keys
            throw failure(.unknownEvent, "there is no event group \(command.group); public groups: \(Self.list(known))")
        }
        let callable = group.values.filter(\.isPublic).map(\.name)
        guard let event = group[command.event] else {
            throw failure(
                .unknownEvent,
                "group \(command.group) has no event \(command.event); its public events: \(Self.list(callable))")
        }
        guard event.isPublic else {
            throw failure(
                .notPublic,
                "\(command.action) is not public, only the game's own scripts can add it; public events of "
                    + "\(command.group): \(Self.list(callable))")
        }

        for key in command.parameters.keys where !event.parameters.contains(where: { $0.name == key }) {
            throw failure(
                .unknownParameter,
                "\(command.action) has no parameter \"\(Command.clipped(key))\"; declared: "
                    + Self.list(event.parameters.map(\.name), sorted: false))
        }
        var canonical = JSONObject()
        for parameter in event.parameters {
            let given = command.parameters[parameter.name]
            if let given, given != .null {
                guard parameter.type.accepts(given) else {
                    throw failure(
                        .badParameter,
                        "parameter \(parameter.name) of \(command.action) must be \(parameter.type.rawValue), "
                            + "not \(given.typeName)")
                }
                canonical.append(unique: parameter.name, given)
            } else if let value = parameter.defaultValue {
                canonical.append(unique: parameter.name, value)
            } else {
                throw failure(
                    .missingParameter,
                    "\(command.action) needs the parameter \(parameter.name) (\(parameter.type.rawValue))")
            }
        }
        return canonical
    }

    /// A list of names for a message, `none` when it is empty, cut after twenty.
    private static func list(_ names: some Collection<String>, sorted: Bool = true) -> String {
        guard !names.isEmpty else { return "none" }
        let ordered = sorted ? names.sorted() : Array(names)
        return ordered.prefix(20).joined(separator: ", ") + (ordered.count > 20 ? ", …" : "")
    }
}

extension EventParameter.ValueType {
    /// Whether a value other than null is of this type; a table is an array or an object.
    ///
    /// - Parameter value: The value a client gave.
    /// - Returns: `true` when it may be passed to the script.
    package func accepts(_ value: JSON) -> Bool {
        switch (self, value) {
        case (.any, _), (.number, .number), (.string, .string), (.boolean, .bool), (.table, .array), (.table, .object):
            true
        default: false
        }
    }
}
