import GameFolder

extension GameScript.Role {
    /// Whether a changed script of this role may change the timeouts of event groups: formulas, and libs, which
    /// formulas call.
    var concernsTimeouts: Bool {
        switch self {
        case .timeout, .lib: true
        default: false
        }
    }
}
