import ServiceLifecycle
import Simulation

/// The maps as a service: they run already; at the end each saves what it has.
struct MapsService: Service {
    let maps: GameMaps

    func run() async throws {
        try? await gracefulShutdown()
        await maps.stop()
    }
}
