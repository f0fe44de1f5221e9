/// Where the map's scripts spend their time, function by function and line by line.
extension MapSimulation {
    /// Starts to take samples, each after a quarter of a millisecond of CPU time in scripts.
    package func startSampling() { upkeep.startSampling(host.sandbox) }

    /// Stops.
    ///
    /// - Returns: The samples by collapsed stack: `events/move/to.lua:main:3;lib/walk.lua:step:31`.
    package func stopSampling() -> [String: Int] { upkeep.stopSampling(host.sandbox) }
}
