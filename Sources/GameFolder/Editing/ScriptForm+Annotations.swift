package import GameRules

extension ScriptForm {
    /// One annotation that a kind of script may have, for completion.
    package struct Known: Sendable, Equatable {
        /// The word after `--@`.
        package var name: String
        /// What its value looks like.
        package var value: String
        /// What it says.
        package var about: String
    }

    /// The annotations that a kind of script may have, in the order in which they are written; the docs and the reader
    /// of scripts have the same.
    ///
    /// - Parameter kind: The kind of script.
    /// - Returns: The annotations.
    package static func annotations(of kind: ScriptAPI.ScriptKind) -> [Known] {
        let about = Known(name: "about", value: "TEXT", about: "One line about it, shown in the panel.")
        switch kind {
        case .lib, .spawn, .leave, .connect, .disconnect, .socket: return [about]
        case .component:
            return [
                about,
                Known(name: "type", value: "number | string | boolean | json", about: "The type of its values."),
                Known(name: "default", value: "JSON", about: "The value on a new entity."),
                Known(name: "private", value: "", about: "Only the owning player receives it."),
                Known(
                    name: "entities", value: entityTypes.joined(separator: ", "),
                    about: "The types of entities that have it; without the line all four."),
            ]
        case .event:
            return [
                about, Known(name: "public", value: "true | false", about: "Whether clients may send it as a command."),
                Known(name: "repeat", value: "true | false", about: "Whether it is pending again after it ran."),
                Known(
                    name: "param", value: "NAME TYPE [= DEFAULT] [text]",
                    about: "A parameter; with a default it may be left out."),
            ]
        case .timeout:
            return [
                about,
                Known(name: "order", value: "NUMBER", about: "Groups with a lower order run first in a tick."),
                Known(
                    name: "life_radius", value: "TILES",
                    about: "Its events wait while no player is within that many tiles."),
                Known(
                    name: "share", value: "none | owner | all", about: "Which clients are told of the group's queue."),
            ]
        }
    }
}
