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
        let bytes = WaitingInputs.bytes(of: input)
        return state.withLock { state in
            if state.isClosed { return (Self.isTakenWhenClosed(input), false) }
            guard state.inputs.put(input, bytes: bytes) else { return (false, false) }
            defer { state.isAsleep = false }
            return (true, state.isAsleep)
        }
    }

    /// Takes all that waits.
    ///
    /// - Parameter held: What the map took before and has not got to; it goes on to count for its source.
    /// - Returns: The inputs, in the order in which they came.
    func takeAll(holding held: [MapInput] = []) -> [MapInput] {
        let held = held.map { ($0, bytes: WaitingInputs.bytes(of: $0)) }
        return state.withLock { state in
            defer { for (input, bytes) in held { state.inputs.count(input, bytes: bytes) } }
            return state.inputs.takeAll()
        }
    }

    /// How many more events another map may hang on entities of this one; none when it is closed.
    func room(forEventsFrom origin: Int) -> InputShare {
        state.withLock { $0.isClosed ? .none : $0.inputs.room(forEventsFrom: origin) }
    }

    /// Takes all that waits, and refuses what comes from now on.
    func close() -> [MapInput] {
        state.withLock { $0.isClosed = true }
        return takeAll()
    }

    /// A closed map accepts departures silently and refuses arrivals, so that the sender can redirect the player.
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
