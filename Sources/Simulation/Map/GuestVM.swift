package import JSONValues
package import LuaSandbox
package import World

/// A second VM beside a map's own, whose scripts see the same entities through the same proxies: that of a test.
///
/// What its scripts assign, the world has at once, and triggers run in the map's VM as they always do. Map and VM
/// belong to the same thread, and the VM runs nothing after the guest is gone.
package final class GuestVM {
    private let simulation: MapSimulation
    private var memory = WorldStore()
    private var host: ScriptHost { simulation.host }
    private var world: World { simulation.world }

    /// Gives a VM the globals `objects`, `map` and `microtime`, and proxies of a map's entities.
    ///
    /// Its handler must pass on to ``answer(_:)`` what it does not answer itself. A VM may be the guest of one map
    /// after another as long as it has no proxy of the former map.
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

    /// Answers what a script of the VM asks.
    package func answer(_ call: HostCall) {
        host.answer(call)
        refresh()
    }

    /// Brings what the VM sees up to the world; needed after all that was not asked for by its scripts, such as a tick.
    package func refresh() { memory.refresh(world) }

    /// What stands for an entity in the VM; `nil` when it is not on the map.
    package func reference(of key: EntityKey) -> HostReference? { world[key].map(host.reference) }

    /// The living entity that the VM gave as an argument, as a proxy or by its key; `nil` for anything else.
    package func entity(_ call: HostCall, at index: Int) -> EntityKey? {
        if let entity = try? host.entity(call, at: index) { return world.key(of: entity) }
        return host.name(call, at: index).flatMap { EntityKey($0) }.flatMap { world[$0] == nil ? nil : $0 }
    }

    /// What the VM gave as an argument that is a proxy; `nil` for anything else.
    ///
    /// - Returns: Whether it is an entity's `components`, and whether its entity is on the map; what belongs to no
    ///   entity counts as there.
    package func probe(_ call: HostCall, at index: Int) -> (isComponents: Bool, isAlive: Bool)? {
        guard let reference = call.reference(at: index) else { return nil }
        switch LuaClass(rawValue: reference.classID) {
        case .entity, .components, .events, .group:
            let entity = EntityHandle(slot: reference.slot, generation: reference.generation)
            return (reference.classID == LuaClass.components.rawValue, world.isAlive(entity))
        case .objects, .map, .json, nil: return (false, true)
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
    /// - Throws: ``ScriptFault`` or `WorldError`, for what the kind has not and for values of another type.
    package func record(_ key: EntityKey, _ data: JSONObject) throws -> EntityRecord {
        var record = try host.record(key.kind, data)
        record.key = key
        return record
    }

    /// Puts an entity that is not a player on the map and runs its spawn hooks, as `objects.add` does.
    ///
    /// A given place is kept even where nobody can stand.
    ///
    /// - Parameter record: What it is; without a place it gets a random one.
    /// - Throws: `WorldError` when the map is full, the key is taken, or there is no place to stand.
    package func spawn(_ record: EntityRecord) throws {
        let placement: World.Placement = record.x == nil || record.y == nil ? .random : .exact
        let entity = try world.add(record, placement: placement, now: simulation.now).entity
        defer { refresh() }
        try host.runTriggers(ofGiven: record.components, entity)
        try host.runSpawnHooks(entity)
    }
}
