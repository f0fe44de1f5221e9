import ServiceLifecycle
import Simulation

/// The maps as a service: they run already; at a graceful shutdown each map saves its entities and stops.
struct MapsService: Service {
    let maps: GameMaps

    func run() async throws {
        try? await gracefulShutdown()
        let left = await maps.stop()
        for mapID in left {
            StandardError.print(
                "perigee: map \(mapID) did not stop (its tick does not end); changes since its last save are lost")
        }
    }
}
