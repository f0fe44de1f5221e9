import LuaSandbox

/// `world`, the one object that only tests have.
enum TestClass {
    /// The class number; those below are the map's.
    static let id: UInt16 = 64

    /// What stands for `objects` and `map` where there is no map: outside of tests.
    static let outside = HostClass(id: id + 1, name: "nothing", options: [.dynamic])

    enum Member: UInt32, CaseIterable {
        case map = 1
        case spawn, join, leave, command
        case advance, tick
        case entity, entities, received, walkable, expectError
        case now, log, errors, moved, seed

        /// The least arguments of a function; `nil` for a value.
        var minimum: Int? {
            switch self {
            case .entities, .tick: 0
            case .map, .spawn, .join, .leave, .advance, .entity, .received, .expectError: 1
            case .command, .walkable: 2
            case .now, .log, .errors, .moved, .seed: nil
            }
        }
    }

    static let hostClass = HostClass(
        id: id, name: "world", options: [],
        members: Member.allCases.map { member in
            if let minimum = member.minimum {
                .method("\(member)", id: member.rawValue, minimum: minimum)
            } else {
                .property("\(member)", id: member.rawValue)
            }
        })

    static let names = Member.allCases.map { $0.minimum == nil ? "\($0)" : "\($0)()" }.joined(separator: ", ")
}
