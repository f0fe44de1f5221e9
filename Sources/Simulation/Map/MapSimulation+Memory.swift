import GameFolder
import LuaSandbox
import World

/// The memory of the map's scripts: garbage, and a new VM when what is alive leaves no room. The world holds every
/// value, so nothing but scripts' own globals is lost by that.
extension MapSimulation {
    /// The most steps of collection in one tick, about 4 ms.
    private static let maxCollectionSteps: UInt64 = 4096

    /// Collects in step with what the tick's scripts asked for, a step a KiB, so that little of it is left to be done
    /// while scripts run: it would count for their time. Fewer steps are worse than none, because a collection that is
    /// under way slows every script down.
    func collectGarbage() {
        let allocated = host.sandbox.allocatedBytes
        let steps = min((allocated &- collectedAt) >> 10, Self.maxCollectionSteps)
        for _ in 0..<steps { host.sandbox.collectGarbageStep() }
        if steps > 0 { collectedAt = allocated }
    }

    /// The least time between two VMs, in seconds: libs that fill a VM by themselves must not cost a VM at every tick.
    private static let rebuildPeriod = 10.0

    /// Makes the VM anew when what is alive in it takes more than nine tenths of its memory, even after a full
    /// collection [`2-lua-api.md` 1]: every script would soon fail for want of memory.
    func rebuildWhenCrowded() {
        guard host.sandbox.needsRebuild, now >= nextRebuild else { return }
        let (used, limit) = (host.sandbox.usedBytes, host.sandbox.memoryLimitBytes)
        rebuild(
            because: """
                \(mebibytes(used)) of \(mebibytes(limit)) MiB were in use, and a full collection found no garbage; look for globals of \
                scripts that only grow
                """)
    }

    /// Makes the VM anew under the current limits.
    func rebuild(because reason: String) {
        nextRebuild = now + Self.rebuildPeriod
        scriptSeed &+= 0x9E37_79B9_7F4A_7C15
        let old = host
        do {
            host = try old.rebuilt(seed: scriptSeed)
        } catch {
            old.logError(kind: error.kind.logName, message: "the scripts' VM can't be made anew: \(error.message)")
            return
        }
        moveSampling(from: old)
        collectedAt = host.sandbox.allocatedBytes
        log.line(
            "the scripts' VM was made anew: \(reason). \(host.scripts.values.count { !$0.script.isBuiltIn }) scripts and \(host.libs.count) libs are loaded again; globals of scripts start over, the world is as it was",
            time: now, tick: tickNumber)
    }

    private func mebibytes(_ bytes: Int) -> String {
        let tenths = (bytes * 10 + 1 << 19) >> 20
        return "\(tenths / 10).\(tenths % 10)"
    }
}
