import World

/// Where the events of a tick end, although more are due.
package struct EventCut: Equatable, Sendable {
    /// How many of the tick's events had their turn.
    package var count: Int
    /// The event script that took most of the tick.
    package var greedy: String

    /// Makes an end.
    ///
    /// - Parameters:
    ///   - count: How many of the tick's events had their turn.
    ///   - greedy: The event script that took most of the tick.
    package init(count: Int, greedy: String) {
        self.count = count
        self.greedy = greedy
    }
}

/// The order in which a map's due events have their turn, over ticks that have no time for all of them.
///
/// What is left over stays pending and comes before what is due later, except that the events of greedy scripts come
/// last until nothing is left over. So cheap events, such as a player's steps, run in each tick, and no event waits for
/// ever: a script that takes most of a tick that is cut becomes greedy too, and among greedy ones the oldest is first.
///
/// All of it follows from the cuts, which a recording has.
struct EventBacklog {
    /// What the tick before left over, in the order of its turns.
    private var waiting: [DueToken] = []
    /// Paths of event scripts.
    private var greedy: Set<String> = []
    /// When a cut was told last, Unix time in seconds.
    private var lastLoggedAt = -Double.infinity

    /// How often cuts are told, in seconds.
    private static let pause = 10.0

    /// Whether events wait that were due in an earlier tick.
    var isEmpty: Bool { waiting.isEmpty }

    /// The turns of a tick.
    ///
    /// - Parameters:
    ///   - due: What became due since the last tick, in order.
    ///   - path: The script of an event.
    /// - Returns: All events that are due; those that were taken off meanwhile are among them.
    mutating func turns(_ due: [DueToken], path: (DueToken) -> String?) -> [DueToken] {
        guard !waiting.isEmpty else { return due }
        var (first, last): ([DueToken], [DueToken]) = ([], [])
        for token in waiting + due {
            if let path = path(token), greedy.contains(path) { last.append(token) } else { first.append(token) }
        }
        waiting = []
        return first + last
    }

    /// Notes that all events had their turn.
    mutating func finish() {
        if !greedy.isEmpty { greedy = [] }
    }

    /// Keeps what had no turn.
    ///
    /// - Parameters:
    ///   - rest: What is left over, in order.
    ///   - cut: Where the turns ended.
    ///   - now: Unix time in seconds.
    /// - Returns: Whether to tell of it.
    mutating func leave(_ rest: ArraySlice<DueToken>, _ cut: EventCut, now: Double) -> Bool {
        waiting = Array(rest)
        greedy.insert(cut.greedy)
        guard now - lastLoggedAt >= Self.pause || now < lastLoggedAt else { return false }
        lastLoggedAt = now
        return true
    }
}
