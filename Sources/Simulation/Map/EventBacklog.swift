import World

/// The place where a tick stops running events although more are due.
package struct EventCut: Equatable, Sendable {
    /// How many of the tick's events had their turn.
    package var count: Int
    /// The event script that took most of the tick.
    package var greedy: String

    /// Makes a cut.
    ///
    /// - Parameters:
    ///   - count: How many of the tick's events had their turn.
    ///   - greedy: The event script that took most of the tick.
    package init(count: Int, greedy: String) {
        self.count = count
        self.greedy = greedy
    }
}

/// The order in which a map's due events run when ticks have no time for all of them.
///
/// Events that are left over stay pending and run before events that become due later, except that the events of greedy
/// scripts come last until no event is left over. So cheap events, such as a player's steps, run in each tick, and no
/// event waits for ever: a script that takes most of a tick that is cut becomes greedy too, and the events of greedy
/// scripts keep their order among each other.
///
/// The cuts decide all of this; a recording holds them.
struct EventBacklog {
    /// The events that the previous tick left over, in the order in which they should have run.
    private var waiting: [DueToken] = []
    /// Paths of the event scripts that took most of a tick that was cut.
    private var greedy: Set<String> = []
    /// When a cut was last logged, Unix time in seconds.
    private var lastLoggedAt = -Double.infinity

    /// The least time between two log entries about cuts, in seconds.
    private static let pause = 10.0

    /// Whether events wait that were due in an earlier tick.
    var isEmpty: Bool { waiting.isEmpty }

    /// How many events wait that were due in an earlier tick.
    var count: Int { waiting.count }

    /// Puts the events of a tick into the order in which they run.
    ///
    /// - Parameters:
    ///   - due: What became due since the last tick, in order; then all events that are due. Events that were removed
    ///     meanwhile are still among them.
    ///   - path: The script of an event.
    mutating func order(_ due: inout [DueToken], path: (DueToken) -> String?) {
        guard !waiting.isEmpty else { return }
        var (first, last): ([DueToken], [DueToken]) = ([], [])
        for token in waiting + due {
            if let path = path(token), greedy.contains(path) { last.append(token) } else { first.append(token) }
        }
        waiting = []
        due = first + last
    }

    /// Notes that all events had their turn.
    mutating func finish() {
        if !greedy.isEmpty { greedy = [] }
    }

    /// Keeps the events that did not run.
    ///
    /// - Parameters:
    ///   - rest: The events that are left over, in order.
    ///   - cut: Where the tick stopped running events.
    ///   - now: Unix time in seconds.
    /// - Returns: Whether to log the cut.
    mutating func leave(_ rest: ArraySlice<DueToken>, _ cut: EventCut, now: Double) -> Bool {
        waiting = Array(rest)
        greedy.insert(cut.greedy)
        guard now - lastLoggedAt >= Self.pause || now < lastLoggedAt else { return false }
        lastLoggedAt = now
        return true
    }
}
