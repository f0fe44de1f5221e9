import Glibc

/// Two ways to do one thing, measured alternately, so that other load on the machine affects both.
struct Pair {
    /// One way: does the thing as many times as its argument says.
    typealias Way = (UInt64) throws -> Void

    /// The lowest time of one operation, in nanoseconds of CPU time.
    private(set) var ours = Double.infinity
    private(set) var theirs = Double.infinity

    var ratio: Double { ours / theirs }

    /// Measures both ways.
    ///
    /// - Parameters:
    ///   - operations: Operations of one run of each way.
    ///   - rounds: Number of measurements; the lowest time of each way counts.
    ///   - ours: Our way.
    ///   - ourBase: Its time is subtracted from that of `ours`; for instance the empty loop.
    ///   - theirs: The other way.
    ///   - theirBase: Its time is subtracted from that of `theirs`.
    /// - Throws: The error of a way.
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

    /// Returns a number of runs that takes at least two milliseconds.
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

/// CPU time of this thread, in nanoseconds.
func cpuNanoseconds() -> UInt64 {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
}
