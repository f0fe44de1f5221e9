import JSONValues
import LuaSandbox
import World

/// The tables of json components that scripts refer to: they live as long as that, and those that are in no component
/// any more count as part of the map.
extension ScriptHost: TableHolder {
    /// The proxy of a table inside a json component.
    func reference(of node: JSONNode) -> HostReference {
        if nodes.isCrowded { sweepTables() }
        let number = nodes.number(of: node, now: now)
        return HostReference(
            classID: LuaClass.json.rawValue, slot: UInt32(truncatingIfNeeded: number),
            generation: UInt32(truncatingIfNeeded: number >> 32))
    }

    /// The table of a proxy; `nil` when it is gone.
    func table(_ reference: HostReference) -> JSONNode? { nodes.node(number(of: reference), now: now) }

    private func number(of reference: HostReference) -> UInt64 {
        UInt64(reference.generation) << 32 | UInt64(reference.slot)
    }

    /// Lets go of what scripts do not use any more, when it is time for that; at the begin of a tick.
    func sweepTablesWhenDue() {
        world.weight.tableHolder = self
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

    /// Looks first for what Lua has collected already, then has it collect. When that does not help, it is not tried
    /// again in the same tick: a collection takes longer than what is refused.
    func releaseTables(weighing needed: Int) {
        let goal = world.weight.kept - needed
        sweepTables()
        guard world.weight.kept > goal, nodes.vainCollection != tick, sandbox.collectAllGarbage() else { return }
        guest?.collectAllGarbage()
        sweepTables()
        if world.weight.kept > goal { nodes.vainCollection = tick }
    }
}
