import NIOCore
import NIOEmbedded
import ServerMetrics
import Simulation
import Testing
import Wire

@testable import Gateway
@testable import Transport

@Suite("Unsent bytes of a session") struct SessionMemoryTests {
    private func snapshot(_ shared: SharedBytes) -> OutboundMessage {
        OutboundMessage(
            kind: .snapshot,
            tail: .init(
                shared: shared,
                pieces: [
                    (shared.bytes.getSlice(at: 0, length: 100) ?? ByteBuffer(), true),
                    (ByteBuffer(string: "own"), false),
                    (shared.bytes.getSlice(at: 100, length: 69_900) ?? ByteBuffer(), true),
                ])
        ) { $0.writeString("head") }
    }

    @Test("a snapshot whose end is shared arrives as one frame, without a copy of its own")
    func sharedFrame() throws {
        let bench = try SessionBench(over: .webSocket)
        let link = try #require(bench.link as? WebSocketLink)
        let shared = [UInt8](repeating: 32, count: 70_000).withUnsafeBufferPointer { SharedBytes($0) }
        let message = snapshot(shared)
        bench.session.deliver(message)
        bench.session.flush()
        var wire = ByteBuffer()
        while var part = try link.channel.readOutbound(as: ByteBuffer.self) { wire.writeBuffer(&part) }
        var frames = WebSocketFrame.text(Array(message.payload.readableBytesView))
        #expect(wire == frames)
        frames.moveReaderIndex(forwardBy: 10)
        let blank = { String(repeating: " ", count: $0) }
        #expect(String(buffer: frames) == "head" + blank(100) + "own" + blank(69_900))
        #expect(bench.metrics.registry.value(.messagesSent) == 1)
        let bytes: Double = 10 + 4 + 3 + 70_000
        #expect(bench.metrics.registry.value(.sentBytes) == bytes)
    }

    @Test("nothing of a session is left when its connection has ended", arguments: TestTransport.allCases)
    func released(transport: TestTransport) throws {
        weak var session: Session?
        do {
            let bench = try SessionBench(over: transport)
            session = bench.session
            #expect(session != nil)
            bench.link.disconnect()
        }
        #expect(session == nil)
    }

    @Test("a session that is shed while bytes wait for it ends without a message", arguments: TestTransport.allCases)
    func shedSlowSession(transport: TestTransport) throws {
        let bench = try SessionBench(over: transport)
        bench.session.deliver(.text(.delta, "{}"))
        // A data channel takes a message at once, so something else has to wait.
        if transport == .webRTC { bench.setWritable(false) }
        bench.link.shed()
        #expect(!bench.isConnected)
        #expect(try bench.sent().allSatisfy { $0.text == nil || $0.text == "{}" })
    }

    @Test("a whole large snapshot may wait, and the usual bound holds again from the next delta [1-protocol 4.4]")
    func waitingLimits() throws {
        var limits = SessionLimits()
        limits.sendBufferBytes = 1000
        let bench = try SessionBench(over: .inMemory, limits: limits)
        let connection = try #require(bench.link as? InMemoryConnection)
        #expect(connection.waitingLimits == [[1000, 500]])
        bench.deliver(.snapshot, String(repeating: " ", count: 400))
        #expect(connection.waitingLimits.count == 1)
        // 1000 bytes, the snapshot's 3000, and the four bytes of its frame's head.
        bench.deliver(.snapshot, String(repeating: " ", count: 3000))
        #expect(connection.waitingLimits.last == [4004, 500])
        bench.deliver(.delta)
        bench.deliver(.delta)
        #expect(connection.waitingLimits == [[1000, 500], [4004, 500], [1000, 500]])
    }

    // Socket.IO does not have the compact form; `PlayerSocketTests` has its sizes.
    @Test(
        "what counts of a snapshot are the bytes of the form that the client gets",
        arguments: TestTransport.ownProtocol)
    func waitingLimitsOfCompact(transport: TestTransport) throws {
        var limits = SessionLimits()
        limits.sendBufferBytes = 1000
        let bench = try SessionBench(over: transport, limits: limits, isCompact: true)
        // A whole number takes one byte in MessagePack.
        let numbers = (1...2000).map { _ in "1" }.joined(separator: ",")
        let message = OutboundMessage.text(.snapshot, #"{"action":"load/index","x":[\#(numbers)]}"#).withCompactForm()
        let compact = try #require(message.compact)
        // Data channels have no head of a frame.
        let size = transport == .webRTC ? compact.payloadSize : compact.size
        #expect(size < 2100 && message.size > 4000)
        bench.session.deliver(message)
        #expect(bench.waitingLimit == 1000 + size)
    }

    @Test(
        "a session that is shed while no bytes wait gets the reason and a close; later messages from it are ignored",
        arguments: TestTransport.allCases)
    func shedSession(transport: TestTransport) throws {
        let bench = try SessionBench(over: transport)
        bench.link.shed()
        let sent = try bench.sent()
        #expect(sent.first?.text?.contains(#""code":"send_memory""#) == true)
        #expect(sent.last == .close(1013))
        bench.advance(.seconds(2))
        #expect(!bench.isConnected)
    }
}
