extension ScriptAPI {
    /// The kinds of scripts.
    package enum ScriptKind: String, Sendable, CaseIterable {
        case lib, component, event, timeout, spawn, leave
        /// `sockets/connect.lua`, `sockets/disconnect.lua` and the other files of `sockets/`.
        case connect, disconnect, socket
    }

    /// A global that the server sets before each run of some scripts.
    package struct EnvironmentGlobal: Sendable {
        /// The name.
        package var name: String
        /// The scripts that have it.
        package var scripts: Set<ScriptKind>
        /// The scripts that have it, in words for messages.
        package var place: String
        /// Its type in the notation of the Lua language server.
        package var type: String
        /// What it is, in words for the editor.
        package var about: String
    }

    /// Every global that only some scripts have [`3-game-folder.md`, M8.6].
    package static let environmentGlobals: [EnvironmentGlobal] = [
        EnvironmentGlobal(
            name: "object", scripts: [.component, .event, .timeout, .spawn, .leave],
            place: "components, events, spawn and leave hooks and timeout formulas", type: "Entity",
            about: "The entity that the script runs for. Not in lib files."),
        EnvironmentGlobal(
            name: "data", scripts: [.event, .connect, .socket], place: "events and socket events", type: "EventData",
            about:
                "The parameters of the event that runs; for a socket event its first argument, and in sockets/connect.lua what the client gave to connect. In events and socket events only."
        ),
        EnvironmentGlobal(
            name: "event", scripts: [.event, .timeout], place: "events and timeout formulas", type: "RunningEvent",
            about: "The event that runs. In events and timeout formulas only."),
        EnvironmentGlobal(
            name: "name", scripts: [.component], place: "components' triggers", type: "string",
            about: "The component that changed. In components only."),
        EnvironmentGlobal(
            name: "value", scripts: [.component], place: "components' triggers", type: "any",
            about: "The component's new value. In components only."),
        EnvironmentGlobal(
            name: "old", scripts: [.component], place: "components' triggers", type: "any",
            about: "The component's value before. In components only."),
        EnvironmentGlobal(
            name: "reason", scripts: [.leave, .disconnect], place: "leave hooks and sockets/disconnect.lua",
            type: "LeaveReason|string",
            about:
                "Why the entity leaves the map, or the socket is gone. In leave hooks and sockets/disconnect.lua only."),
        EnvironmentGlobal(
            name: "socket", scripts: [.connect, .disconnect, .socket], place: "the files of sockets/", type: "Socket",
            about: "The socket for which the script runs. In the files of sockets/ only."),
        EnvironmentGlobal(
            name: "args", scripts: [.socket], place: "socket events", type: "any[]",
            about: "All arguments of the socket event that runs. In socket events only."),
        EnvironmentGlobal(
            name: "ack", scripts: [.socket], place: "socket events", type: "function|nil",
            about:
                "Answers the socket event that runs, once and while it runs; nil when the client asked for no answer. In socket events only."
        ),
    ]

    /// The globals that scripts of a kind have besides the common ones.
    package static func environment(of kind: ScriptKind) -> [String] {
        environmentGlobals.filter { $0.scripts.contains(kind) }.map(\.name)
    }
}
