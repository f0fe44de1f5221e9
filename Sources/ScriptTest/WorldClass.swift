import LuaSandbox

/// The class of `world`, the object that only tests have.
enum WorldClass {
    /// The class number; the classes of the map have lower numbers.
    static let id: UInt16 = 64

    /// The class of `objects` and `map` outside of tests, where there is no map: each access to them is an error.
    static let outside = HostClass(id: id + 1, name: "nothing", options: [.dynamic])

    enum Member: UInt32, CaseIterable {
        case map = 1
        case spawn, join, leave, command
        case advance, tick
        case entity, entities, received, walkable, expectError
        case now, log, errors, moved, seed
        case mute
        case connect, emit, request, emitted, connected, disconnect

        /// How many arguments a function needs at least; `nil` for a property.
        var minimum: Int? {
            switch self {
            case .entities, .tick, .connect: 0
            case .map, .spawn, .join, .leave, .mute, .advance, .entity, .received, .expectError, .emitted, .connected,
                .disconnect:
                1
            case .command, .walkable, .emit, .request: 2
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
