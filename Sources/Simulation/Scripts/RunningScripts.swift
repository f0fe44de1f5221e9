import LuaSandbox
import World

/// The scripts of a map that run now, one inside the other, and when and how the last ones ended.
struct RunningScripts {
    /// A script that runs, and the entity for which it runs.
    struct Frame {
        var path: String
        var entity: EntityHandle?
        /// The column of the component whose trigger it is; `nil` for other scripts.
        var column: Int?
        /// Socket.IO's id of the socket for which it runs; `nil` for other scripts.
        var socket: String?
    }

    /// The measurement of a script's time, until it ends.
    struct Stretch {
        fileprivate let start: UInt64
        fileprivate let cpu: CPUMeter.Stretch
    }

    /// How deep triggers and hooks may nest.
    static let maxNesting = 8

    private let clock: SimulationClock
    private var meter: CPUMeter
    /// Innermost last.
    private var frames: [Frame] = []
    /// Whether the limit that is stopping the running scripts is logged already.
    private var isFatalErrorLogged = false
    /// When the last script ended, by the monotonic clock.
    private(set) var endedAt: UInt64 = 0

    init(_ clock: SimulationClock) {
        self.clock = clock
        meter = CPUMeter(clock)
    }

    /// The innermost running script.
    var current: Frame? { frames.last }

    /// Whether a component's trigger runs for an entity.
    func isTriggerRunning(column: Int, of entity: EntityHandle) -> Bool {
        frames.contains { $0.column == column && $0.entity == entity }
    }

    /// Throws when another script inside the running ones would nest too deep.
    func requireNestable() throws(ScriptFault) {
        guard frames.count <= Self.maxNesting else {
            throw ScriptFault("triggers and hooks nest deeper than \(Self.maxNesting)")
        }
    }

    /// Notes that a lib begins, whose time is not measured.
    mutating func push(_ frame: Frame) { frames.append(frame) }

    /// Notes that the innermost script, a lib, ended.
    mutating func pop() { frames.removeLast() }

    /// Notes that a script begins.
    mutating func begin(_ frame: consuming Frame) -> Stretch {
        frames.append(frame)
        let start = clock.monotonic()
        return Stretch(start: start, cpu: meter.begin(at: start))
    }

    /// Notes that the innermost script ended.
    ///
    /// - Returns: Its wall time and its CPU time, in nanoseconds.
    mutating func end(_ stretch: Stretch) -> (wall: UInt64, cpu: UInt64) {
        let end = clock.monotonic()
        endedAt = end
        frames.removeLast()
        return (end &- stretch.start, meter.end(stretch.cpu, at: end))
    }

    /// Notes that the innermost script failed.
    ///
    /// - Returns: Whether to log it. A limit also stops the scripts that the failed script runs inside; it is logged
    ///   only once, for the innermost script.
    mutating func noteFailure(_ error: ScriptError) -> Bool {
        let isKnown = error.isLogged || (error.isFatal && isFatalErrorLogged)
        isFatalErrorLogged = error.isFatal && frames.count > 1
        return !isKnown
    }
}
