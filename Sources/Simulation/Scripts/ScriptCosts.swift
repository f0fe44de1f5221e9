/// What the calls of one version of a script cost.
struct ScriptCosts {
    /// The version of the script's text.
    let version: String
    private(set) var timing = Timing()
    /// CPU time of all calls.
    private(set) var cpuNanoseconds: UInt64 = 0
    /// What all calls asked for, whether given back or not.
    private(set) var allocatedBytes: UInt64 = 0

    init(version: String) { self.version = version }

    /// Notes a call; both times are in nanoseconds.
    mutating func record(wall: UInt64, cpu: UInt64, allocated: UInt64) {
        timing.record(wall)
        cpuNanoseconds &+= cpu
        allocatedBytes &+= allocated
    }
}
