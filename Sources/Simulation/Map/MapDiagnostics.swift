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
        /// The version of `script` that runs; `nil` when it is not known.
        package var version: String?
        /// The file of the script that ran when it happened, which may have called the lib in `script`; `nil` when none
        /// ran, such as while a file is loaded.
        package var ran: String?

        /// Makes one from its parts.
        package init(
            time: Double, tick: UInt64, script: String?, line: Int?, kind: String, message: String,
            traceback: String?, entity: String?, count: Int = 1, version: String? = nil, ran: String? = nil
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
            self.version = version
            self.ran = ran
        }
    }

    /// What the calls of a script, or the ticks of a map, cost; the scripts that a script ran in turn (triggers, spawn
    /// hooks) are in it.
    package struct Costs: Sendable, Codable, Equatable {
        /// How many there were.
        package var count = 0
        /// The mean duration, in milliseconds.
        package var meanMs = 0.0
        /// The median duration, in milliseconds.
        package var p50Ms = 0.0
        /// What 95 of 100 durations don't exceed, in milliseconds.
        package var p95Ms = 0.0
        /// What 99 of 100 durations don't exceed, in milliseconds.
        package var p99Ms = 0.0
        /// What 999 of 1,000 durations don't exceed, in milliseconds.
        package var p999Ms = 0.0
        /// The longest duration, in milliseconds.
        package var maxMs = 0.0
        /// CPU time of all of them, in milliseconds; `nil` for ticks, of which ``RecentCosts`` has it.
        package var cpuMs: Double?
        /// Bytes that all of them asked for, those given back included; `nil` for ticks, for which it is not measured.
        package var allocatedBytes: UInt64?

        /// Makes one from its parts.
        package init(
            count: Int = 0, meanMs: Double = 0, p50Ms: Double = 0, p95Ms: Double = 0, p99Ms: Double = 0,
            p999Ms: Double = 0, maxMs: Double = 0, cpuMs: Double? = nil, allocatedBytes: UInt64? = nil
        ) {
            self.count = count
            self.meanMs = meanMs
            self.p50Ms = p50Ms
            self.p95Ms = p95Ms
            self.p99Ms = p99Ms
            self.p999Ms = p999Ms
            self.maxMs = maxMs
            self.cpuMs = cpuMs
            self.allocatedBytes = allocatedBytes
        }
    }

    /// What the calls of a script, or the ticks of a map, cost in the last seconds.
    package struct RecentCosts: Sendable, Codable, Equatable {
        /// How many there were.
        package var count = 0
        /// The mean duration, in milliseconds.
        package var meanMs = 0.0
        /// The longest duration, in milliseconds.
        package var maxMs = 0.0
        /// CPU time of all of them, in milliseconds.
        package var cpuMs = 0.0
        /// The time of all of them, in milliseconds.
        package var totalMs: Double { meanMs * Double(count) }

        /// Makes one from its parts.
        package init(count: Int = 0, meanMs: Double = 0, maxMs: Double = 0, cpuMs: Double = 0) {
            self.count = count
            self.meanMs = meanMs
            self.maxMs = maxMs
            self.cpuMs = cpuMs
        }
    }

    /// What one script costs, since its text last changed and before that [M7.5].
    package struct ScriptTiming: Sendable, Codable, Equatable {
        /// The script's file.
        package var script: String
        /// The version of its text that runs.
        package var version: String
        /// Since that version runs.
        package var current: Costs
        /// The last ten seconds of that version, the current second included.
        package var lastTenSeconds: RecentCosts
        /// Its last minute.
        package var lastMinute: RecentCosts
        /// What the former version cost while it ran; `nil` without one.
        package var former: Costs?
        /// Which version that was.
        package var formerVersion: String?
        /// How many calls of this version ended by an error or a limit.
        package var errors: Int
        /// Whether it is not run until it is changed or resumed.
        package var isSuspended: Bool
        /// How many events failed and are kept until it is changed or resumed.
        package var keptEvents: Int

        /// Makes one from its parts.
        package init(
            script: String, version: String = "", current: Costs = Costs(cpuMs: 0, allocatedBytes: 0),
            lastTenSeconds: RecentCosts = RecentCosts(), lastMinute: RecentCosts = RecentCosts(),
            former: Costs? = nil, formerVersion: String? = nil, errors: Int = 0, isSuspended: Bool = false,
            keptEvents: Int = 0
        ) {
            self.script = script
            self.version = version
            self.current = current
            self.lastTenSeconds = lastTenSeconds
            self.lastMinute = lastMinute
            self.former = former
            self.formerVersion = formerVersion
            self.errors = errors
            self.isSuspended = isSuspended
            self.keptEvents = keptEvents
        }
    }

    /// What the map's ticks cost.
    package struct TickCosts: Sendable, Codable, Equatable {
        /// The last ten seconds.
        package var lastTenSeconds = RecentCosts()
        /// The last minute.
        package var lastMinute = RecentCosts()
        /// Since the game last changed on the map.
        package var sinceReload = Costs()
        /// Before that, back to the change before; `nil` when the game has not changed.
        package var beforeReload: Costs?

        /// Makes one from its parts.
        package init(
            lastTenSeconds: RecentCosts = RecentCosts(), lastMinute: RecentCosts = RecentCosts(),
            sinceReload: Costs = Costs(), beforeReload: Costs? = nil
        ) {
            self.lastTenSeconds = lastTenSeconds
            self.lastMinute = lastMinute
            self.sinceReload = sinceReload
            self.beforeReload = beforeReload
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
    /// What the ticks cost.
    package var ticks: TickCosts

    /// Makes one from its parts.
    package init(
        status: MapStatus, log: [LogLine] = [], errors: [ErrorEntry] = [], scripts: [ScriptTiming] = [],
        ticks: TickCosts = TickCosts()
    ) {
        self.status = status
        self.ticks = ticks
        self.log = log
        self.errors = errors
        self.scripts = scripts
    }
}
