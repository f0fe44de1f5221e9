import CEditLine
import Glibc
import LuaSandbox

/// An interactive prompt: each line, or as many lines as make a complete chunk, runs as a script. The values of an
/// expression are written.
///
/// At a terminal, lines can be edited and there is a history; otherwise lines are read without a prompt.
package struct Prompt {
    private let runner: ScriptRunner
    private let write: ([UInt8]) -> Void
    private let complain: (String) -> Void
    private static let name = "stdin"

    /// Makes a prompt.
    ///
    /// - Parameters:
    ///   - runner: Runs the lines.
    ///   - write: Called with the line of values that a chunk returned, without a line end.
    ///   - complain: Called with the error of a chunk that failed.
    package init(
        _ runner: ScriptRunner, write: @escaping ([UInt8]) -> Void, complain: @escaping (String) -> Void
    ) {
        self.runner = runner
        self.write = write
        self.complain = complain
    }

    /// Runs the lines of standard input to its end.
    ///
    /// - Returns: The exit status of the first chunk that failed; 0 when no chunk failed, and always 0 at a terminal.
    package func run() -> Int32 {
        let isTerminal = isatty(STDIN_FILENO) == 1 && isatty(STDOUT_FILENO) == 1
        if isTerminal {
            setlocale(LC_ALL, "")
            using_history()
        }
        var status: Int32 = 0
        var chunk: [UInt8] = []
        while let line = isTerminal ? Self.editedLine(chunk.isEmpty ? "> " : ">> ") : Self.plainLine() {
            chunk += chunk.isEmpty ? line : [UInt8(ascii: "\n")] + line
            guard let ended = evaluate(chunk, mayContinue: true) else { continue }
            if status == 0 { status = ended }
            chunk = []
        }
        if !chunk.isEmpty, let ended = evaluate(chunk, mayContinue: false), status == 0 { status = ended }
        if isTerminal { write([]) }
        return isTerminal ? 0 : status
    }

    /// - Returns: The exit status; `nil` when the chunk needs more lines.
    private func evaluate(_ chunk: [UInt8], mayContinue: Bool) -> Int32? {
        if chunk.allSatisfy({ $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") || $0 == UInt8(ascii: "\n") }) {
            return 0
        }
        // As in the stock interpreter, `=` at the beginning means `return`.
        let body = chunk.first == UInt8(ascii: "=") ? Array("return ".utf8) + chunk.dropFirst() : chunk
        let expression = Array("return ".utf8) + body
        let outcome = runner.run(runner.compiles(expression, name: Self.name) ? expression : body, name: Self.name)
        if mayContinue, case .failure(let error) = outcome.result, error.kind == .syntax,
            error.message.hasSuffix("near '<eof>'")
        {
            return nil
        }
        if let line = outcome.valuesLine { write(line) }
        if let text = outcome.errorText { complain(text) }
        return outcome.exitStatus
    }

    private static func editedLine(_ prompt: String) -> [UInt8]? {
        guard let line = readline(prompt) else { return nil }
        defer { free(line) }
        let bytes = Array(UnsafeRawBufferPointer(start: line, count: strlen(line)))
        if !bytes.isEmpty { add_history(line) }
        return bytes
    }

    private static func plainLine() -> [UInt8]? { readLine().map { Array($0.utf8) } }
}
