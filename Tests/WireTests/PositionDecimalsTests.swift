import JSONValues
import Testing
import Wire
import World

@Suite("Decimals of coordinates on the wire (position_decimals)") struct PositionDecimalsTests {
    private let world = World(geometry: MapGeometry(id: 4, name: "m", width: 20, height: 20))
    private let deltas = DeltaEncoder()
    private let slot: Int

    init() throws {
        let record = EntityRecord(key: EntityKey(.enemys, 3), mapID: 4, x: 1.239, y: -0.001, z: 7.005, sort: 0.123)
        slot = Int(try world.add(record, placement: .exact).entity.slot)
        world.positionDecimals = 2
        world.markAllSent()
    }

    /// The record of the entity in the delta of what changed; `nil` when nothing is sent.
    private func change() throws -> JSON? {
        deltas.encode(world, tick: 1, time: 1)
        world.markChangesSent()
        return try deltas.message().object?["enemys"]?.array?.first
    }

    private func record(_ members: String) throws -> JSON? {
        try JSON(parsing: #"{"id":3,"key":"enemys_3",\#(members)}"#)
    }

    @Test("x, y and z are rounded in snapshots and deltas; sort and the world itself are not")
    func rounded() throws {
        let snapshots = SnapshotEncoder()
        snapshots.encode(world)
        let message = try snapshots.message(world, slot: UInt32(slot), tick: 1).object
        let whole = try #require(message?["enemys"]?.array?.first?.object)
        #expect(whole["x"] == .number(1.24) && whole["y"] == .number(0) && whole["z"] == .number(7.01))
        #expect(whole["sort"] == .number(0.123))
        for field in [SystemField.x, .y, .z, .sort] { world.set(field, 2.3456, slot: slot) }
        #expect(try change() == record(#""x":2.35,"y":2.35,"z":2.35,"sort":2.3456"#))
        #expect(world.number(.x, slot: slot) == 2.3456)
    }

    @Test("a change that rounds to what clients have is not sent, and small steps don't add up to a difference")
    func smallSteps() throws {
        world.set(.x, 1.2401, slot: slot)
        #expect(try change() == nil)
        var shown = 1.24
        for step in 1...500 {
            let exact = 1.2401 + Double(step) * 0.0007
            world.set(.x, exact, slot: slot)
            let told = try change()?.object?["x"]?.number
            let expected = (exact * 100).rounded() / 100
            #expect((told != nil) == (expected != shown), "step \(step)")
            shown = told ?? shown
            #expect(shown == expected)
        }
        world.set(.x, 9, slot: slot)
        world.set(.x, shown + 0.0001, slot: slot)
        #expect(try change() == nil, "there and back")
    }

    @Test(
        "decimals from 0 to 6, and numbers too large to have any",
        arguments: [
            (0, 2.5, 3.0), (0, -2.5, -3), (1, 0.25, 0.3), (6, 0.123_456_7, 0.123_457), (6, -0.000_000_4, 0),
            (2, 1e300, 1e300), (2, 4_503_599_627_370_497, 4_503_599_627_370_497), (3, 1e15 / 3, 1e15 / 3),
        ] as [(Int, Double, Double)])
    func values(decimals: Int, value: Double, shown: Double) throws {
        world.positionDecimals = decimals
        world.markAllSent()
        world.set(.y, value, slot: slot)
        let told = try change()?.object?["y"]?.number
        #expect((told ?? 0) == shown)
    }

    @Test("without the setting a coordinate has all its decimals")
    func absent() throws {
        world.positionDecimals = nil
        world.markAllSent()
        world.set(.x, 1.000_000_000_1, slot: slot)
        #expect(try change() == record(#""x":1.0000000001"#))
    }
}
