/// What went on in a map, for its operators.
package struct MapDiagnostics: Sendable, Codable, Equatable {
    package struct LogLine: Sendable, Codable, Equatable {
        /// Unix time in seconds.
        package var time: Double
        package var tick: UInt64
        package var script: String?
        package var text: String

        package init(time: Double, tick: UInt64, script: String?, text: String) {
            self.time = time
            self.tick = tick
            self.script = script
            self.text = text
        }
    }

    package struct ErrorEntry: Sendable, Codable, Equatable {
        /// Unix time in seconds.
        package var time: Double
        package var tick: UInt64
        package var script: String?
        package var line: Int?
        /// `runtime`, `time_limit`, `memory_limit`, `compile`, `returned` …
        package var kind: String
        package var message: String
        package var traceback: String?
        package var entity: String?
        /// How often the same error came in a row.
        package var count: Int

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

    /// What one script cost; the scripts that it ran in turn (triggers, spawn hooks) are in it.
    package struct ScriptTiming: Sendable, Codable, Equatable {
        package var script: String
        package var count: Int
        package var meanMs: Double
        package var p50Ms: Double
        package var p95Ms: Double
        package var p99Ms: Double
        package var maxMs: Double
        /// CPU time of all its calls, in milliseconds.
        package var cpuMs: Double
        /// Bytes that all its calls asked for, those given back included.
        package var allocatedBytes: UInt64
        package var errors: Int
        package var isSuspended: Bool

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

    package var status: MapStatus
    /// Oldest first.
    package var log: [LogLine]
    /// Oldest first.
    package var errors: [ErrorEntry]
    /// By ascending path.
    package var scripts: [ScriptTiming]

    package init(
        status: MapStatus, log: [LogLine] = [], errors: [ErrorEntry] = [], scripts: [ScriptTiming] = []
    ) {
        self.status = status
        self.log = log
        self.errors = errors
        self.scripts = scripts
    }
}
