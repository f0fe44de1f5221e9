import Glibc
package import LuaSandbox

/// Runs scripts in a sandbox of their own, without a world: what `perigee run` does.
///
/// The scripts share one environment, so that what one line of a prompt assigned the next can read. One thread at a
/// time.
package final class ScriptRunner {
    /// What one script may use.
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

    /// How a script ended, and what it took.
    package struct Outcome {
        /// The returned values, or why there are none.
        package var result: Result<[LuaResult], ScriptError>
        /// CPU time of this thread, in nanoseconds; compiling included.
        package var cpuNanoseconds: UInt64
        /// Time that passed, in nanoseconds.
        package var wallNanoseconds: UInt64
        /// The VM's memory afterwards, garbage included.
        package var usedBytes: Int
        /// The most the VM's memory was.
        package var peakBytes: Int
    }

    private let sandbox: LuaSandbox
    private let environment: LuaEnvironment
    private let limits: Limits
    private static let microtime: UInt32 = 1

    /// Makes a sandbox.
    ///
    /// - Parameters:
    ///   - limits: What each script may use.
    ///   - seed: Of `math.random`.
    ///   - print: Takes the bytes of each line that scripts print, without a line end.
    /// - Throws: ``ScriptError`` when the memory limit does not hold a VM.
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
            case .global: call.returnValue(Double(Self.nanoseconds(CLOCK_REALTIME)) / 1e9)
            default: call.fail("there is no world here")
            }
        }
        try sandbox.setFunction("microtime", id: Self.microtime, in: sandbox.baseEnvironment)
        environment = try sandbox.makeEnvironment()
    }

    /// Compiles and runs a script.
    ///
    /// - Parameters:
    ///   - source: The text.
    ///   - name: The name in messages.
    /// - Returns: How it ended.
    package func run(_ source: [UInt8], name: String) -> Outcome {
        let cpu = Self.nanoseconds(CLOCK_THREAD_CPUTIME_ID)
        let wall = Self.nanoseconds(CLOCK_MONOTONIC)
        let result = evaluate(source, name)
        return Outcome(
            result: result, cpuNanoseconds: Self.nanoseconds(CLOCK_THREAD_CPUTIME_ID) &- cpu,
            wallNanoseconds: Self.nanoseconds(CLOCK_MONOTONIC) &- wall, usedBytes: sandbox.usedBytes,
            peakBytes: sandbox.peakBytes)
    }

    private func evaluate(_ source: [UInt8], _ name: String) -> Result<[LuaResult], ScriptError> {
        do throws(ScriptError) {
            let function = try sandbox.compile(source, name: name, environment: environment, limit: limits.time)
            defer { sandbox.release(function) }
            return .success(try sandbox.callForAll(function, limit: limits.time))
        } catch {
            return .failure(error)
        }
    }

    /// Whether a source compiles; nothing runs.
    func compiles(_ source: [UInt8], name: String) -> Bool {
        guard let function = try? sandbox.compile(source, name: name, environment: environment, limit: limits.time)
        else { return false }
        sandbox.release(function)
        return true
    }

    private static func nanoseconds(_ clock: clockid_t) -> UInt64 {
        var time = timespec()
        clock_gettime(clock, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }
}
