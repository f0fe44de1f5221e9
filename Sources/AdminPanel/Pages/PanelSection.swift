import OperatorAPI

/// An entry of the navigation: one page that exists, in the order in which the entries are shown.
struct PanelSection: Sendable, Equatable {
    let title: String
    let page: Endpoint
    /// The part of the help page about it.
    let help: String

    static let maps = PanelSection(title: "Maps", page: .mapsPage, help: "maps")
    static let files = PanelSection(title: "Files", page: .filesPage, help: "files")
    static let play = PanelSection(title: "Play", page: .playPage, help: "play")
    static let operators = PanelSection(title: "Operators", page: .operatorsPage, help: "operators")
    static let audit = PanelSection(title: "Audit", page: .auditPage, help: "audit")

    static let all = [maps, files, play, operators, audit]
}
