import Logging
import NIOCore
import NIOEmbedded
import Testing

@testable import Gateway

@Suite("Room for connections (design 9)") struct ConnectionRoomTests {
    let metrics = GatewayMetrics()
    let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    /// Counts the reads that pass a listener's gate.
    private final class Reads: ChannelOutboundHandler {
        typealias OutboundIn = Never
        var count = 0
        func read(context: ChannelHandlerContext) {
            count += 1
            context.read()
        }
    }

    private func listener(_ room: ConnectionRoom) throws -> (channel: EmbeddedChannel, reads: Reads) {
        let (channel, reads) = (EmbeddedChannel(), Reads())
        try channel.pipeline.syncOperations.addHandlers([reads, AcceptGate(room: room, logger: logger)])
        try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
        reads.count = 0
        return (channel, reads)
    }

    private func accept(_ listener: EmbeddedChannel) throws -> EmbeddedChannel {
        let child = EmbeddedChannel()
        try listener.writeInbound(child as any Channel)
        return child
    }

    @Test("a listener accepts while there is room, waits when there is none, and goes on when a connection ends")
    func pauses() throws {
        let room = ConnectionRoom(limit: 2, metrics: metrics, logger: logger)
        let (channel, reads) = try listener(room)
        let first = try accept(channel)
        channel.pipeline.read()
        #expect(reads.count == 1)
        let second = try accept(channel)
        #expect(metrics.connections.value == 2)
        for _ in 0..<3 { channel.pipeline.read() }
        #expect(reads.count == 1)
        #expect(metrics.acceptsPaused.value == 1, "asking again while it waits is not another pause")
        _ = try first.finish()
        channel.embeddedEventLoop.run()
        #expect(reads.count == 2)
        #expect(metrics.connections.value == 1)
        channel.pipeline.read()
        #expect(reads.count == 3)
        _ = try second.finish()
        _ = try channel.finish()
    }

    @Test("the room is one for all listeners: the end of a connection of one lets the other accept")
    func shared() throws {
        let room = ConnectionRoom(limit: 1, metrics: metrics, logger: logger)
        let (busy, _) = try listener(room)
        let (waiting, reads) = try listener(room)
        let child = try accept(busy)
        waiting.pipeline.read()
        #expect(reads.count == 0)
        _ = try child.finish()
        waiting.embeddedEventLoop.run()
        #expect(reads.count == 1)
        _ = try busy.finish()
        _ = try waiting.finish()
    }

    @Test("a listener that is closed while it waits reads no more")
    func closed() throws {
        let room = ConnectionRoom(limit: 1, metrics: metrics, logger: logger)
        let (channel, reads) = try listener(room)
        let child = try accept(channel)
        channel.pipeline.read()
        _ = try channel.finish()
        _ = try child.finish()
        channel.embeddedEventLoop.run()
        #expect(reads.count == 0)
    }

    @Test("what the system allows leaves files for the database and for pages")
    func system() { #expect(ConnectionRoom.systemLimit() >= ConnectionRoom.minimum) }
}
