import LuaSandbox

/// Where the map's scripts spend their time, function by function and line by line.
extension MapSimulation {
    /// Starts to take samples, each after a quarter of a millisecond of CPU time in scripts.
    package func startSampling() {
        earlierSamples = [:]
        host.sandbox.startSampling(interval: Self.sampleInterval)
    }

    /// Stops.
    ///
    /// - Returns: The samples by collapsed stack: `events/move/to.lua:main:3;lib/walk.lua:step:31`.
    package func stopSampling() -> [String: Int] {
        defer { earlierSamples = nil }
        return host.sandbox.stopSampling().merging(earlierSamples ?? [:], uniquingKeysWith: +)
    }

    /// Goes on watching in the VM that comes after `old`; what was noted in that one is kept.
    func moveSampling(from old: ScriptHost) {
        guard let earlier = earlierSamples else { return }
        earlierSamples = old.sandbox.stopSampling().merging(earlier, uniquingKeysWith: +)
        host.sandbox.startSampling(interval: Self.sampleInterval)
    }

    private static var sampleInterval: Duration { .microseconds(250) }
}
