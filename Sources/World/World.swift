/// One map: its entities with their components and event queues, and what changed since clients were last told.
///
/// A world has no clock, no files, no network and no scripts: time is a parameter of what needs it, and the same calls
/// give the same world. All values lie in columns, one place a slot. A tick costs what is due and what changed.
///
/// A world belongs to one executor; nothing here may be called from two threads at once.
public final class World {
    /// The shape of the map.
    public internal(set) var geometry: MapGeometry
    /// What the game declares.
    public internal(set) var schema: Schema
    /// The most entities the map may hold.
    public package(set) var maxEntities: Int
    /// Random places and everything else the world draws.
    public var random: SeededGenerator

    /// The texts of all string columns.
    package let strings = StringTable()

    // The values below are read many times for each change that is told, and exclusivity checks took more than half of
    // that time. They are off, because no access overlaps another: no mutating function of these values calls back into
    // the world. What such a function needs of another value it borrows, and closures that it takes touch only what
    // they are given.

    /// Which slots are in use, and by which entities.
    @exclusivity(unchecked) package internal(set) var slots = SlotTable()
    /// The values of all entities.
    @exclusivity(unchecked) package internal(set) var columns = ColumnTable()
    /// What changed since clients were last told.
    @exclusivity(unchecked) package internal(set) var changes = ChangeSet()
    /// The event states and the pending events.
    @exclusivity(unchecked) package internal(set) var queue = EventQueue()
    /// Events that a mistake in the game would have lost.
    @exclusivity(unchecked) var kept = KeptEvents()
    /// Where the entities are.
    @exclusivity(unchecked) package internal(set) var places = EntityPlaces()
    /// What it all weighs.
    package var weight = WorldWeight(limit: World.defaultMaxWeight)
    /// What the store has to be told.
    var unsaved = UnsavedEntities()
    /// The tiles of ``geometry`` that can be stood on.
    var walkable: [Int32]
    private var memoryMoves = 0

    /// Changes whenever memory that scripts' field access points into has moved.
    package var layoutVersion: Int { memoryMoves + strings.layoutVersion }

    /// Notes that the memory of slots, columns or changes has moved, or that columns came or went.
    func noteMemoryMoved() { memoryMoves += 1 }

    /// Makes an empty world.
    ///
    /// - Parameters:
    ///   - geometry: The shape of the map.
    ///   - schema: What the game declares.
    ///   - maxEntities: The most entities the map may hold, from 1.
    ///   - seed: Starts the generator of random places.
    public init(geometry: MapGeometry, schema: Schema = Schema(), maxEntities: Int = 10_000, seed: UInt64 = 1) {
        self.geometry = geometry
        self.schema = Schema()
        self.maxEntities = max(maxEntities, 1)
        random = SeededGenerator(seed: seed)
        walkable = geometry.walkableTiles
        _ = apply(schema)
    }

    /// The number of entities.
    public var count: Int { slots.count }

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
    /// - Returns: `false` once the entity was removed, whatever entity uses its slot now.
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

    /// Gives a slot to a new entity; its columns hold what the last owner's removal left: nil everywhere.
    func insert(_ info: SlotTable.Info) throws(WorldError) -> Int {
        guard !slots.contains(info.key) else { throw .duplicate(info.key) }
        guard slots.count < maxEntities else { throw .full(limit: maxEntities) }
        // Growing leaves at least one free slot: every slot is either used or free, and count < maxEntities.
        if slots.isFull { grow(to: min(max(slots.capacity * 2, 64), maxEntities)) }
        return slots.insert(info)
    }

    private func grow(to newCapacity: Int) {
        slots.grow(to: newCapacity)
        columns.grow(to: newCapacity)
        changes.grow(to: newCapacity)
        queue.grow(to: newCapacity)
        places.grow(to: newCapacity)
        noteMemoryMoved()
    }
}
