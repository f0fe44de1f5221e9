/// What the calls of one version of a script cost.
struct ScriptCosts {
    /// The version of the script's text.
    let version: String
    private(set) var timing = Timing()
    /// CPU time of all calls.
    private(set) var cpuNanoseconds: UInt64 = 0
    /// What all calls asked for, whether given back or not.
    private(set) var allocatedBytes: UInt64 = 0
    /// The time of all the map's ticks before this version, in nanoseconds.
    let ticksBefore: UInt64
    /// The same at its end; `nil` while it runs.
    private(set) var ticksAfter: UInt64?

    init(version: String, ticksBefore: UInt64 = 0) {
        self.version = version
        self.ticksBefore = ticksBefore
    }

    /// The costs of a version whose successor begins now.
    func ended(at ticks: UInt64) -> ScriptCosts {
        var ended = self
        ended.ticksAfter = ticks
        return ended
    }

    /// Which part of the time of the ticks of its life was spent in its calls.
    ///
    /// - Parameter ticks: The time of all ticks until now, in nanoseconds.
    /// - Returns: From 0 to 1.
    func share(ofTicksUntil ticks: UInt64) -> Double {
        let end = ticksAfter ?? ticks
        guard end > ticksBefore else { return 0 }
        return min(Double(timing.totalNanoseconds) / Double(end - ticksBefore), 1)
    }

    /// Notes a call; both times are in nanoseconds.
    mutating func record(wall: UInt64, cpu: UInt64, allocated: UInt64) {
        timing.record(wall)
        cpuNanoseconds &+= cpu
        allocatedBytes &+= allocated
    }
}
