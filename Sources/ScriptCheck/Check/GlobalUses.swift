import LuaSyntax

/// The uses of globals in a script, in the order in which Lua evaluates them.
struct GlobalUses {
    struct Use {
        enum Kind: Equatable {
            case read
            /// Read to access a field with a known name.
            case member(String)
            /// A field with a known name is assigned.
            case memberWrite(String)
            case write
            /// `function name() end`
            case function
        }

        var name: String
        var position: SourcePosition
        var kind: Kind
        /// The numbers of the blocks around the use, outermost first. A later use in the same blocks runs after this
        /// one.
        var blocks: [Int]
        /// The keys of the table constructor that is assigned; `nil` for another value, or when a key is computed.
        var keys: Set<String>?
    }

    private(set) var uses: [Use] = []
    /// The uses by the global's name.
    private(set) var byName: [String: [Use]] = [:]
    /// Globals that are assigned themselves, not only a field of them.
    private(set) var assigned: Set<String> = []
    /// Globals whose values may get new fields: a field is assigned, or the value is read and may be changed elsewhere.
    private(set) var written: Set<String> = []
    /// Whether the script may use globals without their names (through `_G`, `getfenv` or `setfenv`), so that its uses
    /// are not all known.
    private(set) var isDynamic = false
    /// The names of all locals, for suggestions.
    private(set) var locals: Set<String> = []
    private var blocks: [Int] = [0]
    private var blockCount = 0

    init(_ block: LuaBlock) {
        statements(block)
        byName = Dictionary(grouping: uses, by: \.name)
    }

    init() {}

    private mutating func add(_ name: String, _ position: SourcePosition, _ kind: Use.Kind, keys: Set<String>? = nil) {
        if ["_G", "getfenv", "setfenv"].contains(name) { isDynamic = true }
        switch kind {
        case .write, .function: assigned.insert(name)
        case .read, .memberWrite: written.insert(name)
        case .member: break
        }
        uses.append(Use(name: name, position: position, kind: kind, blocks: blocks, keys: keys))
    }

    // MARK: Statements

    private mutating func inner(_ block: LuaBlock, then: (inout GlobalUses) -> Void = { _ in }) {
        blockCount += 1
        blocks.append(blockCount)
        statements(block)
        then(&self)
        blocks.removeLast()
    }

    private mutating func statements(_ block: LuaBlock) {
        for statement in block.statements { visit(statement) }
    }

    private mutating func visit(_ statement: LuaStatement) {
        switch statement.kind {
        case .local(let variables, let values):
            values.forEach { visit($0) }
            locals.formUnion(variables.map(\.name))
        case .assignment(let targets, let values):
            values.forEach { visit($0) }
            for (index, target) in targets.enumerated() {
                assign(target, keys: index < values.count ? Self.keys(values[index]) : nil)
            }
        case .call(let call): visit(call)
        case .block(let block): statements(block)
        case .whileLoop(let condition, let block):
            visit(condition)
            inner(block)
        case .repeatLoop(let block, let condition): inner(block) { $0.visit(condition) }
        case .conditional(let arms, let otherwise):
            for arm in arms {
                visit(arm.condition)
                inner(arm.block)
            }
            if let otherwise { inner(otherwise) }
        case .numericFor(let variable, let values, let block):
            values.forEach { visit($0) }
            locals.insert(variable.name)
            inner(block)
        case .genericFor(let variables, let values, let block):
            values.forEach { visit($0) }
            locals.formUnion(variables.map(\.name))
            inner(block)
        case .function(let target, let function):
            if case .global(let name) = target.kind {
                add(name, target.position, .function)
            } else {
                assign(target, keys: nil)
            }
            visit(function)
        case .localFunction(let variable, let function):
            locals.insert(variable.name)
            visit(function)
        case .returned(let values): values.forEach { visit($0) }
        case .breakLoop: break
        }
    }

    private mutating func assign(_ target: LuaExpression, keys: Set<String>?) {
        switch target.kind {
        case .global(let name): add(name, target.position, .write, keys: keys)
        case .suffixed(let base, let suffixes): visit(base, suffixes, isTarget: true)
        default: break
        }
    }

    // MARK: Expressions

    private mutating func visit(_ function: LuaFunction) {
        locals.formUnion(function.parameters.map(\.name))
        inner(function.body)
    }

    private mutating func visit(_ expression: LuaExpression) {
        switch expression.kind {
        case .constantNil, .boolean, .number, .string, .varargs, .local: break
        case .global(let name): add(name, expression.position, .read)
        case .function(let function): visit(function)
        case .table(let items):
            for item in items {
                if case .expression(let key) = item.key { visit(key) }
                visit(item.value)
            }
        case .parenthesized(let inner): visit(inner)
        case .unary(_, let operand): visit(operand)
        case .binary(let first, let parts):
            visit(first)
            for part in parts { visit(part.operand) }
        case .suffixed(let base, let suffixes): visit(base, suffixes, isTarget: false)
        }
    }

    private mutating func visit(_ base: LuaExpression, _ suffixes: [LuaExpression.Suffix], isTarget: Bool) {
        if case .global(let name) = base.kind, let member = suffixes[0].literalName {
            let isWrite = isTarget && suffixes.count == 1
            add(name, base.position, isWrite ? .memberWrite(member) : .member(member))
        } else {
            visit(base)
        }
        for suffix in suffixes {
            switch suffix.kind {
            case .field: break
            case .index(let index): visit(index)
            case .call(let arguments), .method(_, let arguments): arguments.forEach { visit($0) }
            }
        }
    }

    /// The named keys of a table constructor; `nil` for another expression, or when a key is neither a name nor a
    /// string literal. Items without a key are ignored.
    private static func keys(_ expression: LuaExpression) -> Set<String>? {
        guard case .table(let items) = expression.kind else { return nil }
        var keys: Set<String> = []
        for item in items {
            switch item.key {
            case .name(let name, _): keys.insert(name)
            case .expression(let key):
                guard let name = key.literalText else { return nil }
                keys.insert(name)
            case .position: continue
            }
        }
        return keys
    }
}

extension LuaExpression {
    /// The text of a string literal; `nil` for other expressions.
    var literalText: String? {
        switch kind {
        case .string(let bytes): String(decoding: bytes, as: UTF8.self)
        case .parenthesized(let inner): inner.literalText
        default: nil
        }
    }
}

extension LuaExpression.Suffix {
    /// The name in `.name`, `["name"]` or `:name()`; `nil` for other suffixes.
    var literalName: String? {
        switch kind {
        case .field(let name): name
        case .index(let index): index.literalText
        case .method(let name, _): name
        case .call: nil
        }
    }
}
