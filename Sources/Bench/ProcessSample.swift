import Foundation

/// CPU time and memory of one process, read from `/proc`.
package struct ProcessSample: Sendable, Equatable {
    /// User and system time since the process began, in seconds.
    package var cpuSeconds: Double
    /// Resident memory in bytes.
    package var residentBytes: Int
    /// Resident memory with each shared page divided by the number of its users, in bytes; `nil` if not readable.
    package var proportionalBytes: Int?

    /// Reads the current figures; `nil` when there is no such process or it may not be read.
    ///
    /// - Parameter pid: The process.
    package init?(pid: Int32) {
        guard let stat = Self.text("/proc/\(pid)/stat"), let status = Self.text("/proc/\(pid)/status"),
            let cpu = Self.cpuSeconds(stat: stat, ticksPerSecond: sysconf(Int32(_SC_CLK_TCK))),
            let resident = Self.kibibytes("VmRSS:", in: status)
        else { return nil }
        cpuSeconds = cpu
        residentBytes = resident * 1_024
        proportionalBytes = Self.text("/proc/\(pid)/smaps_rollup").flatMap { Self.kibibytes("Pss:", in: $0) }
            .map { $0 * 1_024 }
    }

    /// Reads `utime` and `stime`, the 14th and 15th field, from a line of `/proc/PID/stat`.
    ///
    /// - Parameters:
    ///   - stat: The line. The second field, the name, may itself hold spaces and brackets.
    ///   - ticksPerSecond: The kernel's unit.
    /// - Returns: Seconds, or `nil` when the line does not have this form.
    package static func cpuSeconds(stat: String, ticksPerSecond: Int) -> Double? {
        guard let name = stat.lastIndex(of: ")"), ticksPerSecond > 0 else { return nil }
        let fields = stat[stat.index(after: name)...].split(separator: " ")
        guard fields.count > 12, let user = Int(fields[11]), let system = Int(fields[12]) else { return nil }
        return Double(user + system) / Double(ticksPerSecond)
    }

    /// Reads one `NAME:   N kB` line.
    ///
    /// - Parameters:
    ///   - name: The name with its colon.
    ///   - text: The file's text.
    /// - Returns: The number, or `nil`.
    package static func kibibytes(_ name: String, in text: String) -> Int? {
        for line in text.split(separator: "\n") where line.hasPrefix(name) {
            return line.dropFirst(name.count).split(whereSeparator: { $0 == " " || $0 == "\t" }).first.flatMap {
                Int($0)
            }
        }
        return nil
    }

    /// Reads a small file of `/proc`; `nil` when it may not be read.
    static func text(_ path: String) -> String? {
        (try? Data(contentsOf: URL(fileURLWithPath: path))).map { String(decoding: $0, as: UTF8.self) }
    }
}

/// How busy the whole machine is, read from `/proc/stat`.
package struct MachineSample: Sendable, Equatable {
    /// Time that all cores spent working, in kernel ticks.
    package var busyTicks: Int
    /// Time of all cores, working or idle, in kernel ticks.
    package var totalTicks: Int

    /// Reads the current figures; `nil` when they can't be read.
    package init?() {
        guard let text = ProcessSample.text("/proc/stat") else { return nil }
        self.init(stat: text)
    }

    /// Reads the first line of `/proc/stat`: user, nice, system, idle, iowait, irq, softirq, steal; `nil` when it
    /// does not have this form.
    ///
    /// - Parameter stat: The file's text.
    package init?(stat: String) {
        guard let line = stat.split(separator: "\n").first, line.hasPrefix("cpu ") else { return nil }
        let fields = line.split(separator: " ").dropFirst().prefix(8).compactMap { Int($0) }
        guard fields.count >= 5 else { return nil }
        totalTicks = fields.reduce(0, +)
        busyTicks = totalTicks - fields[3] - fields[4]
    }

    /// The share of the time since an earlier sample in which the cores worked, 0 to 1.
    ///
    /// - Parameter earlier: The earlier sample.
    /// - Returns: The share of all cores together.
    package func busyShare(since earlier: MachineSample) -> Double {
        let total = totalTicks - earlier.totalTicks
        return total > 0 ? Double(busyTicks - earlier.busyTicks) / Double(total) : 0
    }
}
