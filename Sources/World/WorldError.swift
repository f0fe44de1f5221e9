/// Why a world refused something: what it was, and what is allowed.
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
    /// A text field or component that is longer than its bound, in bytes.
    case textTooLong(name: String, given: Int, limit: Int)
    /// A json component that outgrew its bound.
    case jsonTooLarge(limit: Int)
    /// A json component that is nested too deep.
    case jsonTooDeep(limit: Int)

    /// Parameters of an event that weigh more than a json component may, or are nested deeper.
    case parametersTooLarge(event: String, limit: Int, depth: Int)
    /// The map's texts, json components and data of pending events, and the tables that scripts hold, would outgrow their
    /// bound.
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
        case .jsonTooLarge(let limit): "a json component may hold about \(limit / 1024) KiB"
        case .jsonTooDeep(let limit): "a json component may nest \(limit) tables deep"
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

extension EventDefinition {
    /// Checks parameters against the declaration and fills in defaults [M11.2, M11.7].
    ///
    /// - Parameters:
    ///   - given: The parameters given.
    ///   - group: The event's group, for messages.
    /// - Returns: The parameters in the order of their declaration.
    /// - Throws: ``WorldError`` for an undeclared, missing or wrongly typed parameter.
    public func complete(_ given: JSONObject, group: String) throws(WorldError) -> JSONObject {
        for name in given.keys where !parameters.contains(where: { $0.name.isExactly(name) }) {
            throw .undeclaredParameter(
                event: "\(group)/\(self.name)", name: name.clipped(to: World.maxNameBytes),
                declared: parameters.map(\.name))
        }
        var result = JSONObject()
        for parameter in parameters {
            guard let value = given[parameter.name], value != .null else {
                guard let defaultValue = parameter.defaultValue else {
                    throw .missingParameter(
                        event: "\(group)/\(name)", name: parameter.name, type: parameter.type.rawValue)
                }
                result.append(unique: parameter.name, defaultValue)
                continue
            }
            guard parameter.type.accepts(value) else {
                throw .wrongParameterType(
                    event: "\(group)/\(name)", name: parameter.name, expected: parameter.type.rawValue,
                    given: value.typeName)
            }
            result.append(unique: parameter.name, value)
        }
        do throws(WorldError) {
            _ = try JSONSize(checking: .object(result))
        } catch {
            throw .parametersTooLarge(event: "\(group)/\(name)", limit: JSONNode.maxWeight, depth: JSONNode.maxDepth)
        }
        return result
    }
}

extension EventParameter.ValueType {
    /// Whether a value is of this type; null is of none.
    ///
    /// - Parameter value: The value.
    /// - Returns: `true` when it fits.
    public func accepts(_ value: JSON) -> Bool {
        switch (self, value) {
        case (_, .null): false
        case (.any, _), (.number, .number), (.string, .string), (.boolean, .bool), (.table, .array), (.table, .object):
            true
        default: false
        }
    }
}
