import JSONValues

/// Why a world refused an operation: what was wrong, and what is allowed.
public enum WorldError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The map has as many entities as it may have.
    case full(limit: Int)
    /// An entity of this key is already on the map.
    case duplicate(EntityKey)
    /// No place on the map can be walked on.
    case nowhereToStand(map: String)
    /// A number that can't be a position, a time or a component.
    case notFinite(field: String)
    /// A component that is not declared for the kind.
    case unknownComponent(name: String, kind: EntityKind, known: [String])
    /// A component value of another type.
    case wrongType(component: String, expected: String, given: String)
    /// A group that is not declared.
    case unknownGroup(name: String, known: [String])
    /// An event that is not declared in its group.
    case unknownEvent(group: String, name: String, known: [String])
    /// A parameter that the event does not declare.
    case undeclaredParameter(event: String, name: String, declared: [String])
    /// A mandatory parameter that is absent.
    case missingParameter(event: String, name: String, type: String)
    /// A parameter of another type.
    case wrongParameterType(event: String, name: String, expected: String, given: String)
    /// A text field or component that is longer than its limit, in bytes.
    case textTooLong(name: String, given: Int, limit: Int)
    /// A name, such as a prefab, that contains the character NUL.
    case nulInName(name: String)
    /// A json component that is larger than its limit.
    case jsonTooLarge(limit: Int)
    /// A json component that is nested too deep.
    case jsonTooDeep(limit: Int)
    /// A write to a table that was taken out of its component.
    case inNoComponent

    /// An event's parameters that weigh more, or are nested deeper, than a json component may.
    case parametersTooLarge(event: String, limit: Int, depth: Int)
    /// The map's texts, json components and data of pending events would outgrow their limit, together with the tables
    /// that scripts still hold after they were replaced (`kept` bytes).
    case tooHeavy(limit: Int, kept: Int = 0)

    /// What was wrong and what is allowed, in one sentence.
    public var description: String {
        switch self {
        case .full(let limit): "the map is full: it may hold \(limit) entities"
        case .duplicate(let key): "\(key) is already on this map"
        case .nowhereToStand(let map): "map \(map) has no walkable tile"
        case .notFinite(let field): "\(field) must be a finite number"
        case .unknownComponent(let name, let kind, let known):
            "\(kind.name) have no component '\(name)'; they have \(Self.list(known))"
        case .wrongType(let component, let expected, let given):
            "component '\(component)' takes a \(expected) or nil, got \(given)"
        case .unknownGroup(let name, let known):
            "there is no event group '\(name)'; there are \(Self.list(known))"
        case .unknownEvent(let group, let name, let known):
            "group '\(group)' has no event '\(name)'; it has \(Self.list(known))"
        case .undeclaredParameter(let event, let name, let declared):
            "\(event) declares no parameter '\(name)'; it declares \(Self.list(declared))"
        case .missingParameter(let event, let name, let type):
            "\(event) needs parameter '\(name)' (\(type))"
        case .wrongParameterType(let event, let name, let expected, let given):
            "parameter '\(name)' of \(event) must be a \(expected), got \(given)"
        case .textTooLong(let name, let given, let limit):
            "\(name) may hold \(limit) bytes of text, got \(given)"
        case .nulInName(let name):
            "\(name) can't contain the character NUL (\"\\0\"); a component of type string or json can"
        case .jsonTooLarge(let limit): "a json component may hold about \(limit / 1024) KiB"
        case .jsonTooDeep(let limit): "a json component may nest \(limit) tables deep"
        case .inNoComponent:
            "this table is in no component any more, so a write to it would be lost; put it into a component first, "
                + "or work with a copy(t)"
        case .parametersTooLarge(let event, let limit, let depth):
            "the parameters of \(event) may weigh about \(limit / 1024) KiB and nest \(depth) tables deep"
        case .tooHeavy(let limit, let kept):
            "the map is full: its texts, json components and events' data may weigh about \(limit >> 20) MiB "
                + "(world_limit_mb)"
                + (kept < limit / 16
                    ? ""
                    : "; \(kept >> 10) KiB of that are tables of components that scripts hold though they were replaced: "
                        + "keep copy(t) in a variable, not t")
        }
    }

    private static func list(_ names: [String]) -> String {
        names.isEmpty ? "none" : names.joined(separator: ", ")
    }
}

extension WorldError {
    /// Runs a check of a value for a json component, and turns its `JSONLimitError` into a ``WorldError``.
    static func limit<Value>(_ check: () throws(JSONLimitError) -> Value) throws(WorldError) -> Value {
        do throws(JSONLimitError) {
            return try check()
        } catch {
            switch error {
            case .tooLarge(let limit): throw .jsonTooLarge(limit: limit)
            case .tooDeep(let limit): throw .jsonTooDeep(limit: limit)
            }
        }
    }
}
