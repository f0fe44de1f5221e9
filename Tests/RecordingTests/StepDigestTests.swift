import JSONValues
import SimulationTestKit
import Testing
import Wire
import World

@testable import Recording
@testable import Simulation

@Suite("The hash of a step") struct StepDigestTests {
    private static func hash(_ deliveries: [SocketDelivery]) -> TapeHash {
        var digest = StepDigest()
        digest.note(deliveries)
        let world = World(geometry: MapGeometry(id: 1, name: "test", width: 8, height: 8), seed: 1)
        return digest.finish([], world)
    }

    private static func delivery(_ run: PacketRun, to id: SessionID = 1) -> SocketDelivery {
        SocketDelivery(sink: TestSocket(id: id, socketID: "s\(id)"), outputs: [.packets(run)])
    }

    @Test("equal packets have one hash, whoever shares them, and others another one")
    func packets() {
        func batch(_ values: [Double]) -> PacketBatch {
            PacketBatch(values.map { SocketPackets().event("x", [.number($0)]) })
        }
        let (first, second) = (batch([1, 2, 3]), batch([0, 1, 2, 3, 4]))
        let whole = Self.hash([Self.delivery(PacketRun(first, 0..<3))])
        #expect(whole == Self.hash([Self.delivery(PacketRun(second, 1..<4))]))
        #expect(whole != Self.hash([Self.delivery(PacketRun(second, 0..<3))]))
        #expect(whole != Self.hash([Self.delivery(PacketRun(first, 0..<2))]))
        #expect(whole != Self.hash([Self.delivery(PacketRun(first, 0..<3), to: 2)]))
        let one = Self.delivery(PacketRun(first, 1..<2))
        let same = Self.delivery(PacketRun(second, 2..<3))
        #expect(Self.hash([one]) == Self.hash([same]) && Self.hash([one, one]) == Self.hash([one, same]))
    }

    @Test("packets that thousands of sockets get are read once", .timeLimit(.minutes(5)))
    func shared() {
        let text = String(repeating: "x", count: 1 << 20)
        let batch = PacketBatch((0..<4).map { _ in SocketPackets().event("x", [.string(text)]) })
        // Half of the sockets get all packets, as those of moves, and half all but one.
        let runs = [PacketRun(batch, 0..<4), PacketRun(batch, 0..<3)]
        let deliveries = (0..<4000).map { Self.delivery(runs[$0 % 2], to: SessionID($0)) }
        #expect(Self.hash(deliveries) == Self.hash(deliveries))
    }
}
