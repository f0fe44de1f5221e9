import World

/// Finds event groups and events by the bytes of a script's text, without making a `String` of them.
struct EventNames {
    private struct Group {
        let name: [UInt8]
        let events: [[UInt8]]
        /// The place of the event `index`, which is meant when a script names none; `nil` when there is no such event.
        let index: Int?
    }

    private var groups: [Group] = []
    /// The group that was found last: most scripts ask for one group again and again.
    private var last = 0

    init() {}

    /// The names that a schema declares.
    init(_ schema: Schema) {
        groups = schema.groups.map { group in
            Group(
                name: Array(group.name.utf8), events: group.events.map { Array($0.name.utf8) },
                index: group.events.firstIndex { $0.name == "index" })
        }
    }

    /// The place of a group in the schema; `nil` when there is no such group.
    mutating func group(_ name: UnsafeRawBufferPointer) -> Int? {
        if last < groups.count, Self.isSame(name, groups[last].name) { return last }
        guard let index = groups.firstIndex(where: { Self.isSame(name, $0.name) }) else { return nil }
        last = index
        return index
    }

    /// The place of an event in a group of the schema; `nil` when there is no such event.
    func event(_ name: UnsafeRawBufferPointer, group: Int) -> Int? {
        groups[group].events.firstIndex { Self.isSame(name, $0) }
    }

    /// The place of the event `index` in a group of the schema; `nil` when the group has none.
    func index(of group: Int) -> Int? { groups[group].index }

    @inline(__always)
    private static func isSame(_ name: UnsafeRawBufferPointer, _ other: [UInt8]) -> Bool {
        guard name.count == other.count else { return false }
        for place in 0..<name.count where name[place] != other[place] { return false }
        return true
    }
}
