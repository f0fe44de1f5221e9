import GameRules
import LuaSyntax
import World

/// What is known about a value before the script runs. If it is not certain, it is `unknown`, and is never reported.
indirect enum LuaType {
    /// The set of names that a text belongs to.
    enum Domain: Equatable {
        case entityType
        case leaveReason
        case eventGroup
        case event(group: String)
    }

    case unknown
    case nothing
    case boolean
    case number
    /// A text; with a domain, one of the names in it.
    case text(Domain?)
    /// A number or nil, for instance a component's value.
    case numberOrNil
    case booleanOrNil
    case textOrNil(Domain?)
    /// A table of a json component, or nil.
    case json
    case table
    /// The table of a constructor expression, before it is put into a variable.
    case constructed(TableLiteral)
    /// A table with values of one type.
    case list(LuaType)
    case function
    /// A member function of a class of ``ScriptAPI``; `owner` is the value that it belongs to.
    case method(ScriptAPI.Class, APIMember, owner: LuaType)
    /// A function that all scripts have as a global or in a library: `pairs`, `microtime`, `math.floor`.
    case standard(String)
    case entity(EntityKindSet)
    case components(EntityKindSet)
    case events
    case group(String?)
    case objects
    case map
    case data
    case event
    case socket
    /// A socket's data, or a table in it, or nil.
    case socketData
    case broadcast
    /// What `to` and `except` return.
    case target
    case sockets
    case io
    case library(String)
    /// A global table that a lib defines, which scripts can't change.
    case libTable(String)

    /// The name of its Lua type for messages; `nil` when that is not certain.
    var name: String? {
        switch self {
        case .unknown, .numberOrNil, .booleanOrNil, .textOrNil, .json, .socketData: nil
        case .nothing: "nil"
        case .boolean: "a boolean"
        case .number: "a number"
        case .text: "a string"
        case .table, .constructed, .list, .data, .event, .library, .libTable: "a table"
        case .function, .method, .standard: "a function"
        case .entity: "an entity"
        case .components: "an entity's components"
        case .events: "an entity's events"
        case .group: "an event group"
        case .objects: "objects"
        case .map: "map"
        case .socket: "a socket"
        case .broadcast: "a socket's broadcast"
        case .target: "a target of events"
        case .sockets: "io.sockets"
        case .io: "io"
        }
    }

    /// What the value is, for messages about a value that is not nil: like ``name``, but also for `numberOrNil`,
    /// `booleanOrNil` and `textOrNil`.
    var noun: String {
        switch self {
        case .numberOrNil: "a number"
        case .booleanOrNil: "a boolean"
        case .textOrNil: "a string"
        default: name ?? "this value"
        }
    }

    /// Whether the value certainly does not have the wanted type.
    func isNot(_ wanted: ExpectedType) -> Bool {
        guard name != nil else { return false }
        switch (wanted, self) {
        case (.number, .number), (.text, .text), (.boolean, .boolean): return false
        case (.table, .table), (.table, .constructed), (.table, .list), (.table, .data), (.table, .event),
            (.table, .library), (.table, .components),
            (.table, .libTable):
            return false
        case (.any, .function), (.any, .method), (.any, .standard): return true
        case (.any, _): return false
        default: return true
        }
    }

    enum ExpectedType: String {
        case number, text = "string", boolean, table, any

        /// Its name in messages, with an article.
        var article: String {
            switch self {
            case .number: "a number"
            case .text: "a string"
            case .boolean: "a boolean"
            case .table: "a table"
            case .any: "a JSON value"
            }
        }
    }
}

/// A table constructor with the types of its values.
final class TableLiteral {
    let items: [LuaExpression.TableItem]
    let types: [LuaType]

    init(_ items: [LuaExpression.TableItem], _ types: [LuaType]) {
        self.items = items
        self.types = types
    }

    /// The items whose keys are known texts.
    var named: [(name: String, position: SourcePosition, value: LuaExpression, type: LuaType)] {
        zip(items, types).compactMap { item, type in
            switch item.key {
            case .name(let name, let position): (name, position, item.value, type)
            case .expression(let key): key.literalText.map { ($0, key.position, item.value, type) }
            case .position: nil
            }
        }
    }

    /// Whether all items have keys that are known texts.
    var isComplete: Bool { named.count == items.count }
}

extension LuaType.ExpectedType {
    init(_ type: ComponentDefinition.ValueType) {
        switch type {
        case .number: self = .number
        case .string: self = .text
        case .boolean: self = .boolean
        case .json: self = .table
        }
    }

    init(_ type: EventParameter.ValueType) {
        switch type {
        case .number: self = .number
        case .string: self = .text
        case .boolean: self = .boolean
        case .table: self = .table
        case .any: self = .any
        }
    }
}
