import ArgumentParser
import Foundation
import JSONValues
import ScriptRunner
import World

/// `perigee run`
struct RunCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run", abstract: "Runs one Lua file in the sandbox, without a world.",
        discussion: """
            What the script prints goes to the output, and so do the values that it returns, after "=> "; an error goes to \
            the error output. Without a file there is a prompt, where each line runs under the limits; lines that are \
            piped in run the same way. The exit status is 0 if all went well, 1 after an error in the script, 2 when the \
            command line is wrong, 3 at the time limit and 4 at the memory limit.
            """)

    @Argument(help: "The script; without one there is a prompt.") var file: String?
    @Option(help: "CPU time that the script may take, in milliseconds (1 to 3600000).") var timeLimit = 1000
    @Option(help: "Memory that the script may use, in MB of 1048576 bytes (1 to 4096).") var memoryLimit = 64
    @Flag(help: "Prints one JSON object with the values, the printed lines up to 4 MiB, the error, times and memory.")
    var json = false

    func validate() throws {
        guard (1...3_600_000).contains(timeLimit) else {
            throw ValidationError("--time-limit is \(timeLimit); give milliseconds from 1 to 3600000")
        }
        guard (1...4096).contains(memoryLimit) else {
            throw ValidationError("--memory-limit is \(memoryLimit); give MB from 1 to 4096")
        }
        if json, file == nil { throw ValidationError("--json needs a file to run") }
    }

    func run() throws {
        let output = BufferedOutput()
        let limits = ScriptRunner.Limits(time: .milliseconds(timeLimit), memoryBytes: memoryLimit << 20)
        var printed = PrintedLines()
        let runner = try ScriptRunner(limits: limits, seed: UInt64.random(in: .min ... .max)) { [json, file] line in
            if json { printed.append(line) } else { output.line(line) }
            if file == nil { output.flush() }
        }
        let status: Int32
        if let file {
            let source = try Self.source(file)
            let outcome = runner.run(source, name: file)
            if json {
                output.line(outcome.json(printed: printed).bytes)
            } else {
                if let values = outcome.valuesLine { output.line(values) }
                output.flush()
                if let text = outcome.errorText { StandardError.print(text) }
            }
            status = outcome.exitStatus
        } else {
            let prompt = Prompt(runner) {
                output.line($0)
                output.flush()
            } complain: {
                output.flush()
                StandardError.print($0)
            }
            status = prompt.run()
        }
        output.flush()
        if status != 0 { throw ExitCode(status) }
    }

    private static func source(_ path: String) throws -> [UInt8] {
        do {
            // `Data(contentsOf:)` can't read a pipe.
            return Array(try FileHandle(forReadingFrom: URL(fileURLWithPath: path)).readToEnd() ?? Data())
        } catch {
            StandardError.print("perigee: can't read \"\(path)\" (\(error.localizedDescription)); name a Lua file")
            throw ExitCode(2)
        }
    }
}

/// Collects lines for standard output and writes them in pieces of 64 KiB, because a script may print thousands of
/// lines.
private final class BufferedOutput {
    private var bytes: [UInt8] = []

    func line(_ line: some Sequence<UInt8>) {
        bytes += line
        bytes.append(UInt8(ascii: "\n"))
        if bytes.count > 1 << 16 { flush() }
    }

    func flush() {
        FileHandle.standardOutput.write(Data(bytes))
        bytes.removeAll(keepingCapacity: true)
    }
}
