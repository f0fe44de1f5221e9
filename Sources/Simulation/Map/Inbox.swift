import Synchronization

/// What waits for a map's next tick, bounded by ``WaitingInputs``. Any thread puts in; the map takes all at once.
final class Inbox: Sendable {
    private struct State {
        var inputs = WaitingInputs()
        var isAsleep = true
        var isClosed = false
    }

    private let state = Mutex(State())

    /// Puts an input in.
    ///
    /// - Returns: Whether it was taken, and whether the map sleeps and must be woken.
    func put(_ input: MapInput) -> (taken: Bool, wake: Bool) {
        let rule = input.waitingRule
        return state.withLock { state in
            if state.isClosed { return (rule.isTakenWhenClosed, false) }
            guard state.inputs.put(input, rule) else { return (false, false) }
            defer { state.isAsleep = false }
            return (true, state.isAsleep)
        }
    }

    /// Takes all that waits.
    ///
    /// - Parameter held: What the map took before and has not got to; it goes on to count for its source.
    /// - Returns: The inputs, in the order in which they came.
    func takeAll(holding held: [MapInput] = []) -> [MapInput] {
        let held = held.map(\.waitingRule)
        return state.withLock { state in
            defer { for rule in held { state.inputs.count(rule) } }
            return state.inputs.takeAll()
        }
    }

    /// How many more events another map may queue for entities of this one; none when it is closed.
    func room(forEventsFrom origin: Int) -> InputShare {
        state.withLock { $0.isClosed ? .none : $0.inputs.room(forEventsFrom: origin) }
    }

    /// Takes all that waits, and refuses what comes from now on.
    func close() -> [MapInput] {
        state.withLock { $0.isClosed = true }
        return takeAll()
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
