/// What the calls of one version of a script cost.
struct ScriptCosts {
    /// The version of the script's text.
    let version: String
    private(set) var timing = Timing()
    private(set) var recent = RecentTimes()
    /// CPU time of all calls.
    private(set) var cpuNanoseconds: UInt64 = 0
    /// What all calls asked for, whether given back or not.
    private(set) var allocatedBytes: UInt64 = 0

    init(version: String) { self.version = version }

    /// Notes a call that ends when the monotonic clock shows `time`, in nanoseconds.
    mutating func record(wall: UInt64, cpu: UInt64, allocated: UInt64, at time: UInt64) {
        timing.record(wall)
        recent.record(wall, cpu: cpu, at: time)
        cpuNanoseconds &+= cpu
        allocatedBytes &+= allocated
    }
}
