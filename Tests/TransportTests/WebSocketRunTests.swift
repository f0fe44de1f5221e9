import NIOCore
import NIOEmbedded
import Testing
import Wire

@testable import Transport

@Suite("Several packets of Socket.IO with one write") struct WebSocketRunTests {
    private static func run(_ texts: [String]) -> PacketRun {
        let packets = texts.map { OutboundMessage(kind: .direct, json: Array($0.utf8)) }
        return PacketRun(PacketBatch(packets), 0..<texts.count)
    }

    /// The buffers that a WebSocket writes for a run.
    private static func written(
        _ run: PacketRun, deflate: DeflateAgreement? = nil, isCompact: Bool = false
    ) throws -> [[UInt8]] {
        let channel = EmbeddedChannel()
        let metrics = TransportMetrics()
        let socket = WebSocketConnection(
            eventLoop: channel.eventLoop, options: .init(maxMessageBytes: 1000), deflate: deflate, metrics: metrics)
        if isCompact { socket.useMessagePack() }
        try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
        try channel.pipeline.syncOperations.addHandler(socket)
        socket.send(run: run)
        socket.flush()
        var buffers: [[UInt8]] = []
        while let buffer = try channel.readOutbound(as: ByteBuffer.self) {
            buffers.append(Array(buffer.readableBytesView))
        }
        _ = try channel.finish(acceptAlreadyClosed: true)
        return buffers
    }

    private static func frames(_ run: PacketRun) -> [[UInt8]] {
        run.packets.map { Array($0.plain.head.readableBytesView) }
    }

    @Test("the frames of all packets are one buffer, in their order")
    func joined() throws {
        let run = Self.run(["42[\"a\"]", "42[\"b\",{\"x\":1}]", "42[\"c\"]"])
        #expect(try Self.written(run) == [Self.frames(run).flatMap { $0 }])
    }

    @Test("more bytes than wait for one write are sent packet by packet")
    func large() throws {
        let text = "42[\"\(String(repeating: "x", count: SocketWriter.mostBytes / 2))\"]"
        let run = Self.run([text, text, "42[\"c\"]"])
        #expect(try Self.written(run) == Self.frames(run))
    }

    @Test("clients that get another form of messages get each message in theirs")
    func otherForms() throws {
        let run = Self.run(["[\"a\"]", "[\"b\"]"])
        let compact = try Self.written(run, isCompact: true)
        // Binary frames with an array of one text in MessagePack.
        #expect(compact == [[0x82, 3, 0x91, 0xA1, 0x61], [0x82, 3, 0x91, 0xA1, 0x62]])
        let agreement = try #require(
            DeflateAgreement(offers: ["permessage-deflate; server_no_context_takeover"], policy: .shared))
        #expect(try Self.written(run, deflate: agreement) == Self.frames(run))
    }
}
