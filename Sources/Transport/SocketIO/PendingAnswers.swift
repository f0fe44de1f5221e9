import NIOCore
package import Wire

/// What became of an event for which the application waits for an answer.
package enum SocketAnswer: Sendable, Equatable {
    /// The client acknowledged it.
    case arguments(SocketArguments)
    /// The client did not acknowledge it in time.
    case timedOut
    /// The socket ended first, or had ended before.
    case ended
    /// The event was not sent, because the socket waits for too many answers.
    case tooMany(limit: Int)
}

/// The answers for which a socket waits. Used on its event loop only.
struct PendingAnswers {
    private struct Pending {
        let timer: RunningTimer
        let answered: (SocketAnswer) -> Void
    }

    private var pending: [Int: Pending] = [:]
    private var nextID = 0

    /// For how many answers it waits.
    var count: Int { pending.count }

    /// Waits for an answer.
    ///
    /// - Parameters:
    ///   - answered: Called once, with the answer.
    ///   - makeTimer: Makes the timer that ends the wait for the id.
    /// - Returns: The id of the event.
    mutating func wait(_ answered: @escaping (SocketAnswer) -> Void, makeTimer: (_ id: Int) -> RunningTimer) -> Int {
        defer { nextID += 1 }
        pending[nextID] = Pending(timer: makeTimer(nextID), answered: answered)
        return nextID
    }

    /// Ends the wait for an answer.
    ///
    /// - Parameter id: The event's id.
    /// - Returns: What to call with the answer; `nil` when nothing waits for it.
    mutating func take(_ id: Int) -> ((SocketAnswer) -> Void)? {
        guard let found = pending.removeValue(forKey: id) else { return nil }
        found.timer.cancel()
        return found.answered
    }

    /// Ends the wait for all answers.
    ///
    /// - Returns: What to call with the answers, in the order of the events.
    mutating func takeAll() -> [(SocketAnswer) -> Void] {
        let all = pending.sorted { $0.key < $1.key }.map(\.value)
        pending = [:]
        for each in all { each.timer.cancel() }
        return all.map(\.answered)
    }
}
