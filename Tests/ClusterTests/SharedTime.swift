import Synchronization

/// The time of several nodes, which stands still until a test advances it. A test can freeze a node: its clock and its
/// sleeps go on when it wakes, and then the whole time has passed for it, as on a machine that was suspended.
final class SharedTime: Sendable {
    private struct Sleeper {
        var node: Int
        var until: Duration
        var wake: AsyncStream<Void>.Continuation
    }

    private struct State {
        var now = Duration.zero
        var frozen: [Int: Duration] = [:]
        var sleepers: [Int: Sleeper] = [:]
        var lastID = 0
        var sleeps: [Int: Int] = [:]
    }

    private let state = Mutex(State())

    var now: Duration { state.withLock { $0.now } }

    func now(of node: Int) -> Duration { state.withLock { $0.frozen[node] ?? $0.now } }

    func isFrozen(_ node: Int) -> Bool { state.withLock { $0.frozen[node] != nil } }

    /// How many tasks of a node sleep.
    func sleepers(of node: Int) -> Int { state.withLock { $0.sleepers.values.count { $0.node == node } } }

    /// How often a task of a node has gone to sleep.
    func sleeps(of node: Int) -> Int { state.withLock { $0.sleeps[node] ?? 0 } }

    func sleep(_ node: Int, until: Duration) async throws {
        let (stream, wake) = AsyncStream.makeStream(of: Void.self)
        let id: Int? = state.withLock { state in
            state.sleeps[node, default: 0] += 1
            guard until > state.frozen[node] ?? state.now else { return nil }
            state.lastID += 1
            state.sleepers[state.lastID] = Sleeper(node: node, until: until, wake: wake)
            return state.lastID
        }
        guard let id else { return }
        for await _ in stream {}
        state.withLock { _ = $0.sleepers.removeValue(forKey: id) }
        try Task.checkCancellation()
    }

    func advance(by duration: Duration) {
        state.withLock { $0.now += duration }
        wake()
    }

    func freeze(_ node: Int) { state.withLock { $0.frozen[node] = $0.now } }

    func unfreeze(_ node: Int) {
        state.withLock { $0.frozen[node] = nil }
        wake()
    }

    private func wake() {
        let woken = state.withLock { state in
            let due = state.sleepers.filter { state.frozen[$1.node] == nil && $1.until <= state.now }
            for id in due.keys { state.sleepers[id] = nil }
            return due.values.map(\.wake)
        }
        for wake in woken { wake.finish() }
    }
}

/// The clock of one node.
struct NodeClock: Clock {
    typealias Duration = Swift.Duration

    struct Instant: InstantProtocol {
        var elapsed: Duration

        func advanced(by duration: Duration) -> Instant { Instant(elapsed: elapsed + duration) }
        func duration(to other: Instant) -> Duration { other.elapsed - elapsed }
        static func < (a: Instant, b: Instant) -> Bool { a.elapsed < b.elapsed }
    }

    let time: SharedTime
    let node: Int
    let minimumResolution = Duration.zero

    var now: Instant { Instant(elapsed: time.now(of: node)) }

    func sleep(until deadline: Instant, tolerance: Duration?) async throws {
        try await time.sleep(node, until: deadline.elapsed)
    }
}
