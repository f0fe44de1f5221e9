import LuaSandbox

/// When the garbage of a map's scripts is collected, when their VM is made anew, and what samplers saw in VMs that are
/// gone.
struct ScriptUpkeep {
    /// Starts the scripts' generator; another for each VM that is made anew.
    private(set) var seed: UInt64
    /// How much the scripts had asked for when garbage was last collected, in bytes.
    private var collectedAt: UInt64 = 0
    /// When the VM may be made anew again, Unix time in seconds.
    private var nextRebuild = 0.0
    /// While the scripts are sampled: the samples of VMs that are gone.
    private var earlierSamples: [String: Int]?

    init(seed: UInt64) { self.seed = seed }

    // MARK: Garbage

    /// The most steps of collection in one tick, about 4 ms.
    private static let maxCollectionSteps: UInt64 = 4096

    /// Collects in step with what the tick's scripts asked for, a step a KiB, so that little of it is left to be done
    /// while scripts run: it would count for their time. Fewer steps are worse than none, because a collection that is
    /// under way slows every script down.
    mutating func collectGarbage(of sandbox: LuaSandbox) {
        let allocated = sandbox.allocatedBytes
        let steps = min((allocated &- collectedAt) >> 10, Self.maxCollectionSteps)
        for _ in 0..<steps { sandbox.collectGarbageStep() }
        if steps > 0 { collectedAt = allocated }
    }

    // MARK: Another VM

    /// The least time between two VMs, in seconds: libs that fill a VM by themselves must not cost a VM at every tick.
    private static let rebuildPeriod = 10.0

    /// Whether the VM has no room left and may be made anew.
    func isRebuildDue(_ sandbox: LuaSandbox, now: Double) -> Bool { sandbox.needsRebuild && now >= nextRebuild }

    /// Gives the seed of another VM, and notes that it is made now.
    mutating func beginRebuild(now: Double) -> UInt64 {
        nextRebuild = now + Self.rebuildPeriod
        seed &+= 0x9E37_79B9_7F4A_7C15
        return seed
    }

    /// Goes on in the VM that comes after `old`; samples of that one are kept.
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

    /// Stops.
    ///
    /// - Returns: The samples by collapsed stack.
    mutating func stopSampling(_ sandbox: LuaSandbox) -> [String: Int] {
        defer { earlierSamples = nil }
        return sandbox.stopSampling().merging(earlierSamples ?? [:], uniquingKeysWith: +)
    }
}
