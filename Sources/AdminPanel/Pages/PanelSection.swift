import OperatorAPI

/// An entry of the navigation: one page that exists, in the order in which the entries are shown.
struct PanelSection: Sendable, Equatable {
    let title: String
    let page: Endpoint
    /// The page of the help about it: `docs/panel/HELP.md`.
    let help: String

    static let maps = PanelSection(title: "Maps", page: .mapsPage, help: "maps")
    static let world = PanelSection(title: "World", page: .worldPage, help: "world")
    static let players = PanelSection(title: "Players", page: .playersPage, help: "players")
    static let logs = PanelSection(title: "Logs", page: .logsPage, help: "logs")
    static let performance = PanelSection(title: "Performance", page: .performancePage, help: "performance")
    static let editor = PanelSection(title: "Editor", page: .editorPage, help: "editor")
    static let files = PanelSection(title: "Files", page: .filesPage, help: "files")
    static let play = PanelSection(title: "Play", page: .playPage, help: "play")
    static let operators = PanelSection(title: "Operators", page: .operatorsPage, help: "operators")
    static let audit = PanelSection(title: "Audit", page: .auditPage, help: "audit")

    static let all = [maps, world, players, logs, performance, editor, files, play, operators, audit]
}
