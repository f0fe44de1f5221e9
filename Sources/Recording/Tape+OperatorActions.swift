import Simulation
import World

/// The byte that begins an operator's action; its numbers are never reused.
private enum ActionMark: UInt8 {
    case kick = 1, announce, rerunSpawnHooks, continueTicks
}

/// The encoding of what operators do to a map.
extension TapeWriter {
    mutating func write(_ action: OperatorAction) {
        switch action {
        case .kick(let player, let reason):
            write(ActionMark.kick.rawValue)
            write(player)
            write(reason)
        case .announce(let text):
            write(ActionMark.announce.rawValue)
            write(text)
        case .rerunSpawnHooks(let choice):
            write(ActionMark.rerunSpawnHooks.rawValue)
            // The empty text is no kind's name.
            write(choice.kind?.name ?? "")
            write(optional: choice.prefab) { $0.write($1) }
        case .continueTicks(let last):
            write(ActionMark.continueTicks.rawValue)
            write(last)
        }
    }
}

extension TapeReader {
    /// Reads what an operator does to a map.
    ///
    /// - Throws: ``RecordingError/malformed(_:)``.
    mutating func operatorAction() throws(RecordingError) -> OperatorAction {
        let mark = try byte()
        switch ActionMark(rawValue: mark) {
        case .kick:
            let player = try integer()
            return .kick(player: player, reason: try text())
        case .announce: return .announce(text: try text())
        case .rerunSpawnHooks:
            let name = try text()
            let kind = EntityKind(name: name)
            guard kind != nil || name.isEmpty else { throw malformed("\"\(name)\" is not a kind of entity") }
            return .rerunSpawnHooks(.init(kind: kind, prefab: try flag() ? try text() : nil))
        case .continueTicks: return .continueTicks(after: try integer())
        case nil: throw unknown(mark, "what an operator does")
        }
    }
}
