package import JSONValues
package import World

/// Checks commands against what a game declares [1-protocol 3, M11.2, M11.11].
///
/// It checks in this order: the event exists; it is public; all given parameters are declared; then, for each declared
/// parameter, a mandatory one is present and the value has the declared type. A validator is made once for each schema.
/// It is a value that may be used on any thread.
package struct CommandValidator: Sendable {
    /// A valid command: the places of its group and event in the schema, and its parameters.
    package struct Accepted: Equatable {
        /// The place of the event group.
        package let group: Int
        /// The place of the event in its group.
        package let event: Int
        /// The parameters in the order of their declaration; an absent optional one has its default.
        package let data: JSONObject
    }

    private struct Group {
        let index: Int
        var events: [String: (index: Int, definition: EventDefinition)]
    }

    private let groups: [String: Group]

    /// Makes a validator.
    ///
    /// - Parameter schema: What the game declares.
    /// - Complexity: O(events).
    package init(schema: Schema) {
        var groups: [String: Group] = [:]
        for (index, group) in schema.groups.enumerated() {
            var known = Group(index: index, events: [:])
            for (index, event) in group.events.enumerated() { known.events[event.name] = (index, event) }
            groups[group.name] = known
        }
        self.groups = groups
    }

    /// Checks one command.
    ///
    /// - Parameter command: A parsed command.
    /// - Returns: The event and its parameters. JSON null counts as an absent parameter, as nil does in Lua.
    /// - Throws: ``CommandError`` with code `unknown_event`, `not_public`, `unknown_parameter`, `bad_parameter` or
    ///   `missing_parameter`, and a message that says what is allowed.
    package func validate(_ command: Command) throws(CommandError) -> Accepted {
        func failure(_ code: CommandError.Code, _ message: String) -> CommandError {
            CommandError(code, message, action: command.action, commandID: command.commandID)
        }
        guard let group = groups[command.group] else {
            let known = groups.filter { $0.value.events.values.contains(where: \.definition.isPublic) }.keys
            throw failure(.unknownEvent, "there is no event group \(command.group); public groups: \(Self.list(known))")
        }
        let callable = group.events.values.filter(\.definition.isPublic).map(\.definition.name)
        guard let (index, event) = group.events[command.event] else {
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
            let data = try event.complete(command.parameters, group: command.group)
            return Accepted(group: group.index, event: index, data: data)
        } catch {
            switch error {
            case .undeclaredParameter(let event, let name, let declared):
                // The name is text of any length from the client; the answer repeats only as much as fits on a line.
                let known = WorldError.undeclaredParameter(
                    event: event, name: Command.clipped(name), declared: declared)
                throw failure(.unknownParameter, known.description)
            case .missingParameter: throw failure(.missingParameter, error.description)
            default: throw failure(.badParameter, error.description)
            }
        }
    }

    /// A list of names for a message, cut after twenty names; `none` when it is empty.
    private static func list(_ names: some Collection<String>) -> String {
        guard !names.isEmpty else { return "none" }
        let ordered = names.sorted()
        return ordered.prefix(20).joined(separator: ", ") + (ordered.count > 20 ? ", …" : "")
    }
}
