/// The four kinds of entity that a map holds [M0.3, M6.1].
///
/// The spelling of the cases is the one clients and scripts see (`"enemys"`).
public enum EntityKind: UInt8, CaseIterable, Sendable, Hashable, Codable {
    case players, enemys, animals, objects

    /// The name on the wire, in Lua and in keys: `players`, `enemys`, `animals` or `objects`.
    public var name: String {
        switch self {
        case .players: "players"
        case .enemys: "enemys"
        case .animals: "animals"
        case .objects: "objects"
        }
    }

    /// Finds a kind by its name on the wire; `nil` for any other text.
    ///
    /// - Parameter name: One of the four names.
    public init?(name: some StringProtocol) {
        switch name {
        case "players": self = .players
        case "enemys": self = .enemys
        case "animals": self = .animals
        case "objects": self = .objects
        default: return nil
        }
    }
}

/// A set of entity kinds, one bit each.
public struct EntityKindSet: OptionSet, Sendable, Hashable {
    /// Bit `EntityKind.rawValue` is set for each member.
    public var rawValue: UInt8

    /// Makes a set from its bits.
    ///
    /// - Parameter rawValue: Bit `EntityKind.rawValue` for each member.
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// Makes the set with one member.
    ///
    /// - Parameter kind: The only member.
    public init(_ kind: EntityKind) { rawValue = 1 << kind.rawValue }

    /// All four kinds.
    public static let all = EntityKindSet(rawValue: 0b1111)

    /// Whether a kind is a member.
    ///
    /// - Parameter kind: The kind to look for.
    /// - Returns: `true` for a member.
    public func contains(_ kind: EntityKind) -> Bool { rawValue & (1 << kind.rawValue) != 0 }
}

/// Names one entity across all maps: its kind and its number among that kind [M6.1].
public struct EntityKey: Hashable, Sendable, CustomStringConvertible {
    /// The kind.
    public var kind: EntityKind
    /// The database number, unique among the entities of this kind only.
    public var id: Int

    /// Makes a key.
    ///
    /// - Parameters:
    ///   - kind: The kind.
    ///   - id: The number, from 1.
    public init(_ kind: EntityKind, _ id: Int) {
        self.kind = kind
        self.id = id
    }

    /// Reads a key as scripts and clients write it, for instance `players_24`.
    ///
    /// - Parameter text: The text; `nil` results when it is not a kind, an underscore and a whole number from 1.
    public init?(_ text: some StringProtocol) {
        guard let underscore = text.lastIndex(of: "_"), let kind = EntityKind(name: text[..<underscore]) else {
            return nil
        }
        let digits = text[text.index(after: underscore)...]
        // Each entity has exactly one spelling of its key, so `players_+7` and `players_007` are no keys.
        guard let first = digits.utf8.first, (UInt8(ascii: "1")...UInt8(ascii: "9")).contains(first),
            let id = Int(digits)
        else { return nil }
        self.init(kind, id)
    }

    /// The key's text: `players_24`.
    public var description: String { "\(kind.name)_\(id)" }
}
