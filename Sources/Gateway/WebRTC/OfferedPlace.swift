import Synchronization
import Transport

/// What a client of WebRTC holds from its offer on: a place among the sessions, until it is counted as one or ends, and
/// one of its address's connections, until it ends. Any thread may use it.
final class OfferedPlace: Sendable {
    private let places: SessionPlaces
    private let connections: ConnectionLimit
    private let address: String
    private let holds = Mutex((place: true, connection: true))

    /// Takes both.
    ///
    /// - Parameters:
    ///   - places: The places.
    ///   - max: How many sessions there may be.
    ///   - connections: The connections of addresses.
    ///   - address: The key of the client's address.
    /// - Throws: ``GatewayError`` with code `full` or `rate_limited`; then nothing is held.
    init(
        _ places: SessionPlaces, among max: Int, _ connections: ConnectionLimit, address: String
    ) throws(GatewayError) {
        guard connections.open(address) else { throw .rateLimited("connections of this address", wait: 10) }
        guard places.reserve(among: max) else {
            connections.close(address)
            throw .full
        }
        self.places = places
        self.connections = connections
        self.address = address
    }

    /// The client is counted as an open session by now.
    func becameSession() {
        let hadPlace = holds.withLock { holds in
            defer { holds.place = false }
            return holds.place
        }
        if hadPlace { places.release() }
    }

    /// The client has ended, or was refused.
    func release() {
        becameSession()
        let hadConnection = holds.withLock { holds in
            defer { holds.connection = false }
            return holds.connection
        }
        if hadConnection { connections.close(address) }
    }
}
