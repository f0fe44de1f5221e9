package import World

/// What the engines name in different ways.
package enum SQLDialect: Sendable {
    case sqlite
    case postgres

    /// The function that returns where in its first argument its second one begins, from 1; 0 when it is not there.
    package var place: String {
        switch self {
        case .sqlite: "instr"
        case .postgres: "strpos"
        }
    }

    /// An expression by which `entities` are sorted by the names of their kinds.
    package var kindOrder: String {
        switch self {
        case .sqlite: return "kind"
        case .postgres:
            let sorted = EntityKind.allCases.sorted { $0.name < $1.name }
            let cases = sorted.enumerated().map { "WHEN \($0.element.rawValue) THEN \($0.offset)" }
            return "CASE kind \(cases.joined(separator: " ")) END"
        }
    }

    /// The value of a kind in the table `entities`.
    package func value(_ kind: EntityKind) -> SQLValue {
        switch self {
        case .sqlite: .text(kind.name)
        case .postgres: .integer(Int(kind.rawValue))
        }
    }
}
