package import Simulation

extension MapActor: MapHandle {
    /// The status as of the last tick. Any thread.
    package nonisolated var status: MapStatus { recentStatus }
    /// The map itself.
    package nonisolated var actor: MapActor? { self }
}
