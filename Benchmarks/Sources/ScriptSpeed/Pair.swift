import Glibc

/// Two ways to do one thing, measured in turns, so that what else the machine does hits both.
struct Pair {
    /// A way: runs so many times.
    typealias Way = (UInt64) throws -> Void

    /// The lowest time of one operation, in nanoseconds of CPU time.
    private(set) var ours = Double.infinity
    private(set) var theirs = Double.infinity

    var ratio: Double { ours / theirs }

    /// Measures.
    ///
    /// - Parameters:
    ///   - operations: Operations of one run of each way.
    ///   - rounds: Turns; the lowest time of each way counts.
    ///   - ours: Our way.
    ///   - ourBase: What is taken off ours, the empty loop for instance.
    ///   - theirs: The other way.
    ///   - theirBase: What is taken off the other way.
    /// - Throws: What a way throws.
    init(
        operations: Int = 1, rounds: Int = 60, ours: Way, ourBase: Way? = nil, theirs: Way, theirBase: Way? = nil
    ) throws {
        let ourRuns = try Self.calibrate(ours)
        let theirRuns = try Self.calibrate(theirs)
        var lowest = [Double](repeating: .infinity, count: 4)
        for _ in 0..<rounds {
            lowest[0] = min(lowest[0], try Self.time(ours, ourRuns))
            lowest[1] = min(lowest[1], try Self.time(theirs, theirRuns))
            if let ourBase { lowest[2] = min(lowest[2], try Self.time(ourBase, ourRuns)) }
            if let theirBase { lowest[3] = min(lowest[3], try Self.time(theirBase, theirRuns)) }
        }
        let count = Double(operations)
        self.ours = (lowest[0] - (ourBase == nil ? 0 : lowest[2])) / count
        self.theirs = (lowest[1] - (theirBase == nil ? 0 : lowest[3])) / count
    }

    /// Runs that take about two milliseconds.
    private static func calibrate(_ way: Way) throws -> UInt64 {
        var runs: UInt64 = 1
        while try time(way, runs) * Double(runs) < 2e6, runs < 1 << 24 { runs *= 2 }
        return runs
    }

    private static func time(_ way: Way, _ runs: UInt64) throws -> Double {
        let start = cpuNanoseconds()
        try way(runs)
        return Double(cpuNanoseconds() - start) / Double(runs)
    }
}

/// CPU time of this thread.
func cpuNanoseconds() -> UInt64 {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
}
