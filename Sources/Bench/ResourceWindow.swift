import Foundation
import JSONValues

/// What server, generator and machine spend in a measured window, read from `/proc` at its begin and its end.
struct ResourceWindow {
    /// What was spent.
    struct Use: Sendable, Equatable {
        /// Length of the window in seconds.
        var seconds = 0.0
        /// User and system time of the server, in seconds; `nil` when its process can't be read.
        var serverCPUSeconds: Double?
        /// Resident memory of the server at the window's begin, in bytes.
        var serverResidentBytes = 0
        /// Proportional memory of the server at the window's begin, in bytes; `nil` when it may not be read.
        var serverProportionalBytes: Int?
        /// User and system time of this process, in seconds.
        var generatorCPUSeconds = 0.0
        /// The share of the window in which the machine's cores were busy, 0 to 1.
        var machineBusyShare = 0.0
        /// The load average of the last minute.
        var loadAverage = 0.0

        /// Cores that other processes kept busy; `nil` when the server's process can't be read.
        var coresOfOthers: Double? {
            guard let serverCPUSeconds, seconds > 0 else { return nil }
            let own = (serverCPUSeconds + generatorCPUSeconds) / seconds
            return max(0, machineBusyShare * Double(BenchOutcome.cores) - own)
        }

        /// A report's JSON with what was spent added to it; every name carries its unit.
        ///
        /// - Parameter report: The other members.
        /// - Returns: All members.
        func added(to report: JSONObject) -> JSON {
            var report = report
            report["seconds"] = .number(seconds)
            report["server_cpu_seconds"] = serverCPUSeconds.map { .number($0) } ?? .null
            report["server_resident_bytes"] = .number(Double(serverResidentBytes))
            report["generator_cpu_seconds"] = .number(generatorCPUSeconds)
            report["machine_busy_share"] = .number(machineBusyShare)
            report["load_average"] = .number(loadAverage)
            return .object(report)
        }
    }

    private let serverPID: Int32?
    private let server: ProcessSample?
    private let generator = ProcessSample(pid: getpid())
    private let machine = MachineSample()
    private let begin = ContinuousClock.now

    /// Begins the window now.
    ///
    /// - Parameter serverPID: The server's process; `nil` when it is not known.
    init(serverPID: Int32?) {
        self.serverPID = serverPID
        server = serverPID.flatMap { ProcessSample(pid: $0) }
    }

    /// Ends the window now.
    ///
    /// - Returns: What was spent.
    func end() -> Use {
        var use = Use()
        use.seconds = (ContinuousClock.now - begin) / .seconds(1)
        if let server, let after = serverPID.flatMap({ ProcessSample(pid: $0) }) {
            use.serverCPUSeconds = after.cpuSeconds - server.cpuSeconds
            use.serverResidentBytes = server.residentBytes
            use.serverProportionalBytes = server.proportionalBytes
        }
        if let generator, let after = ProcessSample(pid: getpid()) {
            use.generatorCPUSeconds = after.cpuSeconds - generator.cpuSeconds
        }
        if let machine { use.machineBusyShare = MachineSample()?.busyShare(since: machine) ?? 0 }
        use.loadAverage = ProcessSample.text("/proc/loadavg")?.split(separator: " ").first.flatMap { Double($0) } ?? 0
        return use
    }
}
