/// What a script consists of, with the place of each part.
///
/// Chains that Lua reads in a loop (`a.b.c`, `1 + 2 + 3`, `elseif`) are flat here as well, so that the depth of a tree
/// is bounded by the parser's levels and no walk over it can run out of stack.
package struct LuaBlock {
    /// In order.
    package var statements: [LuaStatement] = []
}

/// One local variable, parameter or loop variable.
package final class LuaVariable {
    /// As it is written.
    package let name: String
    /// Where its name stands.
    package let position: SourcePosition
    /// Whether anything but its declaration gives it a value.
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
    /// With `self` of a method, and `arg` of a function with `...`.
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
        /// What must hold.
        package var condition: LuaExpression
        /// What runs then.
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
        /// A base and what is done to it, at least once.
        case suffixed(LuaExpression, [Suffix])
        case unary(UnaryOperator, LuaExpression)
        /// An operand, and operators applied to the result so far from left to right.
        case binary(LuaExpression, [BinaryPart])
    }

    /// One item of a table constructor.
    package struct TableItem {
        /// How the item says its key.
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

    /// What is done to a base.
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

        /// Whether it calls what stands before it.
        package var isCall: Bool {
            switch kind {
            case .call, .method: true
            case .field, .index: false
            }
        }
    }

    /// `-`, `not`, `#`
    package enum UnaryOperator { case minus, not, length }

    /// An operator and what stands right of it.
    package struct BinaryPart {
        /// The operator.
        package var symbol: BinaryOperator
        /// Where it begins.
        package var position: SourcePosition
        /// What stands right of it.
        package var operand: LuaExpression
    }

    /// The operators between two operands; the raw value is what is written.
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
