/// The states of the event groups of all entities, for the groups that were used on an entity.
///
/// A game has many groups, and most entities use few of them. So each slot has only a number for each group: that of a
/// state, or 0 for a group that was not used on the slot's entity.
struct EventStates: ~Copyable {
    /// Reads the states; valid until a state is added or the states grow.
    struct Reader {
        fileprivate let numbers: UnsafeMutablePointer<UInt32>
        fileprivate let states: UnsafeMutablePointer<EventState>
        let groupCount: Int

        /// The state of an event group of an entity; an empty one for a group that was not used on it.
        subscript(slot: Int, group: Int) -> UnsafePointer<EventState> {
            UnsafePointer(states + Int(numbers[slot * groupCount + group]))
        }
    }

    /// How many groups each slot has.
    let groupCount: Int
    private var slotCapacity = 0
    /// The numbers of states: `groupCount` for each slot.
    private var numbers: UnsafeMutablePointer<UInt32>
    /// The states by number. State 0 stays empty.
    private var states: UnsafeMutablePointer<EventState>
    private var stateCapacity = 1
    /// How many states there are, state 0 and those that are not in use included.
    private(set) var stateCount = 1
    /// The numbers below `stateCount` that are not in use; their states are empty.
    private var free: [UInt32] = []

    init(groupCount: Int, slotCapacity: Int) {
        self.groupCount = groupCount
        numbers = .allocate(capacity: 0)
        states = .allocate(capacity: 1)
        states.initialize(to: EventState())
        grow(to: slotCapacity)
    }

    deinit {
        numbers.deallocate()
        states.deinitialize(count: stateCount)
        states.deallocate()
    }

    /// Reads the states.
    var reader: Reader { Reader(numbers: numbers, states: states, groupCount: groupCount) }

    /// The weight of the data of all states.
    var weight: Int { (0..<stateCount).reduce(0) { $0 + states[$1].dataWeight } }

    /// The state of an event group of an entity, to be changed; `nil` for a group that was not used on it.
    func used(_ slot: Int, _ group: Int) -> UnsafeMutablePointer<EventState>? {
        let number = Int(numbers[slot * groupCount + group])
        return number > 0 ? states + number : nil
    }

    /// The state of an event group of an entity, to be changed; made when the group was not used on it.
    mutating func use(_ slot: Int, _ group: Int) -> UnsafeMutablePointer<EventState> {
        if let state = used(slot, group) { return state }
        let number: UInt32
        if let reused = free.popLast() {
            number = reused
        } else {
            if stateCount == stateCapacity { growStates() }
            number = UInt32(stateCount)
            (states + stateCount).initialize(to: EventState())
            stateCount += 1
        }
        numbers[slot * groupCount + group] = number
        return states + Int(number)
    }

    /// Removes the states of all groups of a slot; calls `body` with each before.
    mutating func removeAll(slot: Int, _ body: (EventState) -> Void) {
        for place in slot * groupCount..<(slot + 1) * groupCount where numbers[place] > 0 {
            let number = numbers[place]
            body(states[Int(number)])
            states[Int(number)] = EventState()
            numbers[place] = 0
            free.append(number)
        }
    }

    /// Makes room for more slots.
    mutating func grow(to newCapacity: Int) {
        numbers = numbers.enlarged(from: slotCapacity * groupCount, to: newCapacity * groupCount, filling: 0)
        slotCapacity = newCapacity
    }

    private mutating func growStates() {
        let newCapacity = max(16, stateCapacity + stateCapacity / 2)
        let larger = UnsafeMutablePointer<EventState>.allocate(capacity: newCapacity)
        larger.moveInitialize(from: states, count: stateCount)
        states.deallocate()
        states = larger
        stateCapacity = newCapacity
    }
}
