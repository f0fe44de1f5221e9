import Synchronization
import World

/// What other threads may read of a map without waiting for it. The map's thread renews it; any thread reads it.
final class PublishedMap: Sendable {
    /// What is read.
    struct Content: Sendable {
        var isReady = false
        var geometry: MapGeometry
        var sides: [String: Int]
        var status: MapStatus
    }

    private struct State {
        var content: Content
        /// When it was renewed, in nanoseconds by the monotonic clock.
        var time: UInt64 = 0
        /// Whether it has what the last tick did.
        var hasLastTick = false
    }

    /// How often a map that ticks renews it, in nanoseconds.
    static let period: UInt64 = 250_000_000

    private let state: Mutex<State>

    init(_ content: Content) { state = Mutex(State(content: content)) }

    /// What was published last.
    var content: Content { state.withLock { $0.content } }

    /// Whether a map that ticks has to renew it.
    ///
    /// - Parameter time: Now, in nanoseconds by the monotonic clock.
    /// - Returns: Whether the last time is longer ago than ``period``.
    func isDue(at time: UInt64) -> Bool { state.withLock { time &- $0.time > Self.period } }

    /// Whether it has what the last tick did.
    var hasLastTick: Bool { state.withLock { $0.hasLastTick } }

    /// Notes that a tick begins.
    func beginTick() { state.withLock { $0.hasLastTick = false } }

    /// Renews it.
    ///
    /// - Parameters:
    ///   - content: What is read from now on.
    ///   - time: Now, in nanoseconds by the monotonic clock.
    func renew(_ content: Content, at time: UInt64) {
        state.withLock { $0 = State(content: content, time: time, hasLastTick: true) }
    }

    /// Lets readers see that the map takes no more players.
    func endReadiness() { state.withLock { $0.content.isReady = false } }
}
