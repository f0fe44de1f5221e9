package import LuaSandbox
import LuaSyntax

extension ScriptError {
    /// The error, with advice when the script uses syntax or names of another programming language.
    ///
    /// - Parameter source: The script's text, for an error of the compiler; `nil` for one of a running script.
    /// - Returns: The error; its message ends with the advice.
    package func advised(source: [UInt8]? = nil) -> ScriptError {
        var advised = self
        switch kind {
        case .syntax:
            guard let source, line > 0 else { return self }
            advised.message = ForeignSyntax.advised(message, source: source, line: line)
        case .runtime: advised.message = ForeignNames.advised(message)
        case .time, .memory, .stopped: break
        }
        return advised
    }
}
