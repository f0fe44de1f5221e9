import JSONValues
import LuaSandbox
import World

/// The tables of json components that scripts refer to, see ``NodeHandles``. Tables that are no longer in a component
/// count towards the map's weight until they are released.
extension ScriptHost {
    /// The proxy of a table inside a json component.
    func reference(of node: JSONNode) -> HostReference {
        if nodes.isCrowded { sweepTables() }
        let number = nodes.number(of: node, now: now)
        return HostReference(
            classID: LuaClass.json.rawValue, slot: UInt32(truncatingIfNeeded: number),
            generation: UInt32(truncatingIfNeeded: number >> 32))
    }

    /// The table of a proxy; `nil` when the table was released.
    func table(_ reference: HostReference) -> JSONNode? { nodes.node(number(of: reference), now: now) }

    private func number(of reference: HostReference) -> UInt64 {
        UInt64(reference.generation) << 32 | UInt64(reference.slot)
    }

    /// Releases the tables that scripts no longer use, when a sweep is due; called at the beginning of a tick.
    func sweepTablesWhenDue() {
        world.weight.tableHolder = tableReleaser
        if let grace = nodes.graceOfDueSweep(now: now) { sweepTables(grace: grace) }
    }

    private func sweepTables(grace: Double? = nil) {
        var held = heldTables(sandbox)
        if let guest { held = heldTables(guest).flatMap { held?.union($0) } }
        world.weight.setKept(nodes.sweep(now: now, held: held, grace: grace))
    }

    private func heldTables(_ sandbox: LuaSandbox) -> Set<UInt64>? {
        sandbox.referencesInUse(ofClass: LuaClass.json.rawValue).map { Set($0.map(number)) }
    }

    /// First releases the tables whose proxies Lua has collected already; if that is not enough, runs a full
    /// collection. When the collection does not free enough, it is not tried again in the same tick, because it takes
    /// longer than the request that is refused.
    fileprivate func releaseTables(weighing needed: Int) {
        let goal = world.weight.kept - needed
        sweepTables()
        guard world.weight.kept > goal, nodes.vainCollection != tick, sandbox.collectAllGarbage() else { return }
        guest?.collectAllGarbage()
        sweepTables()
        if world.weight.kept > goal { nodes.vainCollection = tick }
    }
}

/// Releases tables for the world, which refers to it weakly: an object that weak references name is slower to retain,
/// and the host is retained for each request of a script.
final class TableReleaser: TableHolder {
    /// Set at once by the host, which owns this and lives longer.
    unowned(unsafe) var host: ScriptHost?

    func releaseTables(weighing needed: Int) { host?.releaseTables(weighing: needed) }
}
