import Synchronization

/// Tells the sender of an ``OperatorChange`` what the map did with it; once, also when the map drops the input. Until
/// the map takes the change, the sender can withdraw it. Any thread.
package final class OperatorAnswer: Sendable {
    private struct State {
        /// `nil` after the outcome was told.
        var tell: (@Sendable (OperatorOutcome) -> Void)?
        var isTaken = false
    }

    private let state: Mutex<State>

    /// Makes an answer.
    ///
    /// - Parameter tell: Takes the outcome, on any thread; must not block.
    package init(_ tell: @escaping @Sendable (OperatorOutcome) -> Void) { state = Mutex(State(tell: tell)) }

    // A map that has ended takes no input.
    deinit { give(.closed) }

    /// Gives the outcome; later calls do nothing.
    package func give(_ outcome: OperatorOutcome) {
        let tell = state.withLock { state in
            defer { state.tell = nil }
            return state.tell
        }
        tell?(outcome)
    }

    /// Marks that the map begins with the change, so that it can't be withdrawn any more.
    ///
    /// - Returns: `false` when it was withdrawn; then the map must not see it.
    package func take() -> Bool {
        state.withLock { state in
            guard state.tell != nil else { return false }
            state.isTaken = true
            return true
        }
    }

    /// Takes the change back; its outcome is ``OperatorOutcome/withdrawn``.
    ///
    /// - Returns: `false` when the map has begun with it, or has told the outcome.
    @discardableResult
    package func withdraw() -> Bool {
        let tell = state.withLock { state -> (@Sendable (OperatorOutcome) -> Void)? in
            guard !state.isTaken else { return nil }
            defer { state.tell = nil }
            return state.tell
        }
        tell?(.withdrawn)
        return tell != nil
    }
}

extension MapInput {
    /// Marks that the map begins with the input.
    ///
    /// - Returns: `false` for a change that was withdrawn: neither the map nor a recording may see it.
    func take() -> Bool {
        guard case .edit(_, let answer?) = self else { return true }
        return answer.take()
    }
}

extension MapActor {
    /// Makes a change to the map's world in its next tick, if that comes in time.
    ///
    /// - Parameters:
    ///   - change: The change.
    ///   - patience: How long it may wait for the tick; then it is withdrawn.
    ///   - runtime: How long the map may take for it beyond that time, once it has begun.
    ///   - clock: The clock that measures both.
    /// - Returns: What the map did with it; ``OperatorOutcome/withdrawn`` or ``OperatorOutcome/unknown`` when the time
    ///   is over.
    package nonisolated func edit(
        _ change: OperatorChange, within patience: Duration, runtime: Duration,
        clock: any Clock<Duration> = ContinuousClock()
    ) async -> OperatorOutcome {
        var timer: Task<Void, Never>?
        let outcome: OperatorOutcome = await withCheckedContinuation { continuation in
            let request = OperatorAnswer { continuation.resume(returning: $0) }
            // Weak: when a map that ends drops its inputs, this task must not keep the answer from being told.
            timer = Task { [weak request] in
                do {
                    try await clock.sleep(for: patience)
                    request?.withdraw()
                    try await clock.sleep(for: runtime)
                    request?.give(.unknown)
                } catch {}  // The outcome is known.
            }
            post(.edit(change, request))
        }
        timer?.cancel()
        return outcome
    }
}
