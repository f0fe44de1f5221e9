import Synchronization

/// What waits for a map's next tick. Any thread puts in; the map takes all at once.
///
/// Bounded: commands of clients are refused above the limit, so that a flood costs its senders and nobody else. What
/// the server itself says (a join, a leave, a reload) is always taken: there is at most one of each per connection.
final class Inbox: Sendable {
    private struct State {
        var inputs: [MapInput] = []
        var isAsleep = true
        var isClosed = false
    }

    /// The most commands that may wait.
    static let maxCommands = 65_536

    private let state = Mutex(State())

    /// Puts an input in.
    ///
    /// - Returns: Whether it was taken, and whether the map sleeps and must be woken.
    func put(_ input: MapInput) -> (taken: Bool, wake: Bool) {
        state.withLock { state in
            if state.isClosed { return (Self.isTakenWhenClosed(input), false) }
            if case .command = input, state.inputs.count >= Self.maxCommands { return (false, false) }
            state.inputs.append(input)
            defer { state.isAsleep = false }
            return (true, state.isAsleep)
        }
    }

    /// Takes all that waits.
    func takeAll() -> [MapInput] {
        state.withLock { state in
            defer { state.inputs = [] }
            return state.inputs
        }
    }

    /// Takes all that waits, and refuses what comes from now on.
    func close() -> [MapInput] {
        state.withLock { $0.isClosed = true }
        return takeAll()
    }

    /// Whoever leaves a closed map has left it; who wants to come must hear that it is not there.
    private static func isTakenWhenClosed(_ input: MapInput) -> Bool {
        switch input {
        case .leave, .reload, .replaceGame, .resume: true
        case .join, .command, .arrive, .event, .watch, .border: false
        }
    }

    /// Notes that the map wants to be woken by the next input.
    ///
    /// - Returns: `false` when something came in meanwhile, so that the map must not sleep.
    func sleep() -> Bool {
        state.withLock {
            $0.isAsleep = $0.inputs.isEmpty
            return $0.isAsleep
        }
    }
}
