import GameFolder
import LuaSyntax

extension GameScript {
    /// The number that a timeout formula returns whatever happens: its only statement returns a number, or numbers with
    /// `+`, `-`, `*` and `/` between them. Such a formula is never called.
    ///
    /// `nil` for any other script, and for a number that is no timeout: the VM runs that, and the error log says so.
    var constantTimeout: Double? {
        guard case .timeout = role, let block = try? LuaParser.parse(source), block.statements.count == 1,
            case .returned(let values) = block.statements[0].kind, values.count == 1,
            let seconds = values[0].constantNumber, seconds.isFinite, seconds >= 0
        else { return nil }
        return seconds
    }
}

extension LuaExpression {
    /// The value of an expression of numbers and the four basic operations; the parser bounds how deep it nests.
    fileprivate var constantNumber: Double? {
        switch kind {
        case .number(let value): return value
        case .parenthesized(let inner): return inner.constantNumber
        case .binary(let first, let parts):
            var result = first.constantNumber
            for part in parts {
                guard let left = result, let right = part.operand.constantNumber else { return nil }
                switch part.symbol {
                case .add: result = left + right
                case .subtract: result = left - right
                case .multiply: result = left * right
                case .divide: result = left / right
                default: return nil
                }
            }
            return result
        default: return nil
        }
    }
}
