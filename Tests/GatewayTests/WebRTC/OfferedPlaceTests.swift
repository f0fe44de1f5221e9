import Testing

@testable import Gateway
@testable import Transport

@Suite("What a client of WebRTC holds from its offer on") struct OfferedPlaceTests {
    private let metrics = GatewayMetrics()
    private let places: SessionPlaces
    private let connections = ConnectionLimit { 2 }

    init() { places = SessionPlaces(metrics) }

    @discardableResult private func place(
        among max: Int = 10, _ address: String = "a"
    ) throws -> OfferedPlace {
        try OfferedPlace(places, among: max, connections, address: address)
    }

    @Test("a place among the sessions, until it is a session or ends")
    func placeAmongSessions() throws {
        let first = try place(among: 1)
        #expect(throws: GatewayError.full) { try place(among: 1) }
        first.becameSession()
        first.becameSession()
        let second = try place(among: 1)
        first.release()
        #expect(throws: GatewayError.full) { try place(among: 1) }
        second.release()
        second.release()
        #expect(places.hasPlace(among: 1))
    }

    @Test("a connection of its address, until it ends; a refused client holds nothing")
    func connectionOfAddress() throws {
        let (first, second) = (try place(), try place())
        first.becameSession()
        for _ in 0..<3 {
            let error = #expect(throws: GatewayError.self) { try place() }
            #expect(error?.code == "rate_limited")
        }
        try place(among: 3, "b")
        first.release()
        first.release()
        let third = try place()
        #expect(throws: GatewayError.self) { try place() }
        for one in [second, third] { one.release() }
        for _ in 0..<2 { try place(among: 3) }
    }
}
