package import JSONValues
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

        do {
            return try event.complete(command.parameters, group: command.group)
        } catch {
            switch error {
            case .undeclaredParameter(let event, let name, let declared):
                // The name is the client's own text; it gets back no more of it than fits a line.
                let known = WorldError.undeclaredParameter(
                    event: event, name: Command.clipped(name), declared: declared)
                throw failure(.unknownParameter, known.description)
            case .missingParameter: throw failure(.missingParameter, error.description)
            default: throw failure(.badParameter, error.description)
            }
        }
    }

    /// A list of names for a message, `none` when it is empty, cut after twenty.
    private static func list(_ names: some Collection<String>) -> String {
        guard !names.isEmpty else { return "none" }
        let ordered = names.sorted()
        return ordered.prefix(20).joined(separator: ", ") + (ordered.count > 20 ? ", …" : "")
    }
}
