import GameFolder
import GameRules
import LuaSandbox

/// Decides when the garbage of a map's scripts is collected and when their VM is replaced by a new one, and keeps the
/// samples of former VMs.
struct ScriptUpkeep {
    /// The seed of the scripts' random number generator; each new VM gets another one.
    private(set) var seed: UInt64
    /// How much the scripts had allocated when garbage was last collected, in bytes.
    private var collectedAt: UInt64 = 0
    /// Steps of collection for which earlier ticks had no time.
    private(set) var owedSteps: UInt64 = 0
    /// The earliest time of the next replacement of the VM, Unix time in seconds.
    private var nextRebuild = 0.0
    /// While the scripts are sampled, the samples of former VMs; otherwise `nil`.
    private var earlierSamples: [String: Int]?

    init(seed: UInt64) { self.seed = seed }

    // MARK: Garbage

    /// The longest time of a tick's collection, in nanoseconds. One more step may follow; it is short unless a script
    /// has one table with hundreds of thousands of fields, which Lua visits at once.
    static let longestCollection: UInt64 = 1_500_000
    /// The most steps in one tick.
    private static let maxSteps: UInt64 = 4096
    /// The most steps that are owed: those that 128 MiB of allocations cause.
    private static let maxOwedSteps: UInt64 = 1 << 17
    /// Steps between two readings of the clock.
    private static let stepsPerReading: UInt64 = 8

    /// Runs one collection step for each KiB that the scripts allocated, so that little collection work is left for the
    /// time while scripts run, where it would count as their time. Steps for which a tick has no time are owed to later
    /// ticks; until then Lua runs steps of its own while scripts allocate, so that garbage can't grow without end.
    ///
    /// - Parameters:
    ///   - sandbox: The scripts' VM.
    ///   - cuts: Whether the tick has no more time, after a number of steps.
    mutating func collectGarbage(of sandbox: LuaSandbox, cuts: (_ count: Int) -> Bool) {
        let allocated = sandbox.allocatedBytes
        let new = (allocated &- collectedAt) >> 10
        if new > 0 {
            owedSteps = min(owedSteps + min(new, Self.maxOwedSteps), Self.maxOwedSteps)
            collectedAt = allocated
        }
        let most = min(owedSteps, Self.maxSteps)
        var count: UInt64 = 0
        while count < most, count % Self.stepsPerReading > 0 || !cuts(Int(count)) {
            sandbox.collectGarbageStep()
            count += 1
        }
        owedSteps -= count
    }

    // MARK: Another VM

    /// The least time between two replacements, in seconds: libs that fill a VM by themselves must not cause one at
    /// every tick.
    private static let rebuildPeriod = 10.0

    /// Whether the VM has no room left and may be replaced now.
    func isRebuildDue(_ sandbox: LuaSandbox, now: Double) -> Bool { sandbox.needsRebuild && now >= nextRebuild }

    /// Returns the seed of a new VM, and notes that the VM is made now.
    mutating func beginRebuild(now: Double) -> UInt64 {
        nextRebuild = now + Self.rebuildPeriod
        seed &+= 0x9E37_79B9_7F4A_7C15
        return seed
    }

    /// Continues with the VM that replaces `old`, and keeps the samples of `old`.
    mutating func endRebuild(from old: LuaSandbox, to new: LuaSandbox) {
        collectedAt = new.allocatedBytes
        owedSteps = 0
        guard let earlier = earlierSamples else { return }
        earlierSamples = old.stopSampling().merging(earlier, uniquingKeysWith: +)
        new.startSampling(interval: Self.sampleInterval)
    }

    // MARK: Samples

    private static var sampleInterval: Duration { .microseconds(250) }

    /// Starts to take samples, each after a quarter of a millisecond of CPU time in scripts.
    mutating func startSampling(_ sandbox: LuaSandbox) {
        earlierSamples = [:]
        sandbox.startSampling(interval: Self.sampleInterval)
    }

    /// Stops taking samples.
    ///
    /// - Returns: The samples by collapsed stack.
    mutating func stopSampling(_ sandbox: LuaSandbox) -> [String: Int] {
        defer { earlierSamples = nil }
        return sandbox.stopSampling().merging(earlierSamples ?? [:], uniquingKeysWith: +)
    }
}

extension MapSimulation {
    /// Collects garbage of the scripts in the time that the tick leaves: at most half of the rest of its interval, so
    /// that the messages leave in time.
    ///
    /// - Parameter start: The readings of the clocks when the tick began.
    func collectGarbage(since start: TickStart) {
        let clock = surroundings.clock
        let interval = UInt64(1_000_000_000 / game.configuration.tickRate)
        let begin = clock.monotonic()
        let passed = begin &- start.wall
        let limit = passed < interval ? min((interval - passed) / 2, ScriptUpkeep.longestCollection) : 0
        upkeep.collectGarbage(of: host.sandbox) { count in
            let measured = clock.monotonic() &- begin >= limit
            return surroundings.watcher?.cuts(.collection, measured, after: count) ?? measured
        }
    }
}
