import JSONValues

/// One map: its entities with their components and event queues, and what changed since the last send to clients.
///
/// A world has no clock, no files, no network and no scripts: functions that need the time have a parameter for it, and
/// the same calls give the same world. All values are in columns with one place for each slot. The cost of a tick
/// depends on the events that are due and the values that changed, not on the number of entities.
///
/// A world belongs to one executor; nothing here may be called from two threads at once.
public final class World {
    /// The shape of the map.
    public internal(set) var geometry: MapGeometry
    /// What the game declares.
    public internal(set) var schema: Schema
    /// The most entities the map may hold.
    public package(set) var maxEntities: Int
    /// The generator of random places and of all other random numbers of the world.
    public var random: SeededGenerator

    /// How many decimals of `x`, `y` and `z` clients get; `nil` for all. The world keeps its values exact.
    ///
    /// After a change of it every client needs a snapshot.
    package var positionDecimals: Int? {
        didSet {
            let scale = positionDecimals.map { .tenTo($0) } ?? 0.0
            for field in [SystemField.x, .y, .z] { columns[field].wireScale = scale }
        }
    }

    /// The texts of all string columns.
    package let strings = StringTable()

    // The values below are read many times for each change that is sent, and exclusivity checks took more than half of
    // that time. The checks are off, which is safe because no access overlaps another: no mutating function of these
    // values calls back into the world. When such a function needs another of these values, the value is passed as a
    // borrowed parameter, and closure parameters touch only their own arguments.

    /// Which slots are in use, and by which entities.
    @exclusivity(unchecked) package internal(set) var slots = SlotTable()
    /// The values of all entities.
    @exclusivity(unchecked) package internal(set) var columns = ColumnTable()
    /// What changed since the last send to clients.
    @exclusivity(unchecked) package internal(set) var changes = ChangeSet()
    /// The event states and the pending events.
    @exclusivity(unchecked) package internal(set) var queue = EventQueue()
    /// Events that a mistake in the game would have lost.
    @exclusivity(unchecked) var kept = KeptEvents()
    /// Where the entities are.
    @exclusivity(unchecked) package internal(set) var places = EntityPlaces()
    /// Entities with events that wait for a player to come near.
    @exclusivity(unchecked) package internal(set) var sleepers = SleepingEntities()
    /// How much the values of all entities weigh.
    package let weight = WorldWeight(limit: World.defaultMaxWeight)
    /// What still has to be stored or deleted in the store.
    var unsaved = UnsavedEntities()
    /// The tiles of ``geometry`` that can be stood on.
    var walkable: [Int32]
    /// The walkable tiles where new players may appear by a tile's or layer's `spawn`.
    var startTiles: [Int32]
    private var memoryMoves = 0

    /// Changes whenever memory moves that the C code of scripts' field access has pointers into.
    package var layoutVersion: Int { memoryMoves + strings.layoutVersion }

    /// Notes that the memory of slots, columns or changes has moved, or that columns were added or removed.
    func noteMemoryMoved() { memoryMoves += 1 }

    /// Makes an empty world.
    ///
    /// - Parameters:
    ///   - geometry: The shape of the map.
    ///   - schema: What the game declares.
    ///   - maxEntities: The most entities the map may hold, from 1.
    ///   - seed: The seed of the generator of random places.
    public init(geometry: MapGeometry, schema: Schema = Schema(), maxEntities: Int = 10_000, seed: UInt64 = 1) {
        self.geometry = geometry
        self.schema = Schema()
        self.maxEntities = max(maxEntities, 1)
        random = SeededGenerator(seed: seed)
        walkable = geometry.walkableTiles
        startTiles = geometry.startTiles
        _ = apply(schema)
    }

    /// The number of entities.
    public var count: Int { slots.count }

    /// The number of entities of a kind.
    ///
    /// - Parameter kind: The kind.
    /// - Returns: The number.
    /// - Complexity: O(1).
    public func count(of kind: EntityKind) -> Int { slots.count(of: kind) }

    /// The entities in slot order.
    public var entities: [EntityHandle] { slots.handles }

    /// The entity of a key, or `nil`.
    ///
    /// - Parameter key: Kind and number.
    /// - Complexity: O(1).
    public subscript(key: EntityKey) -> EntityHandle? { slots[key] }

    /// Whether a handle's entity is still on the map.
    ///
    /// - Parameter handle: The handle.
    /// - Returns: `false` once the entity was removed, even when another entity uses its slot now.
    public func isAlive(_ handle: EntityHandle) -> Bool { slots.isAlive(handle) }

    /// The key of an entity.
    ///
    /// - Parameter handle: The entity.
    /// - Returns: Its key; `nil` when it was removed.
    public func key(of handle: EntityHandle) -> EntityKey? {
        isAlive(handle) ? slots.key(Int(handle.slot)) : nil
    }

    /// The kind of entity in a slot.
    package func kind(_ slot: Int) -> EntityKind { slots.key(slot).kind }

    /// Gives a slot to a new entity. All its columns are nil: removing the slot's former entity cleared them.
    func insert(_ info: SlotTable.Info) throws(WorldError) -> Int {
        guard !slots.contains(info.key) else { throw .duplicate(info.key) }
        guard slots.count < maxEntities else { throw .full(limit: maxEntities) }
        // There is a free slot after growing: each slot is either used or free, and `count` < `maxEntities`. A free
        // slot takes as much memory as an entity without json, so the tables grow by half and not to twice their size.
        if slots.isFull { grow(to: min(max(slots.capacity + slots.capacity / 2, 64), maxEntities)) }
        let slot = slots.insert(info)
        if info.key.kind == .players { sleepers.addPlayer(slot) }
        return slot
    }

    private func grow(to newCapacity: Int) {
        slots.grow(to: newCapacity)
        columns.grow(to: newCapacity)
        changes.grow(to: newCapacity)
        queue.grow(to: newCapacity)
        places.grow(to: newCapacity)
        sleepers.grow(to: newCapacity)
        noteMemoryMoved()
    }
}
