import JSONValues

/// Which slots of a world are in use, and by which entities.
///
/// A slot is a row of all columns. After its entity was removed, the slot is used again with another generation, so
/// that a handle of the former entity doesn't match.
package struct SlotTable: ~Copyable {
    /// What is known about an entity besides its columns.
    package struct Info {
        /// Kind and number.
        package let key: EntityKey
        /// The player's login, for players.
        package let login: String?
        /// Unix time in seconds.
        package let created: Double
        /// The ``MapGeometry/SpawnPoint/id`` of the map file's object it was spawned from, if it was.
        package let spawnID: Int?
        /// The player's last reported round trip in seconds, for players.
        package fileprivate(set) var ping: Double?
        /// Whether it was not sent to clients yet.
        package fileprivate(set) var isNew = true
        /// How far the player sees, in tiles; `nil` for as far as all players of the map.
        package fileprivate(set) var view: Double?
        /// Whether it is seen at any distance.
        package fileprivate(set) var isAlwaysSeen = false
        /// Whether clients know it as an entity that is seen at any distance.
        package fileprivate(set) var wasAlwaysSeen = false
        /// Stored values of components that the game does not (or no longer) declare for the entity's kind; they stay
        /// until an operator purges them.
        var undeclaredValues: [String: JSON] = [:]
    }

    /// The number of slots, free ones included.
    package private(set) var capacity = 0
    /// How many times each slot was taken or freed: odd while it is in use. Scripts' field access reads it.
    package private(set) var generations: UnsafeMutablePointer<UInt32>
    /// The kind of each slot's entity, ``EntityKind/rawValue``. Scripts' field access reads it.
    package private(set) var kinds: UnsafeMutablePointer<UInt8>
    private var infos: [Info] = []
    private var freeSlots: [UInt32] = []
    private var slots: [EntityKey: UInt32] = [:]
    /// How many entities of each kind there are, by ``EntityKind/rawValue``.
    private var kindCounts = [Int](repeating: 0, count: EntityKind.allCases.count)
    /// The slots of the entities that are seen at any distance, in the order in which they became that.
    package private(set) var alwaysSeen: [UInt32] = []
    /// How many times a player's view was changed.
    package private(set) var viewChanges = 0

    init() {
        generations = .allocate(capacity: 0)
        kinds = .allocate(capacity: 0)
    }

    deinit {
        generations.deallocate()
        kinds.deallocate()
    }

    /// The number of entities.
    var count: Int { slots.count }

    /// The number of entities of a kind.
    func count(of kind: EntityKind) -> Int { kindCounts[Int(kind.rawValue)] }

    /// Whether a slot is in use. `row_is_used` in the Lua runtime is the same test for scripts.
    package func isAlive(_ slot: Int) -> Bool { generations[slot] & 1 == 1 }

    /// Whether a handle's entity is still on the map.
    func isAlive(_ handle: EntityHandle) -> Bool {
        // A free slot has an even generation. A handle made with an even generation must not match a free slot.
        handle.slot < capacity && handle.generation & 1 == 1 && generations[Int(handle.slot)] == handle.generation
    }

    /// The handle of the entity in a slot that is in use.
    package func handle(_ slot: Int) -> EntityHandle {
        EntityHandle(slot: UInt32(slot), generation: generations[slot])
    }

    /// The entities in slot order.
    var handles: [EntityHandle] { (0..<capacity).compactMap { isAlive($0) ? handle($0) : nil } }

    /// The entity of a key, or `nil`.
    subscript(key: EntityKey) -> EntityHandle? { slots[key].map { handle(Int($0)) } }

    /// What is known about a slot's entity; for a free slot, about its former entity.
    package subscript(slot: Int) -> Info {
        _read { yield infos[slot] }
    }

    /// The key of a slot's entity; for a free slot, of its former entity.
    package func key(_ slot: Int) -> EntityKey { infos[slot].key }

    /// Whether a slot's entity was not sent to clients yet.
    package func isNew(_ slot: Int) -> Bool { infos[slot].isNew }

    /// Notes that an entity was sent to clients.
    mutating func noteKnown(_ slot: Int) { infos[slot].isNew = false }

    /// Whether a slot's entity is seen at any distance.
    package func isAlwaysSeen(_ slot: Int) -> Bool { infos[slot].isAlwaysSeen }

    /// Whether clients know a slot's entity as one that is seen at any distance.
    package func wasAlwaysSeen(_ slot: Int) -> Bool { infos[slot].wasAlwaysSeen }

    /// Notes that clients know whether an entity is seen at any distance.
    mutating func noteSeenAsSent(_ slot: Int) {
        if infos[slot].wasAlwaysSeen != infos[slot].isAlwaysSeen { infos[slot].wasAlwaysSeen.toggle() }
    }

    /// Sets how far a player sees.
    ///
    /// - Returns: Whether it was another view.
    mutating func setView(_ view: Double?, slot: Int) -> Bool {
        guard infos[slot].view != view else { return false }
        infos[slot].view = view
        viewChanges += 1
        return true
    }

    /// Sets whether an entity is seen at any distance.
    ///
    /// - Returns: Whether that is a change.
    mutating func setAlwaysSeen(_ isAlwaysSeen: Bool, slot: Int) -> Bool {
        guard infos[slot].isAlwaysSeen != isAlwaysSeen else { return false }
        infos[slot].isAlwaysSeen = isAlwaysSeen
        if isAlwaysSeen { alwaysSeen.append(UInt32(slot)) } else { alwaysSeen.removeAll { $0 == slot } }
        return true
    }

    /// Sets a player's round trip.
    ///
    /// - Returns: Whether it was another one.
    mutating func setPing(_ ping: Double, slot: Int) -> Bool {
        defer { infos[slot].ping = ping }
        return infos[slot].ping != ping
    }

    /// Keeps the value of a component that the game does not declare for the entity.
    mutating func keepUndeclared(_ value: JSON, of component: String, slot: Int) {
        infos[slot].undeclaredValues[component] = value
    }

    /// Removes and returns the value that ``keepUndeclared(_:of:slot:)`` kept of a component.
    mutating func removeUndeclared(_ component: String, slot: Int) -> JSON? {
        infos[slot].undeclaredValues.removeValue(forKey: component)
    }

    /// Whether a key is in use.
    func contains(_ key: EntityKey) -> Bool { slots[key] != nil }

    /// Whether the next entity needs ``grow(to:)`` first.
    var isFull: Bool { freeSlots.isEmpty }

    /// Gives a free slot to an entity; there must be a free slot, and the entity's key must not be in use.
    mutating func insert(_ info: Info) -> Int {
        let slot = Int(freeSlots.removeLast())
        generations[slot] &+= 1
        kinds[slot] = info.key.kind.rawValue
        infos[slot] = info
        slots[info.key] = UInt32(slot)
        kindCounts[Int(kinds[slot])] += 1
        return slot
    }

    /// Frees the slot of an entity.
    mutating func remove(_ slot: Int) {
        slots[infos[slot].key] = nil
        kindCounts[Int(kinds[slot])] -= 1
        if infos[slot].isAlwaysSeen { alwaysSeen.removeAll { $0 == slot } }
        generations[slot] &+= 1
        freeSlots.append(UInt32(slot))
    }

    /// Makes room for more slots.
    mutating func grow(to newCapacity: Int) {
        generations = generations.enlarged(from: capacity, to: newCapacity, filling: 0)
        kinds = kinds.enlarged(from: capacity, to: newCapacity, filling: 0)
        let unused = Info(key: EntityKey(.objects, 0), login: nil, created: 0, spawnID: nil)
        infos.append(contentsOf: repeatElement(unused, count: newCapacity - capacity))
        freeSlots.append(contentsOf: (UInt32(capacity)..<UInt32(newCapacity)).reversed())
        capacity = newCapacity
    }
}

extension UnsafeMutablePointer where Pointee: BitwiseCopyable {
    /// Copies a block into a larger one, and deallocates the old block.
    ///
    /// - Parameters:
    ///   - count: The number of values in the old block.
    ///   - newCount: The number of values in the new block.
    ///   - value: The value of the added places.
    /// - Returns: The new block.
    func enlarged(from count: Int, to newCount: Int, filling value: Pointee) -> Self {
        let larger = Self.allocate(capacity: newCount)
        larger.update(from: self, count: count)
        (larger + count).initialize(repeating: value, count: newCount - count)
        deallocate()
        return larger
    }
}
