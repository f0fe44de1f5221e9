import Glibc
import ServerMetrics
import Transport

/// What the system says of this process: CPU time, memory, files, threads. Where it says nothing, nothing is shown.
struct ProcessStatus: Sendable {
    /// Unix time in seconds; `nil` where the system does not say.
    private let started: Double?

    init() { started = Self.start(stat: Self.fields("/proc/self/stat"), boot: Self.text("/proc/stat")) }

    /// The values of this moment.
    ///
    /// - Complexity: O(open files).
    var samples: [MetricSample] {
        let stat = Self.fields("/proc/self/stat")
        func field(_ number: Int, _ unit: Double) -> Double? {
            stat.indices.contains(number - 1) ? Double(stat[number - 1]).map { $0 * unit } : nil
        }
        let tick = 1 / Double(sysconf(Int32(_SC_CLK_TCK)))
        let user = field(14, tick), system = field(15, tick)
        let values: [(MetricFamily, Double?)] = [
            (.processCPU, user.flatMap { user in system.map { user + $0 } }),
            (.processMemory, field(24, Double(sysconf(Int32(_SC_PAGESIZE))))),
            (.processAddresses, field(23, 1)),
            (.processFiles, ConnectionCapacity.openFiles().map(Double.init)),
            (.processFileLimit, Self.fileLimit()),
            (.processThreads, field(20, 1)),
            (.processStart, started),
        ]
        return values.compactMap { family, value in value.map { family.sample(value: $0) } }
    }

    /// The fields of a process's `stat` file, as proc(5) numbers them from 1. The second, the program's name, may hold
    /// spaces and is in parentheses.
    static func fields(_ path: String) -> [Substring] {
        guard let text = text(path), let name = text.lastIndex(of: ")") else { return [] }
        return ["", ""] + text[text.index(after: name)...].split(separator: " ")
    }

    /// When a process started, by its `stat` file and the machine's.
    private static func start(stat: [Substring], boot: String?) -> Double? {
        guard stat.count >= 22, let ticks = Double(stat[21]),
            let line = boot?.split(separator: "\n").first(where: { $0.hasPrefix("btime ") }),
            let booted = Double(line.dropFirst(6))
        else { return nil }
        return booted + ticks / Double(sysconf(Int32(_SC_CLK_TCK)))
    }

    /// The content of a small file; `nil` when it can't be read.
    private static func text(_ path: String) -> String? {
        guard let file = fopen(path, "r") else { return nil }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 64 << 10)
        let count = fread(&bytes, 1, bytes.count, file)
        return String(decoding: bytes.prefix(count), as: UTF8.self)
    }

    private static func fileLimit() -> Double? {
        var files = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &files) == 0 else { return nil }
        return Double(files.rlim_cur)
    }
}
