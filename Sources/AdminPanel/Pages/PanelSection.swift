import OperatorAPI

/// An entry of the navigation: one page that exists, in the order in which the entries are shown.
struct PanelSection: Sendable, Equatable {
    let title: String
    let page: Endpoint
    /// The part of the help page about it.
    let help: String

    static let maps = PanelSection(title: "Maps", page: .mapsPage, help: "maps")
    static let logs = PanelSection(title: "Logs", page: .logsPage, help: "logs")
    static let performance = PanelSection(title: "Performance", page: .performancePage, help: "performance")
    static let operators = PanelSection(title: "Operators", page: .operatorsPage, help: "operators")
    static let audit = PanelSection(title: "Audit", page: .auditPage, help: "audit")

    static let all = [maps, logs, performance, operators, audit]
}
