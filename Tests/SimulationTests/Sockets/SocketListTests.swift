import SimulationTestKit
import Testing
import Wire
import World

@testable import Simulation

@Suite("Lists of sockets") struct SocketListTests {
    private static func list(_ serials: [UInt64]) -> SocketList {
        var list = SocketList()
        for serial in serials { list.insert(.init(serial: serial, slot: Int(serial) % 7)) }
        return list
    }

    @Test("the union has each socket once, in the order in which they connected; others can be taken out of it")
    func union() {
        let lists = [Self.list([1, 5, 9]), Self.list([]), Self.list([9, 2, 5]), Self.list([1])]
        var union = SocketList(union: lists)
        #expect(union.members == Self.list([1, 2, 5, 9]).members)
        union.subtract([Self.list([5, 7]), Self.list([]), Self.list([1])])
        #expect(union.members == Self.list([2, 9]).members)
        union.subtract([])
        #expect(union.members == Self.list([2, 9]).members)
        union.subtract([Self.list(Array(3...8)), Self.list(Array(10...20))])
        #expect(union.members == Self.list([2, 9]).members)
    }

    @Test("whom a target means takes no longer for each socket, however many there are", .timeLimit(.minutes(5)))
    func large() throws {
        let sockets = MapSockets(packets: SocketPackets())
        let world = World(geometry: MapGeometry(id: 1, name: "test", width: 8, height: 8), seed: 1)
        world.weight.limit = 1 << 30
        for number in 0..<200_000 {
            let sink = TestSocket(id: SessionID(number), socketID: "s\(number)")
            let socket = try #require(sockets.open(sink, SocketOpening()))
            try sockets.join(number % 2 == 0 ? "even" : "odd", socket.handle, in: world)
        }
        for _ in 0..<5 {
            #expect(try sockets.receivers(of: .all.to("even").to("odd")).count == 200_000)
            #expect(try sockets.receivers(of: .all.except("even").except("odd")).isEmpty)
        }
    }
}
