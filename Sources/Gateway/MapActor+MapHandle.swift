package import Simulation

extension MapActor: MapHandle {
    package nonisolated var status: MapStatus { recentStatus }
}
