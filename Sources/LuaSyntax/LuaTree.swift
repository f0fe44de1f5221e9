/// The syntax tree of a block of statements; each part has its position.
///
/// Chains that Lua parses in a loop (`a.b.c`, `1 + 2 + 3`, `elseif`) are lists in the tree, so that the parser's limit
/// of levels bounds the depth of the tree, and recursion over it can't overflow the stack.
package struct LuaBlock {
    /// The statements in order.
    package var statements: [LuaStatement] = []
}

/// One local variable, parameter or loop variable.
package final class LuaVariable {
    /// The name.
    package let name: String
    /// Where its declaration has the name.
    package let position: SourcePosition
    /// Whether it is assigned a value after its declaration.
    package var isReassigned = false

    init(_ name: String, _ position: SourcePosition) {
        self.name = name
        self.position = position
    }
}

/// A function's parameters and code.
package final class LuaFunction {
    /// Where it begins.
    package let position: SourcePosition
    /// The parameters, including the hidden ones: `self` of a method, and `arg` of a function with `...`.
    package var parameters: [LuaVariable] = []
    /// Its code.
    package var body = LuaBlock()

    init(_ position: SourcePosition) { self.position = position }
}

/// One statement.
package struct LuaStatement {
    /// Where it begins.
    package var position: SourcePosition
    /// What it is.
    package var kind: Kind

    /// One arm of an `if`.
    package struct Arm {
        /// The condition.
        package var condition: LuaExpression
        /// The block that runs when the condition is true.
        package var block: LuaBlock
    }

    /// The kinds.
    package indirect enum Kind {
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

/// One expression.
package struct LuaExpression {
    /// Where it begins.
    package var position: SourcePosition
    /// What it is.
    package var kind: Kind

    /// The kinds.
    package indirect enum Kind {
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
        /// A base expression and one or more suffixes.
        case suffixed(LuaExpression, [Suffix])
        case unary(UnaryOperator, LuaExpression)
        /// The first operand, and the operators with their right operands, applied from left to right.
        case binary(LuaExpression, [BinaryPart])
    }

    /// One item of a table constructor.
    package struct TableItem {
        /// How the item's key is written: not at all, as `name =` or as `[expression] =`.
        package enum Key {
            case position
            case name(String, SourcePosition)
            case expression(LuaExpression)
        }

        /// Its key.
        package var key: Key
        /// Its value.
        package var value: LuaExpression
    }

    /// A field access, an index or a call after a base expression.
    package struct Suffix {
        /// The kinds.
        package indirect enum Kind {
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
        package var position: SourcePosition
        /// What it is.
        package var kind: Kind

        /// Whether it is a call.
        package var isCall: Bool {
            switch kind {
            case .call, .method: true
            case .field, .index: false
            }
        }
    }

    /// `-`, `not`, `#`
    package enum UnaryOperator { case minus, not, length }

    /// A binary operator and its right operand.
    package struct BinaryPart {
        /// The operator.
        package var symbol: BinaryOperator
        /// Where it begins.
        package var position: SourcePosition
        /// The right operand.
        package var operand: LuaExpression
    }

    /// The binary operators; the raw value is the operator's text in Lua.
    package enum BinaryOperator: String {
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
    /// The operator's priority over the operators to its left and to its right [Lua 5.1, 2.5.6]; a right-associative
    /// operator has the lower priority on the right.
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

    /// The priority of unary operators.
    static let unaryPriority = 8
}
