import GameFolder
import LuaSandbox
import World

/// Replaces the VM of the map's scripts. The world holds every other value, so only the scripts' own globals are lost.
extension MapSimulation {
    /// Memory of the scripts, garbage included, and the most that it may be; in bytes.
    var luaMemory: (used: Int, limit: Int) { (host.sandbox.usedBytes, host.sandbox.memoryLimitBytes) }

    /// Replaces the VM when live values take more than nine tenths of its memory even after a full collection
    /// [`2-lua-api.md` 1]: otherwise every script would soon fail because memory runs out.
    func rebuildWhenFull() {
        guard upkeep.isRebuildDue(host.sandbox, now: now) else { return }
        let (used, limit) = luaMemory
        rebuild(
            because: """
                \(mebibytes(used)) of \(mebibytes(limit)) MiB were in use, and a full collection found no garbage; look for globals of \
                scripts that only grow
                """)
    }

    /// Replaces the VM by a new one with the current limits.
    func rebuild(because reason: String) {
        let seed = upkeep.beginRebuild(now: now)
        let old = host
        do {
            host = try old.rebuilt(seed: seed)
        } catch {
            old.logError(kind: error.kind.logName, message: "the scripts' VM can't be made anew: \(error.message)")
            return
        }
        upkeep.endRebuild(from: old.sandbox, to: host.sandbox)
        log.line(
            "the scripts' VM was made anew: \(reason). \(host.scripts.byPath.count { !$0.script.isBuiltIn }) scripts and \(host.libs.running.count) libs are loaded again; globals of scripts start over, the world is as it was",
            time: now, tick: tickNumber)
    }

    private func mebibytes(_ bytes: Int) -> String {
        let tenths = (bytes * 10 + 1 << 19) >> 20
        return "\(tenths / 10).\(tenths % 10)"
    }
}
