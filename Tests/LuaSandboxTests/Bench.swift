import LuaSandbox
import Testing

/// A sandbox with an environment and a log, as most tests need them.
final class Bench {
    let sandbox: LuaSandbox
    let environment: LuaEnvironment
    let log = Log()

    /// The lines and errors that scripts sent to the host, and the handler of all other calls.
    final class Log {
        var printed: [String] = []
        var errors: [(message: String, traceback: String)] = []
        var handle: (HostCall) -> Void = { $0.fail("no host here") }
    }

    init(memory: Int = 64 << 20, seed: UInt64 = 7, source: Int = 64 << 10) throws {
        var configuration = LuaSandbox.Configuration()
        configuration.memoryLimitBytes = memory
        configuration.seed = seed
        configuration.maxSourceBytes = source
        sandbox = try LuaSandbox(configuration: configuration) { [log] call in
            switch call.operation {
            case .print: log.printed.append(call.string(at: 0) ?? "?")
            case .errorLog: log.errors.append((call.string(at: 0) ?? "?", call.string(at: 1) ?? "?"))
            default: log.handle(call)
            }
        }
        environment = try sandbox.makeEnvironment()
    }

    /// Compiles and runs a script, and returns its first result.
    @discardableResult
    func run(
        _ source: String, name: String = "events/move/to.lua", limit: Duration = .seconds(10),
        in environment: LuaEnvironment? = nil
    ) throws(ScriptError) -> LuaValue {
        let function = try sandbox.compile(source, name: name, environment: environment ?? self.environment)
        defer { sandbox.release(function) }
        return try sandbox.call(function, limit: limit)
    }

    /// The error that a script ends with, or nil.
    func failure(_ source: String, name: String = "events/move/to.lua", limit: Duration = .seconds(10)) -> ScriptError?
    {
        do {
            try run(source, name: name, limit: limit)
            return nil
        } catch {
            return error
        }
    }
}

/// A script and its expected result.
struct Case: Sendable, CustomTestStringConvertible {
    var source: String
    var expected: LuaValue
    init(_ source: String, _ expected: LuaValue) {
        self.source = source
        self.expected = expected
    }
    init(_ source: String, _ expected: String) { self.init(source, .string(expected)) }
    init(_ source: String, _ expected: Double) { self.init(source, .number(expected)) }
    init(_ source: String, _ expected: Bool) { self.init(source, .bool(expected)) }
    var testDescription: String { source }
}
