import Synchronization

/// The inputs that wait for a map's next tick, bounded by ``WaitingInputs``. Any thread adds inputs; the map takes all
/// of them at once.
final class Inbox: Sendable {
    private struct State {
        var inputs = WaitingInputs()
        var isAsleep = true
        var isClosed = false
    }

    private let state = Mutex(State())

    /// Adds an input.
    ///
    /// - Returns: Whether it was accepted, and whether the map sleeps and must be woken.
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
    /// - Parameters:
    ///   - held: The inputs that the map took earlier and has not processed yet; arrivals among them still count
    ///     against the limit of their map.
    ///   - shares: How much of other sources it took and has not processed yet; it still counts.
    /// - Returns: The inputs, in the order in which they came.
    func takeAll(holding held: [MapInput] = [], _ shares: [WaitingRule.Source: InputShare] = [:]) -> [MapInput] {
        let held = held.filter(\.isArrival).map(\.waitingRule)
        return state.withLock { state in
            defer {
                for rule in held { state.inputs.count(rule) }
                for (source, share) in shares { state.inputs.count(share, of: source) }
            }
            return state.inputs.takeAll()
        }
    }

    /// How many more events another map may queue for entities of this one; none when it is closed.
    func room(forEventsFrom origin: Int) -> InputShare {
        state.withLock { $0.isClosed ? .none : $0.inputs.room(forEventsFrom: origin) }
    }

    /// Takes all that waits, and closes the inbox: later inputs are refused, or accepted without effect.
    func close() -> [MapInput] {
        state.withLock { $0.isClosed = true }
        return takeAll()
    }

    /// Notes that the map wants to be woken by the next input.
    ///
    /// - Returns: `false` when an input arrived meanwhile, so that the map must not sleep.
    func sleep() -> Bool {
        state.withLock {
            $0.isAsleep = $0.inputs.isEmpty
            return $0.isAsleep
        }
    }
}
