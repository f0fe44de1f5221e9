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
    /// The most that texts, json components and data of pending events may weigh, in about bytes; see ``checkRoom(for:)``.
    package var maxWeight = World.defaultMaxWeight
    /// What they weigh.
    package internal(set) var weight = 0
    /// What the tables weigh that scripts hold though they are in no component any more. Never less than it is; their holder
    /// counts them now and then.
    package internal(set) var keptWeight = 0
    /// What they weighed when they were counted last.
    var countedKeptWeight = 0
    /// What holds such tables.
    package weak var tableHolder: (any TableHolder)?
    /// Random places and everything else the world draws.
    public var random: SeededGenerator

    package let strings = StringTable()
    /// System columns first, then components; a component that a reload took away leaves `nil`.
    @exclusivity(unchecked) package internal(set) var columns: [Column?] = []
    /// Groups by name.
    package internal(set) var groupIndices: [String: Int] = [:]
    /// Component columns by name.
    package internal(set) var componentColumns: [String: Column] = [:]

    // The pointers and counts below are read many times for each change that is told. Exclusivity checks took more than
    // half of that time; they are off where a property is only loaded and stored whole, on the world's one executor.
    package private(set) var capacity = 0
    @exclusivity(unchecked) package private(set) var generations: UnsafeMutablePointer<UInt32>
    @exclusivity(unchecked) package private(set) var kinds: UnsafeMutablePointer<UInt8>
    /// A bit for each column, `dirtyWords` words a slot.
    @exclusivity(unchecked) package private(set) var dirty: UnsafeMutablePointer<UInt64>
    @exclusivity(unchecked) package private(set) var dirtyWords = 1
    /// A bit for each event group, `eventWords` words a slot.
    @exclusivity(unchecked) package private(set) var dirtyEvents: UnsafeMutablePointer<UInt64>
    @exclusivity(unchecked) package private(set) var eventWords = 1
    @exclusivity(unchecked) package private(set) var dirtyFlags: UnsafeMutablePointer<UInt8>
    @exclusivity(unchecked) package private(set) var dirtyList: UnsafeMutablePointer<UInt32>
    package let dirtyCount: UnsafeMutablePointer<UInt32>
    package private(set) var movedFlags: UnsafeMutablePointer<UInt8>
    package private(set) var movedList: UnsafeMutablePointer<UInt32>
    package let movedCount: UnsafeMutablePointer<UInt32>

    /// Changes whenever memory that others may point into has moved.
    package var layoutVersion: Int { ownLayoutVersion + strings.layoutVersion }
    var ownLayoutVersion = 0

    /// What is known of each slot beside its columns.
    @exclusivity(unchecked) package internal(set) var infos: [Info] = []
    /// Event states, `groupCount` a slot.
    @exclusivity(unchecked) package private(set) var events: UnsafeMutablePointer<EventState>
    /// The number of event groups.
    @exclusivity(unchecked) package private(set) var groupCount = 0
    /// The name of each group as a JSON key with its colon, and those of its events as JSON, ready to be written.
    package internal(set) var groupTexts: [GroupTexts] = []
    var heap = MinHeap<DueEntry> { $0.time < $1.time }
    var liveHeapEntries = 0
    var nextStamp: UInt32 = 1
    var grid = SpatialGrid()
    var walkable: [Int32]
    private var freeSlots: [UInt32] = []
    private var slots: [EntityKey: UInt32] = [:]
    /// Entities that clients know and that were removed since they were last told, each once.
    package internal(set) var removals: [Removal] = []
    /// Places in `removals`.
    var removalIndices: [EntityKey: Int] = [:]
    /// Slots whose stored form is out of date.
    var unsaved: Set<UInt32> = []
    /// Entities removed since the store was last told.
    var unsavedRemovals: Set<EntityKey> = []

    package struct Info {
        package var key: EntityKey
        package var login: String?
        package var created = 0.0
        package var spawnID: Int?
        /// Whether clients have not heard of it yet.
        package var isNew = true
        var cell: SpatialGrid.Cell?
        /// Stored values of components that the game does not declare (any more): kept until purged by hand.
        var shelved: [String: JSON] = [:]
    }

    package struct Removal: Equatable {
        package var key: EntityKey
        /// The map it moved to, if it did.
        package var movedTo: Int?
    }

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
        generations = .allocate(capacity: 0)
        kinds = .allocate(capacity: 0)
        dirty = .allocate(capacity: 0)
        dirtyEvents = .allocate(capacity: 0)
        events = .allocate(capacity: 0)
        dirtyFlags = .allocate(capacity: 0)
        dirtyList = .allocate(capacity: 0)
        dirtyCount = .allocate(capacity: 1)
        dirtyCount.initialize(to: 0)
        movedFlags = .allocate(capacity: 0)
        movedList = .allocate(capacity: 0)
        movedCount = .allocate(capacity: 1)
        movedCount.initialize(to: 0)
        for field in SystemField.allCases {
            columns.append(Column(name: field.name, storage: field.storage, index: field.rawValue))
        }
        _ = apply(schema)
    }

    deinit {
        generations.deallocate()
        kinds.deallocate()
        dirty.deallocate()
        dirtyEvents.deallocate()
        events.deinitialize(count: capacity * groupCount)
        events.deallocate()
        dirtyFlags.deallocate()
        dirtyList.deallocate()
        dirtyCount.deallocate()
        // A script may still hold tables of json components; they must not reach back.
        for column in columns { column?.nodes.forEach { $0?.detach() } }
        movedFlags.deallocate()
        movedList.deallocate()
        movedCount.deallocate()
    }

    /// The number of entities.
    public var count: Int { slots.count }

    /// The entities in slot order.
    public var entities: [EntityHandle] {
        (0..<capacity).compactMap { slot in
            generations[slot] & 1 == 1 ? EntityHandle(slot: UInt32(slot), generation: generations[slot]) : nil
        }
    }

    /// The entity of a key, or `nil`.
    ///
    /// - Parameter key: Kind and number.
    /// - Complexity: O(1).
    public subscript(key: EntityKey) -> EntityHandle? {
        slots[key].map { EntityHandle(slot: $0, generation: generations[Int($0)]) }
    }

    /// Whether a handle's entity is still on the map.
    ///
    /// - Parameter handle: The handle.
    /// - Returns: `false` once the entity was removed, whoever uses its slot now.
    public func isAlive(_ handle: EntityHandle) -> Bool {
        // Only odd generations are in use, so that no handle fits a free slot.
        handle.slot < capacity && handle.generation & 1 == 1 && generations[Int(handle.slot)] == handle.generation
    }

    /// The key of an entity.
    ///
    /// - Parameter handle: The entity.
    /// - Returns: Its key; `nil` when it was removed.
    public func key(of handle: EntityHandle) -> EntityKey? {
        isAlive(handle) ? infos[Int(handle.slot)].key : nil
    }

    /// The kind of entity in a slot.
    package func kind(_ slot: Int) -> EntityKind { infos[slot].key.kind }

    /// Marks a column of a slot as changed.
    package func markDirty(slot: Int, column: Int) {
        dirty[slot * dirtyWords + column >> 6] |= 1 << UInt64(column & 63)
        markDirty(slot: slot)
    }

    /// Puts a slot on the list of those to look at when changes are collected.
    func markDirty(slot: Int) {
        guard dirtyFlags[slot] == 0 else { return }
        dirtyFlags[slot] = 1
        dirtyList[Int(dirtyCount.pointee)] = UInt32(slot)
        dirtyCount.pointee += 1
    }

    func markMoved(slot: Int) {
        guard movedFlags[slot] == 0 else { return }
        movedFlags[slot] = 1
        movedList[Int(movedCount.pointee)] = UInt32(slot)
        movedCount.pointee += 1
    }

    func noteJSONChange(of weightChange: Int, slot: Int, column: Int) {
        weight += weightChange
        markDirty(slot: slot, column: column)
    }

    /// Takes a slot for a new entity; its columns hold what the last owner's removal left: nil everywhere.
    func takeSlot(for info: Info) throws(WorldError) -> Int {
        guard slots[info.key] == nil else { throw .duplicate(info.key) }
        guard slots.count < maxEntities else { throw .full(limit: maxEntities) }
        if freeSlots.isEmpty { grow(to: min(max(capacity * 2, 64), maxEntities)) }
        // Growing left at least one free slot: count < maxEntities, and every slot is either used or free.
        let slot = Int(freeSlots.removeLast())
        generations[slot] &+= 1
        kinds[slot] = info.key.kind.rawValue
        infos[slot] = info
        slots[info.key] = UInt32(slot)
        return slot
    }

    /// Gives a slot back.
    func freeSlot(_ slot: Int) {
        slots[infos[slot].key] = nil
        generations[slot] &+= 1
        freeSlots.append(UInt32(slot))
        clearDirtyBits(slot)
    }

    func clearDirtyBits(_ slot: Int) {
        for word in 0..<dirtyWords { dirty[slot * dirtyWords + word] = 0 }
        for word in 0..<eventWords { dirtyEvents[slot * eventWords + word] = 0 }
    }

    private func grow(to newCapacity: Int) {
        generations = enlarge(generations, from: capacity, to: newCapacity, filling: 0)
        kinds = enlarge(kinds, from: capacity, to: newCapacity, filling: 0)
        dirty = enlarge(dirty, from: capacity * dirtyWords, to: newCapacity * dirtyWords, filling: 0)
        dirtyEvents = enlarge(dirtyEvents, from: capacity * eventWords, to: newCapacity * eventWords, filling: 0)
        dirtyFlags = enlarge(dirtyFlags, from: capacity, to: newCapacity, filling: 0)
        dirtyList = enlarge(dirtyList, from: capacity, to: newCapacity, filling: 0)
        movedFlags = enlarge(movedFlags, from: capacity, to: newCapacity, filling: 0)
        movedList = enlarge(movedList, from: capacity, to: newCapacity, filling: 0)
        for column in columns { column?.grow(to: newCapacity) }
        let unused = Info(key: EntityKey(.objects, 0))
        infos.append(contentsOf: repeatElement(unused, count: newCapacity - capacity))
        let larger = UnsafeMutablePointer<EventState>.allocate(capacity: newCapacity * groupCount)
        larger.moveInitialize(from: events, count: capacity * groupCount)
        (larger + capacity * groupCount).initialize(
            repeating: EventState(), count: (newCapacity - capacity) * groupCount)
        events.deallocate()
        events = larger
        freeSlots.append(contentsOf: (UInt32(capacity)..<UInt32(newCapacity)).reversed())
        capacity = newCapacity
        ownLayoutVersion += 1
    }

    /// Makes room for the dirty bits of all columns.
    func growDirtyWords() {
        let words = (columns.count + 63) / 64
        guard words > dirtyWords else { return }
        let larger = UnsafeMutablePointer<UInt64>.allocate(capacity: capacity * words)
        larger.initialize(repeating: 0, count: capacity * words)
        for slot in 0..<capacity {
            (larger + slot * words).update(from: dirty + slot * dirtyWords, count: dirtyWords)
        }
        dirty.deallocate()
        dirty = larger
        dirtyWords = words
        ownLayoutVersion += 1
    }

    /// Makes empty states for another list of groups.
    ///
    /// - Parameters:
    ///   - groups: The groups.
    ///   - move: Is given the old states, as many a slot as there were groups, before they go.
    func replaceEvents(groups: [EventGroupDefinition], _ move: (UnsafeMutablePointer<EventState>) -> Void) {
        let (old, oldCount) = (events, groupCount)
        groupCount = groups.count
        groupTexts = groups.map(GroupTexts.init)
        events = .allocate(capacity: capacity * groupCount)
        events.initialize(repeating: EventState(), count: capacity * groupCount)
        eventWords = max((groupCount + 63) / 64, 1)
        dirtyEvents.deallocate()
        dirtyEvents = .allocate(capacity: capacity * eventWords)
        dirtyEvents.initialize(repeating: 0, count: capacity * eventWords)
        for place in 0..<capacity * oldCount { weight -= old[place].dataWeight }
        move(old)
        old.deinitialize(count: capacity * oldCount)
        old.deallocate()
    }

    private func enlarge<T: BitwiseCopyable>(
        _ old: UnsafeMutablePointer<T>, from count: Int, to newCount: Int, filling value: T
    ) -> UnsafeMutablePointer<T> {
        let new = UnsafeMutablePointer<T>.allocate(capacity: newCount)
        new.update(from: old, count: count)
        (new + count).initialize(repeating: value, count: newCount - count)
        old.deallocate()
        return new
    }
}
