package import GameFolder

extension ScriptAPI {
    /// A global that the server sets before each run of some scripts.
    package struct EnvironmentGlobal: Sendable {
        /// The name.
        package var name: String
        /// Where it is, for messages.
        package var place: String
        /// What it is, for the editor.
        package var about: String
    }

    /// Every global that only some scripts have [`3-game-folder.md`, M8.6].
    package static let environmentGlobals: [EnvironmentGlobal] = [
        EnvironmentGlobal(
            name: "object", place: "components, events, spawn hooks and timeout formulas",
            about: "The entity that the script runs for. Not in lib files."),
        EnvironmentGlobal(
            name: "data", place: "events", about: "The parameters of the event that runs. In events only."),
        EnvironmentGlobal(
            name: "event", place: "events and timeout formulas",
            about: "The event that runs. In events and timeout formulas only."),
        EnvironmentGlobal(
            name: "name", place: "components' triggers", about: "The component that changed. In components only."),
        EnvironmentGlobal(
            name: "value", place: "components' triggers", about: "The component's new value. In components only."),
        EnvironmentGlobal(
            name: "old", place: "components' triggers", about: "The component's value before. In components only."),
    ]

    /// The globals that a script has beside those that all have.
    package static func environment(of role: GameScript.Role) -> [String] {
        switch role {
        case .lib: []
        case .component: ["object", "name", "value", "old"]
        case .event: ["object", "data", "event"]
        case .timeout: ["object", "event"]
        case .spawn: ["object"]
        }
    }
}
