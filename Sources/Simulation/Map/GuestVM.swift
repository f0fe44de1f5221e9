package import JSONValues
package import LuaSandbox
package import World

/// A second VM beside the map's own VM, used by tests; its scripts see the same entities through the same proxies.
///
/// An assignment by its scripts changes the world at once, and triggers run in the map's VM as usual. Map and VM are
/// used on the same thread, and the VM must run nothing after this object is gone.
package final class GuestVM {
    private let simulation: MapSimulation
    private var memory = WorldStore()
    private var host: ScriptHost { simulation.host }
    private var world: World { simulation.world }

    /// Gives a VM the globals `objects`, `map` and `microtime`, and proxies of a map's entities.
    ///
    /// The VM's handler must pass the calls that it does not answer itself to ``answer(_:)``. A VM may be the guest of
    /// one map after another as long as it holds no proxy of the former map.
    ///
    /// - Parameters:
    ///   - sandbox: The VM; uses class numbers up to 63.
    ///   - simulation: The map.
    /// - Throws: ``ScriptError`` when the VM's memory limit is too low.
    package init(_ sandbox: LuaSandbox, of simulation: MapSimulation) throws(ScriptError) {
        self.simulation = simulation
        memory.refresh(simulation.world)
        sandbox.setStore(memory.store)
        try simulation.host.registerClasses(in: sandbox)
        simulation.host.guest = sandbox
    }

    /// Answers a call of a script in the VM.
    package func answer(_ call: HostCall) {
        host.answer(call)
        refresh()
    }

    /// Updates the VM's pointers to the world's memory; needed after every change that its scripts did not make, such
    /// as a tick.
    package func refresh() { memory.refresh(world) }

    /// The reference of an entity's proxy in the VM; `nil` when the entity is not on the map.
    package func reference(of key: EntityKey) -> HostReference? { world[key].map(HostReference.init(to:)) }

    /// The living entity that the VM gave as an argument, as a proxy or by its key; `nil` for anything else.
    package func entity(_ call: HostCall, at index: Int) -> EntityKey? {
        if let entity = try? host.entity(call, at: index) { return world.key(of: entity) }
        return host.name(call, at: index).flatMap { EntityKey($0) }.flatMap { world[$0] == nil ? nil : $0 }
    }

    /// Whether the entity of a proxy that the VM gave as an argument is on the map; true for a proxy that belongs to no
    /// entity, and `nil` for anything else. `components` and tables in them come as tables, not as proxies.
    package func isAlive(_ call: HostCall, at index: Int) -> Bool? {
        guard let reference = call.reference(at: index) else { return nil }
        switch LuaClass(rawValue: reference.classID) {
        case .entity, .components, .events, .group:
            return world.isAlive(EntityHandle(slot: reference.slot, generation: reference.generation))
        case .objects, .map, .json, .broadcast, .target, .sockets, .io, nil: return true
        case .socket: return host.sockets[SocketHandle(reference)] != nil
        }
    }

    /// The table that the VM gave as an argument; `nil` for anything else.
    ///
    /// - Throws: ``ScriptFault`` when two keys of it are one key in JSON.
    package func table(_ call: HostCall, at index: Int) throws -> JSON? { try host.table(call, at: index) }

    /// A record as scripts describe one, not on the map yet.
    ///
    /// - Parameters:
    ///   - key: Kind and number.
    ///   - data: Its fields, `components` among them.
    /// - Returns: The record.
    /// - Throws: ``ScriptFault`` or `WorldError` for fields and components that the kind does not have, and for values
    ///   of a wrong type.
    package func record(_ key: EntityKey, _ data: JSONObject) throws -> EntityRecord {
        var record = try host.record(key.kind, data)
        record.key = key
        return record
    }

    /// Puts an entity that is not a player on the map and runs its spawn hooks, as `objects.add` does.
    ///
    /// A given place is kept even when it is not walkable.
    ///
    /// - Parameter record: The entity; without a place it gets a random one.
    /// - Throws: `WorldError` when the map is full, the key is taken, or there is no place to stand.
    package func spawn(_ record: EntityRecord) throws {
        let placement: World.Placement = record.x == nil || record.y == nil ? .random : .exact
        let entity = try world.add(record, placement: placement, now: simulation.now).entity
        defer { refresh() }
        try host.runTriggers(ofGiven: record.components, entity)
        try host.runSpawnHooks(entity)
    }
}
