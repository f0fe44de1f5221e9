/// What a script consists of, with the place of each part.
///
/// Chains that Lua reads in a loop (`a.b.c`, `1 + 2 + 3`, `elseif`) are flat here as well, so that the depth of a tree is
/// bounded by the parser's levels and no walk over it can run out of stack.
struct LuaBlock {
    var statements: [LuaStatement] = []
}

/// One local variable, parameter or loop variable.
final class LuaVariable {
    let name: String
    let position: SourcePosition
    /// Whether anything but its declaration gives it a value.
    var isReassigned = false

    init(_ name: String, _ position: SourcePosition) {
        self.name = name
        self.position = position
    }
}

/// A function's parameters and code.
final class LuaFunction {
    let position: SourcePosition
    var parameters: [LuaVariable] = []
    var body = LuaBlock()

    init(_ position: SourcePosition) { self.position = position }
}

struct LuaStatement {
    var position: SourcePosition
    var kind: Kind

    /// One arm of an `if`.
    struct Arm {
        var condition: LuaExpression
        var block: LuaBlock
    }

    indirect enum Kind {
        case local([LuaVariable], [LuaExpression])
        case assignment([LuaExpression], [LuaExpression])
        case call(LuaExpression)
        case block(LuaBlock)
        case whileLoop(LuaExpression, LuaBlock)
        case repeatLoop(LuaBlock, until: LuaExpression)
        case conditional([Arm], otherwise: LuaBlock?)
        case numericFor(LuaVariable, [LuaExpression], LuaBlock)
        case genericFor([LuaVariable], [LuaExpression], LuaBlock)
        /// `function a.b:c() end`
        case function(LuaExpression, LuaFunction)
        case localFunction(LuaVariable, LuaFunction)
        case returned([LuaExpression])
        case breakLoop
    }
}

struct LuaExpression {
    var position: SourcePosition
    var kind: Kind

    indirect enum Kind {
        case constantNil
        case boolean(Bool)
        case number(Double)
        case string([UInt8])
        case varargs
        case function(LuaFunction)
        case table([TableItem])
        case local(LuaVariable)
        case global(String)
        case parenthesized(LuaExpression)
        /// A base and what is done to it, at least once.
        case suffixed(LuaExpression, [Suffix])
        case unary(UnaryOperator, LuaExpression)
        /// An operand, and operators applied to the result so far from left to right.
        case binary(LuaExpression, [BinaryPart])
    }

    struct TableItem {
        enum Key {
            case position
            case name(String, SourcePosition)
            case expression(LuaExpression)
        }

        var key: Key
        var value: LuaExpression
    }

    struct Suffix {
        indirect enum Kind {
            /// `.name`
            case field(String)
            /// `[expression]`
            case index(LuaExpression)
            /// `(…)`
            case call([LuaExpression])
            /// `:name(…)`
            case method(String, [LuaExpression])
        }

        /// Where its name, index or argument list begins.
        var position: SourcePosition
        var kind: Kind

        var isCall: Bool {
            switch kind {
            case .call, .method: true
            case .field, .index: false
            }
        }
    }

    enum UnaryOperator { case minus, not, length }

    struct BinaryPart {
        var symbol: BinaryOperator
        var position: SourcePosition
        var operand: LuaExpression
    }

    enum BinaryOperator: String {
        case add = "+"
        case subtract = "-"
        case multiply = "*"
        case divide = "/"
        case modulo = "%"
        case power = "^"
        case concat = ".."
        case equal = "=="
        case notEqual = "~="
        case less = "<"
        case lessOrEqual = "<="
        case greater = ">"
        case greaterOrEqual = ">="
        case and
        case or
    }
}

extension LuaExpression.BinaryOperator {
    /// How strongly it binds what stands left and right of it [Lua 5.1, 2.5.6]; the right-associative ones bind less on
    /// the right.
    var priority: (left: Int, right: Int) {
        switch self {
        case .or: (1, 1)
        case .and: (2, 2)
        case .equal, .notEqual, .less, .lessOrEqual, .greater, .greaterOrEqual: (3, 3)
        case .concat: (5, 4)
        case .add, .subtract: (6, 6)
        case .multiply, .divide, .modulo: (7, 7)
        case .power: (10, 9)
        }
    }

    /// How strongly unary operators bind.
    static let unaryPriority = 8
}
