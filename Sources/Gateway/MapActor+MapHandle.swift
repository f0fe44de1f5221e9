package import Simulation

extension MapActor: MapHandle {
    /// The status as of the last tick. Any thread.
    package nonisolated var status: MapStatus { recentStatus }
    /// Counts the messages to and from the map's players. Any thread.
    package nonisolated var traffic: TrafficMeter? { meter }

    /// The map itself.
    package nonisolated var actor: MapActor? { self }
}
