/// What a map's scripts and ticks cost, for its operators [M7.5, M7.6].
package struct MapPerformance: Sendable, Codable, Equatable {
    /// What the calls of a script cost in a window of time.
    package struct Window: Sendable, Codable, Equatable {
        /// How many there were.
        package var count = 0
        /// The mean duration, in milliseconds.
        package var meanMs = 0.0
        /// The median, in milliseconds, right to an eighth.
        package var p50Ms = 0.0
        /// The 95th percentile, in milliseconds, right to an eighth.
        package var p95Ms = 0.0
        /// The 99th percentile, in milliseconds, right to an eighth.
        package var p99Ms = 0.0
        /// The longest duration, in milliseconds.
        package var maxMs = 0.0
        /// CPU time of all of them, in milliseconds.
        package var cpuMs = 0.0
        /// Which part of the time of the map's ticks was spent in it, from 0 to 1; what it ran in turn is in it.
        package var share = 0.0

        /// Makes a window without calls.
        package init() {}
    }

    /// What one script costs.
    package struct Script: Sendable, Codable, Equatable {
        /// The script's file.
        package var script: String
        /// The version that runs.
        package var version: String
        /// The last ten seconds of that version.
        package var lastTenSeconds: Window
        /// Its last minute; the percentiles are those of the last 50 to 60 s.
        package var lastMinute: Window
        /// Since that version runs.
        package var current: MapDiagnostics.Costs
        /// Which part of the time of ticks was spent in it since then, from 0 to 1.
        package var share: Double
        /// What the former version cost while it ran; `nil` without one.
        package var former: MapDiagnostics.Costs?
        /// Which part of the time of ticks was spent in that.
        package var formerShare: Double?
        /// Which version that was.
        package var formerVersion: String?
        /// How many calls of this version failed.
        package var errors: Int
        /// Whether it is not run until it is changed or resumed.
        package var isSuspended: Bool

        /// Makes a script's costs.
        package init(
            script: String, version: String, lastTenSeconds: Window = Window(), lastMinute: Window = Window(),
            current: MapDiagnostics.Costs = .init(), share: Double = 0, former: MapDiagnostics.Costs? = nil,
            formerShare: Double? = nil, formerVersion: String? = nil, errors: Int = 0, isSuspended: Bool = false
        ) {
            self.script = script
            self.version = version
            self.lastTenSeconds = lastTenSeconds
            self.lastMinute = lastMinute
            self.current = current
            self.share = share
            self.former = former
            self.formerShare = formerShare
            self.formerVersion = formerVersion
            self.errors = errors
            self.isSuspended = isSuspended
        }
    }

    /// What the map is doing.
    package var status: MapStatus
    /// What its ticks cost.
    package var ticks: MapDiagnostics.TickCosts
    /// Its scripts, by ascending path.
    package var scripts: [Script]

    /// Makes one from its parts.
    package init(status: MapStatus, ticks: MapDiagnostics.TickCosts = .init(), scripts: [Script] = []) {
        self.status = status
        self.ticks = ticks
        self.scripts = scripts
    }
}

/// What a map's scripts cost over the last quarter of an hour, with the reloads in it.
package struct CostHistory: Sendable, Codable, Equatable {
    /// What one script cost.
    package struct Series: Sendable, Codable, Equatable {
        /// The script's file.
        package var script: String
        /// The time of its calls, in milliseconds a second, for each stretch.
        package var msPerSecond: [Double]
        /// The calls, for each stretch.
        package var counts: [Int]

        /// Makes a series.
        package init(script: String, msPerSecond: [Double], counts: [Int]) {
            self.script = script
            self.msPerSecond = msPerSecond
            self.counts = counts
        }
    }

    /// A change of the game on the map.
    package struct Reload: Sendable, Codable, Equatable {
        /// Unix time in seconds.
        package var time: Double
        /// What changed, a line for each file: the first few.
        package var files: [String]

        /// Makes one.
        package init(time: Double, files: [String]) {
            self.time = time
            self.files = files
        }
    }

    /// The beginning of each stretch, Unix time in seconds, ascending; the last stretch is not over.
    package var times: [Double]
    /// The length of a stretch, in seconds.
    package var seconds: Double
    /// The scripts that ran in this time, by descending cost.
    package var scripts: [Series]
    /// The reloads in this time, oldest first.
    package var reloads: [Reload]

    /// Makes a history.
    package init(times: [Double] = [], seconds: Double = 10, scripts: [Series] = [], reloads: [Reload] = []) {
        self.times = times
        self.seconds = seconds
        self.scripts = scripts
        self.reloads = reloads
    }
}

/// A tick that was slow, and what ran in it.
package struct SlowTick: Sendable, Codable, Equatable {
    /// A script that ran in it.
    package struct Script: Sendable, Codable, Equatable {
        /// The script's file.
        package var script: String
        /// How often it ran in the tick.
        package var runs: Int
        /// CPU time of these runs, in milliseconds, with what they ran in turn.
        package var cpuMs: Double

        /// Makes one.
        package init(script: String, runs: Int, cpuMs: Double) {
            self.script = script
            self.runs = runs
            self.cpuMs = cpuMs
        }
    }

    /// Unix time in seconds.
    package var time: Double
    /// The number of the tick.
    package var tick: UInt64
    /// How long it took, in milliseconds.
    package var ms: Double
    /// How much of that its thread ran, in milliseconds.
    package var cpuMs: Double
    /// Inputs that came or had waited.
    package var inputs: Int
    /// Due events that had their turn.
    package var events: Int
    /// Messages to clients.
    package var messages: Int
    /// The scripts that took most CPU time, in descending order.
    package var scripts: [Script]

    /// Makes one.
    package init(
        time: Double, tick: UInt64, ms: Double, cpuMs: Double, inputs: Int = 0, events: Int = 0, messages: Int = 0,
        scripts: [Script] = []
    ) {
        self.time = time
        self.tick = tick
        self.ms = ms
        self.cpuMs = cpuMs
        self.inputs = inputs
        self.events = events
        self.messages = messages
        self.scripts = scripts
    }
}
