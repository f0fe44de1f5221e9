import Logging
import NIOCore
import ServerMetrics
import Synchronization
import Testing
import Wire

@testable import Transport

@Suite("The unsent bytes of all connections together are bounded") final class SendMemoryTests {
    /// A connection that records whether it was shed.
    private final class Connection: Sendable {
        private let wasShed = Atomic<Bool>(false)
        var isShed: Bool { wasShed.load(ordering: .relaxed) }
        func shed() { wasShed.store(true, ordering: .relaxed) }
    }

    private let registry = MetricRegistry()
    private let memory: SendMemory
    private let started = NIODeadline.now()

    init() {
        memory = SendMemory(
            limit: 1000, metrics: TransportMetrics(in: registry), logger: .silent)
    }

    private func report(
        _ connection: Connection, own: Int, shared: [SharedBytes] = [], waiting: Int? = nil, since seconds: Int64 = 0
    ) {
        memory.report(
            ObjectIdentifier(connection),
            .init(own: own, shared: shared, waiting: waiting ?? own, since: started - .seconds(seconds))
        ) { connection.shed() }
    }

    private static func shared(_ count: Int) -> SharedBytes {
        [UInt8](repeating: 32, count: count).withUnsafeBufferPointer { SharedBytes($0) }
    }

    @Test(
        "connections with the most and oldest unsent bytes are shed until an eighth is free; connections that read stay"
    )
    func worstFirst() {
        let (small, old, fat, reader) = (Connection(), Connection(), Connection(), Connection())
        report(small, own: 10, since: 20)
        report(old, own: 200, since: 20)
        report(fat, own: 500, since: 5)
        report(reader, own: 200)
        #expect(memory.total == 910)
        report(reader, own: 291)
        #expect([old, fat, small, reader].map(\.isShed) == [true, false, false, false])
        #expect(memory.total == 801)
        report(reader, own: 600)
        #expect([fat, small, reader].map(\.isShed) == [true, false, false])
        #expect(memory.total == 610)
        #expect(registry.value(.connectionsShed) == 2 && registry.value(.sendMemory) == 610)
        memory.report(ObjectIdentifier(reader), nil)
        memory.report(ObjectIdentifier(small), nil)
        #expect(memory.total == 0)
    }

    @Test("bytes shared by many connections count once, until the last connection has sent them")
    func sharedBytes() {
        let snapshot = Self.shared(700)
        let connections = (0..<100).map { _ in Connection() }
        for connection in connections { report(connection, own: 1, shared: [snapshot], waiting: 701) }
        #expect(memory.total == 800)
        #expect(connections.filter(\.isShed).isEmpty)
        // A second report of a connection replaces its first one.
        report(connections[0], own: 2, shared: [snapshot], waiting: 600)
        #expect(memory.total == 801)
        for connection in connections.dropLast() { memory.report(ObjectIdentifier(connection), nil) }
        #expect(memory.total == 701)
        memory.report(ObjectIdentifier(connections[99]), nil)
        #expect(memory.total == 0)
    }

    @Test("to free shared bytes all connections that share them are shed")
    func sharedVictims() {
        let (first, second, other) = (Connection(), Connection(), Connection())
        let snapshot = Self.shared(700)
        report(first, own: 0, shared: [snapshot], waiting: 700, since: 9)
        report(second, own: 0, shared: [snapshot], waiting: 700, since: 8)
        report(other, own: 400)
        #expect([first, second, other].map(\.isShed) == [true, true, false])
        #expect(memory.total == 400)
    }

    @Test("a lower bound holds from the next report on")
    func lowerLimit() {
        let (one, other) = (Connection(), Connection())
        report(one, own: 300, since: 3)
        memory.limit = 200
        report(other, own: 100)
        #expect([one, other].map(\.isShed) == [true, false])
    }

    @Test("memory is returned to the system once after a peak, when the use is less than a quarter of it")
    func givingBack() {
        let back = MemoryReturn(trim: {})
        let mega = 1 << 20
        let peaks = [15, 3, 40, 11, 9, 1, 0].map { back.note($0 * mega) }
        #expect(peaks == [false, false, false, false, true, false, false])
    }
}
