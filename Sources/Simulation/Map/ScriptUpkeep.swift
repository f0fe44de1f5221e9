import LuaSandbox

/// Decides when the garbage of a map's scripts is collected and when their VM is replaced by a new one, and keeps the
/// samples of former VMs.
struct ScriptUpkeep {
    /// The seed of the scripts' random number generator; each new VM gets another one.
    private(set) var seed: UInt64
    /// How much the scripts had allocated when garbage was last collected, in bytes.
    private var collectedAt: UInt64 = 0
    /// The earliest time of the next replacement of the VM, Unix time in seconds.
    private var nextRebuild = 0.0
    /// While the scripts are sampled, the samples of former VMs; otherwise `nil`.
    private var earlierSamples: [String: Int]?

    init(seed: UInt64) { self.seed = seed }

    // MARK: Garbage

    /// The most steps of collection in one tick, about 4 ms.
    private static let maxCollectionSteps: UInt64 = 4096

    /// Runs one collection step for each KiB that the tick's scripts allocated, so that little collection work is left
    /// for the time while scripts run, where it would count as their time. Fewer steps would be worse than no steps,
    /// because a collection in progress slows every script down.
    mutating func collectGarbage(of sandbox: LuaSandbox) {
        let allocated = sandbox.allocatedBytes
        let steps = min((allocated &- collectedAt) >> 10, Self.maxCollectionSteps)
        for _ in 0..<steps { sandbox.collectGarbageStep() }
        if steps > 0 { collectedAt = allocated }
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
