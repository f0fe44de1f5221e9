import CProcess
package import LuaSandbox
import Simulation

/// Runs scripts in a sandbox of their own, without a world: what `perigee run` does.
///
/// The scripts share one environment, so that a line of a prompt can read the globals that an earlier line assigned.
/// Not thread-safe: only one thread may use it at a time.
package final class ScriptRunner {
    /// The limits of one script.
    package struct Limits {
        /// CPU time of one script, `__tostring` of its results included.
        package var time: Duration
        /// Memory of the VM in bytes.
        package var memoryBytes: Int

        /// Makes limits.
        package init(time: Duration, memoryBytes: Int) {
            self.time = time
            self.memoryBytes = memoryBytes
        }
    }

    /// The result of a script, with the time and memory that it used.
    package struct Outcome {
        /// The returned values, or the error that ended the script.
        package var result: Result<[LuaResult], ScriptError>
        /// CPU time of this thread for compiling and running, in nanoseconds.
        package var cpuNanoseconds: UInt64
        /// Real time, in nanoseconds.
        package var wallNanoseconds: UInt64
        /// The VM's memory after the run, garbage included, in bytes.
        package var usedBytes: Int
        /// The greatest size that the VM's memory has had so far, in bytes.
        package var peakBytes: Int
    }

    private let sandbox: LuaSandbox
    private let environment: LuaEnvironment
    private let limits: Limits
    private static let microtime: UInt32 = 1

    /// Makes a sandbox.
    ///
    /// - Parameters:
    ///   - limits: The limits of each script.
    ///   - seed: The seed of `math.random`.
    ///   - print: Called with the bytes of each line that scripts print, without a line end.
    /// - Throws: ``ScriptError`` when the memory limit is too small for a VM.
    package init(
        limits: Limits, seed: UInt64, print: @escaping (UnsafeRawBufferPointer) -> Void
    ) throws(ScriptError) {
        self.limits = limits
        var configuration = LuaSandbox.Configuration()
        configuration.memoryLimitBytes = limits.memoryBytes
        configuration.seed = seed
        sandbox = try LuaSandbox(configuration: configuration) { call in
            switch call.operation {
            case .print: call.withBytes(at: 0, print)
            case .errorLog: break  // The error comes to the caller anyway, or the script has caught it.
            case .global: call.returnValue(Double(process_clock(PROCESS_CLOCK_WALL)) / 1e9)
            default: call.fail("there is no world here")
            }
        }
        try sandbox.setFunction("microtime", id: Self.microtime, in: sandbox.baseEnvironment)
        environment = try sandbox.makeEnvironment()
    }

    /// Compiles and runs a script.
    ///
    /// - Parameters:
    ///   - source: The source text.
    ///   - name: The name of the script in error messages.
    /// - Returns: The outcome.
    package func run(_ source: [UInt8], name: String) -> Outcome {
        let cpu = process_clock(PROCESS_CLOCK_THREAD_CPU)
        let wall = process_clock(PROCESS_CLOCK_MONOTONIC)
        let result = evaluate(source, name)
        return Outcome(
            result: result, cpuNanoseconds: process_clock(PROCESS_CLOCK_THREAD_CPU) &- cpu,
            wallNanoseconds: process_clock(PROCESS_CLOCK_MONOTONIC) &- wall, usedBytes: sandbox.usedBytes,
            peakBytes: sandbox.peakBytes)
    }

    private func evaluate(_ source: [UInt8], _ name: String) -> Result<[LuaResult], ScriptError> {
        do throws(ScriptError) {
            let function = try sandbox.compile(source, name: name, environment: environment, limit: limits.time)
            defer { sandbox.release(function) }
            return .success(try sandbox.callReturningAll(function, limit: limits.time))
        } catch {
            return .failure(error.advised(source: source))
        }
    }

    /// Whether a source compiles; it does not run.
    func compiles(_ source: [UInt8], name: String) -> Bool {
        guard let function = try? sandbox.compile(source, name: name, environment: environment, limit: limits.time)
        else { return false }
        sandbox.release(function)
        return true
    }
}
