/// The status, logs, errors and script costs of a map, for its operators.
package struct MapDiagnostics: Sendable, Codable, Equatable {
    /// One line of a map's log.
    package struct LogLine: Sendable, Codable, Equatable {
        /// Unix time in seconds.
        package var time: Double
        /// The number of the tick.
        package var tick: UInt64
        /// The script's file; `nil` when no script caused it.
        package var script: String?
        /// The line, without its end.
        package var text: String

        /// Makes a line.
        package init(time: Double, tick: UInt64, script: String?, text: String) {
            self.time = time
            self.tick = tick
            self.script = script
            self.text = text
        }
    }

    /// One entry of a map's error log.
    package struct ErrorEntry: Sendable, Codable, Equatable {
        /// Unix time in seconds.
        package var time: Double
        /// The number of the tick.
        package var tick: UInt64
        /// The script's file; `nil` when no script caused it.
        package var script: String?
        /// The line in the script, from 1.
        package var line: Int?
        /// `runtime`, `time_limit`, `memory_limit`, `compile`, `returned` …
        package var kind: String
        /// What went wrong, and what is allowed.
        package var message: String
        /// The calls that led there, a line each; `nil` where Lua has none.
        package var traceback: String?
        /// The key of the entity for which the script ran.
        package var entity: String?
        /// How many times in a row the same error happened.
        package var count: Int

        /// Makes one from its parts.
        package init(
            time: Double, tick: UInt64, script: String?, line: Int?, kind: String, message: String,
            traceback: String?, entity: String?, count: Int = 1
        ) {
            self.time = time
            self.tick = tick
            self.script = script
            self.line = line
            self.kind = kind
            self.message = message
            self.traceback = traceback
            self.entity = entity
            self.count = count
        }
    }

    /// What one script cost, including the scripts that it caused to run (triggers, spawn hooks).
    package struct ScriptTiming: Sendable, Codable, Equatable {
        /// The script's file.
        package var script: String
        /// How often it was called.
        package var count: Int
        /// The mean duration of a call, in milliseconds.
        package var meanMs: Double
        /// The median duration, in milliseconds.
        package var p50Ms: Double
        /// The 95th percentile of the duration, in milliseconds.
        package var p95Ms: Double
        /// The 99th percentile of the duration, in milliseconds.
        package var p99Ms: Double
        /// The longest call, in milliseconds.
        package var maxMs: Double
        /// CPU time of all its calls, in milliseconds.
        package var cpuMs: Double
        /// Bytes that all its calls allocated, including those that were freed again.
        package var allocatedBytes: UInt64
        /// How many calls ended with an error or at a limit.
        package var errors: Int
        /// Whether it is suspended: it does not run until it is changed or resumed.
        package var isSuspended: Bool

        /// Makes one from its parts.
        package init(
            script: String, count: Int, meanMs: Double, p50Ms: Double = 0, p95Ms: Double, p99Ms: Double = 0,
            maxMs: Double, cpuMs: Double = 0, allocatedBytes: UInt64 = 0, errors: Int = 0, isSuspended: Bool = false
        ) {
            self.script = script
            self.count = count
            self.meanMs = meanMs
            self.p50Ms = p50Ms
            self.p95Ms = p95Ms
            self.p99Ms = p99Ms
            self.maxMs = maxMs
            self.cpuMs = cpuMs
            self.allocatedBytes = allocatedBytes
            self.errors = errors
            self.isSuspended = isSuspended
        }
    }

    /// What the map is doing.
    package var status: MapStatus
    /// Oldest first.
    package var log: [LogLine]
    /// Oldest first.
    package var errors: [ErrorEntry]
    /// By ascending path.
    package var scripts: [ScriptTiming]

    /// Makes one from its parts.
    package init(
        status: MapStatus, log: [LogLine] = [], errors: [ErrorEntry] = [], scripts: [ScriptTiming] = []
    ) {
        self.status = status
        self.log = log
        self.errors = errors
        self.scripts = scripts
    }
}
