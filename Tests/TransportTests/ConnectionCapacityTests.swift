import Glibc
import Logging
import NIOCore
import NIOEmbedded
import ServerMetrics
import Testing

@testable import Transport

@Suite("Files for connections (design 9)") struct ConnectionCapacityTests {
    let registry = MetricRegistry()
    let logger = Logger.silent

    /// Counts the reads that pass a listener's gate.
    private final class Reads: ChannelOutboundHandler {
        typealias OutboundIn = Never
        var count = 0
        func read(context: ChannelHandlerContext) {
            count += 1
            context.read()
        }
    }

    private func listener(_ capacity: ConnectionCapacity) throws -> (channel: EmbeddedChannel, reads: Reads) {
        let (channel, reads) = (EmbeddedChannel(), Reads())
        try channel.pipeline.syncOperations.addHandlers([reads, AcceptGate(capacity: capacity, logger: logger)])
        try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
        reads.count = 0
        return (channel, reads)
    }

    private func accept(_ listener: EmbeddedChannel) throws -> EmbeddedChannel {
        let child = EmbeddedChannel()
        try listener.writeInbound(child as any Channel)
        return child
    }

    @Test("a listener accepts while there is capacity, waits when there is none, and goes on when a connection ends")
    func pauses() throws {
        let capacity = ConnectionCapacity(limit: 2, metrics: TransportMetrics(in: registry), logger: logger)
        let (channel, reads) = try listener(capacity)
        let first = try accept(channel)
        channel.pipeline.read()
        #expect(reads.count == 1)
        let second = try accept(channel)
        #expect(registry.value(.connections) == 2)
        for _ in 0..<3 { channel.pipeline.read() }
        #expect(reads.count == 1)
        #expect(registry.value(.acceptsPaused) == 1, "asking again while it waits is not another pause")
        _ = try first.finish()
        channel.embeddedEventLoop.run()
        #expect(reads.count == 2)
        #expect(registry.value(.connections) == 1)
        channel.pipeline.read()
        #expect(reads.count == 3)
        _ = try second.finish()
        _ = try channel.finish()
    }

    @Test("all listeners share the capacity: when one's connection ends, another may accept")
    func shared() throws {
        let capacity = ConnectionCapacity(limit: 1, metrics: TransportMetrics(in: registry), logger: logger)
        let (busy, _) = try listener(capacity)
        let (waiting, reads) = try listener(capacity)
        let child = try accept(busy)
        waiting.pipeline.read()
        #expect(reads.count == 0)
        _ = try child.finish()
        waiting.embeddedEventLoop.run()
        #expect(reads.count == 1)
        _ = try busy.finish()
        _ = try waiting.finish()
    }

    @Test("a listener that is closed while it waits does not read again")
    func closed() throws {
        let capacity = ConnectionCapacity(limit: 1, metrics: TransportMetrics(in: registry), logger: logger)
        let (channel, reads) = try listener(capacity)
        let child = try accept(channel)
        channel.pipeline.read()
        _ = try channel.finish()
        _ = try child.finish()
        channel.embeddedEventLoop.run()
        #expect(reads.count == 0)
    }

    @Test(
        "of the files that a process may open some are left for the database and pages; a few connections always fit",
        arguments: [(1024, 20, 940), (1024, 952, 8), (1024, 953, 8), (1024, 1024, 8), (20, 3, 8)])
    func reserve(files: Int, open: Int, connections: Int) {
        #expect(ConnectionCapacity.connections(files: files, open: open) == connections)
    }

    @Test("the process raises its limit to all files that the system allows; files already open are subtracted")
    func system() {
        let connections = ConnectionCapacity.systemLimit()
        var files = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &files)
        #expect(files.rlim_cur == files.rlim_max)
        // At least input, output and the errors' output are open.
        let most = Int(min(files.rlim_cur, rlim_t(Int32.max))) - 3 - ConnectionCapacity.reserve
        #expect(connections <= most)
    }
}
