import JSONValues

/// The commands of one Socket.IO client that it wants acknowledged, in the order in which they came.
struct PendingAcknowledgements {
    /// An acknowledgement that is due.
    struct Answer: Equatable {
        /// The number that the client gave its request.
        var id: Int
        /// `{"ok":true,"wait_time":…}` or `{"error":…,"code":…}`.
        var content: JSONObject
    }

    /// How many commands may wait; the oldest one gets an error when another comes.
    static let maxCount = 256

    private struct Command {
        var id: Int
        /// The event's name up to the slash.
        var group: Substring
        var commandID: Double
    }

    private var commands: [Command] = []
    private var lastCommandID = 0.0

    /// Whether no command waits.
    var isEmpty: Bool { commands.isEmpty }

    /// A `command_id` for a command whose client gave none: 1, 2, 3 …
    mutating func nextCommandID() -> Double {
        lastCommandID += 1
        return lastCommandID
    }

    /// Notes a command.
    ///
    /// - Parameters:
    ///   - id: The number that the client gave its request.
    ///   - name: The event's name, `GROUP/EVENT` or `GROUP`.
    ///   - commandID: The `command_id` with which the map will confirm it.
    /// - Returns: The answer to the oldest command, when too many wait.
    mutating func note(_ id: Int, _ name: String, commandID: Double) -> Answer? {
        let group = name.prefix { $0 != "/" }
        defer { commands.append(Command(id: id, group: group, commandID: commandID)) }
        guard commands.count == Self.maxCount else { return nil }
        return Self.refusal(
            of: commands.removeFirst(), "busy", "more than \(Self.maxCount) commands wait for their acknowledgement")
    }

    /// The answers to commands that ran.
    ///
    /// - Parameter confirmed: The `commands` object of a delta: each group's last command that ran.
    /// - Returns: The answers, also to earlier commands of these groups, which the later ones have replaced.
    mutating func answers(to confirmed: JSONObject) -> [Answer] {
        confirmed.members.flatMap { group, value -> [Answer] in
            guard let id = value.object?["command_id"]?.number,
                let place = commands.lastIndex(where: { $0.group == group && $0.commandID == id })
            else { return [] }
            let wait = value.object?["wait_time"] ?? .number(0)
            let (former, command) = (commands[..<place], commands[place])
            let replaced = former.filter { $0.group == group }.map {
                Self.refusal(of: $0, "replaced", "a later command of the group \(group) came before this one ran")
            }
            commands = former.filter { $0.group != group } + commands[(place + 1)...]
            return replaced + [Answer(id: command.id, content: ["ok": .bool(true), "wait_time": wait])]
        }
    }

    /// The answer to a command that was refused.
    ///
    /// - Parameters:
    ///   - error: The refusal, as other clients get it.
    ///   - id: The number of the request that is being handled, if the refusal comes at once. Such a refusal can be of
    ///     a command that was never noted, because it has no `command_id` that can be read.
    /// - Returns: The answer; `nil` when the refusal is of no command that wants one.
    mutating func answer(to error: JSONObject, during id: Int?) -> Answer? {
        guard let code = error["code"], let text = error["error"] else { return nil }
        let place = commands.lastIndex { $0.id == id } ?? place(of: error)
        guard let id = place.map({ commands.remove(at: $0).id }) ?? id else { return nil }
        return Answer(id: id, content: ["error": text, "code": code])
    }

    private func place(of error: JSONObject) -> Int? {
        guard let id = error["command_id"]?.number,
            let group = error["action"]?.string?.prefix(while: { $0 != "/" })
        else { return nil }
        return commands.lastIndex { $0.commandID == id && $0.group == group }
    }

    /// The answers to requests for the world, which has been sent.
    mutating func answersToLoads() -> [Answer] {
        let loads = commands.filter { $0.group == "load" }
        guard !loads.isEmpty else { return [] }
        commands.removeAll { $0.group == "load" }
        return loads.map { Answer(id: $0.id, content: ["ok": .bool(true), "wait_time": .number(0)]) }
    }

    private static func refusal(of command: Command, _ code: String, _ text: String) -> Answer {
        Answer(id: command.id, content: ["error": .string(text), "code": .string(code)])
    }
}
