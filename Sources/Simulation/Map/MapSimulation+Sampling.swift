/// Samples where the map's scripts spend their time, by function and line.
extension MapSimulation {
    /// Starts to take samples, each after a quarter of a millisecond of CPU time in scripts.
    package func startSampling() { upkeep.startSampling(host.sandbox) }

    /// Stops taking samples.
    ///
    /// - Returns: The samples by collapsed stack: `events/move/to.lua:main:3;lib/walk.lua:step:31`.
    package func stopSampling() -> [String: Int] { upkeep.stopSampling(host.sandbox) }
}
