/// What an operator, or a program with an API key, may do. Each role includes what the roles before it may do.
package enum OperatorRole: String, Sendable, Hashable, CaseIterable, Codable, Comparable {
    /// Sees figures, logs and settings; changes nothing but its own password and sessions.
    case viewer
    /// Also changes the running game and its files.
    case editor
    /// Also decides who else is an operator.
    case owner

    package static func < (left: OperatorRole, right: OperatorRole) -> Bool { left.rank < right.rank }

    private var rank: Int {
        switch self {
        case .viewer: 0
        case .editor: 1
        case .owner: 2
        }
    }
}
