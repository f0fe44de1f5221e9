import ClientFrames
import NIOCore
import NIOEmbedded
import NIOHTTP1
import Testing
import Wire

@testable import Transport

@Suite("Engine.IO: what waits for a client that polls is bounded") struct EngineMemoryTests {
    private static let text = String(repeating: "x", count: 999)

    @Test("the session learns when more waits than its limit, and when the client has polled")
    func pressure() throws {
        let rig = EngineRig()
        let sid = try rig.open()
        rig.session.connection.limitWaiting(high: 20_000, low: 10_000)
        for _ in 0..<20 { rig.session.send(Self.text) }
        #expect(rig.session.takeEvents() == ["opened"])
        #expect(rig.session.connection.waitingBytes == 20_000)
        rig.session.send("y")
        #expect(rig.session.takeEvents() == ["unwritable"])
        #expect(try rig.poll(sid)?.status == .ok)
        rig.loop.run()
        #expect(rig.session.takeEvents() == ["writable"])
        #expect(rig.session.connection.waitingBytes == 4_002)
    }

    @Test("the bytes of an answer wait until the kernel has them")
    func slowReader() throws {
        let rig = EngineRig()
        let sid = try rig.open()
        rig.session.connection.limitWaiting(high: 20_000, low: 10_000)
        for _ in 0..<22 { rig.session.send(Self.text) }
        let http = try rig.connect()
        try http.channel.pipeline.syncOperations.addHandler(HeldWrites(), position: .first)
        #expect(try http.get("EIO=4&transport=polling&sid=\(sid)") == nil)
        #expect(rig.session.connection.waitingBytes == 22_015, "15 separators")
        #expect(rig.session.takeEvents() == ["opened", "unwritable"])
        try http.channel.pipeline.syncOperations.handler(type: HeldWrites.self).release()
        #expect(rig.session.takeEvents() == ["writable"])
        #expect(rig.session.connection.waitingBytes == 6_000)
    }

    @Test("packets that nobody collects are counted for the whole process, and the connection is shed at the bound")
    func shed() throws {
        let rig = EngineRig(memoryLimit: 100_000)
        let sid = try rig.open()
        rig.session.connection.limitWaiting(high: .max, low: 0)
        for _ in 0..<10 { rig.session.send(Self.text) }
        #expect(rig.memory.total == 0, "every client has this much at times")
        for _ in 0..<40 { rig.session.send(Self.text) }
        #expect(rig.memory.total == 50_000)
        #expect(try rig.poll(sid)?.status == .ok)
        #expect(rig.memory.total == 34_000)
        for _ in 0..<67 { rig.session.send(Self.text) }
        rig.loop.run()
        #expect(rig.session.takeEvents().suffix(2) == ["shed", "ended"])
        #expect(rig.memory.total == 0 && rig.server.count == 0)
        #expect(try rig.poll(sid)?.status == .badRequest)
    }

    @Test("packets that go to a WebSocket are its own matter")
    func upgraded() throws {
        let rig = EngineRig()
        let sid = try rig.open()
        for _ in 0..<40 { rig.session.send(Self.text) }
        #expect(rig.memory.total == 40_000)
        let socket = try rig.webSocket(sid)
        socket.receive("2probe", "5")
        #expect(rig.memory.total == 0)
        #expect(socket.takeSent().count == 41)
    }

    @Test("whole packets are sent as they are, over both transports")
    func packets() throws {
        let rig = EngineRig()
        let packet = OutboundMessage(kind: .delta, json: Array("42[\"delta\",{}]".utf8))
        let sid = try rig.open()
        rig.session.connection.send(packet: packet)
        rig.session.connection.send(OutboundMessage(kind: .direct, json: Array("{}".utf8)))
        rig.session.connection.flush()
        #expect(try rig.poll(sid)?.body == "42[\"delta\",{}]\u{1e}4{}")
        let socket = try rig.webSocket()
        _ = socket.takeSent()
        rig.session.connection.send(packet: packet)
        rig.session.connection.send(OutboundMessage(kind: .direct, json: Array("{}".utf8)))
        rig.session.connection.flush()
        #expect(socket.takeSent() == ["42[\"delta\",{}]", "4{}"])
    }

    @Test("runs of packets are sent in order, over both transports")
    func runs() throws {
        let rig = EngineRig()
        let packets = ["42[\"a\"]", "42[\"b\"]"].map { OutboundMessage(kind: .direct, json: Array($0.utf8)) }
        let run = PacketRun(PacketBatch(packets), 0..<2)
        let sid = try rig.open()
        rig.session.connection.send(run: run)
        rig.session.connection.flush()
        #expect(try rig.poll(sid)?.body == "42[\"a\"]\u{1e}42[\"b\"]")
        let socket = try rig.webSocket()
        _ = socket.takeSent()
        rig.session.connection.send(run: run)
        rig.session.connection.flush()
        #expect(socket.takeSent() == ["42[\"a\"]", "42[\"b\"]"])
    }

    @Test("nothing of an upgraded connection is left when it has ended")
    func leftNothing() throws {
        weak var connection: EngineConnection?
        do {
            let rig = EngineRig(isEchoing: true)
            let sid = try rig.open()
            let socket = try rig.webSocket(sid)
            socket.receive("2probe", "5", "4x")
            connection = rig.session.connection
            let second = try rig.webSocket(sid)
            #expect(connection != nil && socket.takeSent() == ["3probe", "4x"])
            socket.receiveClose()
            second.receiveClose()
            rig.forgetSessions()
        }
        #expect(connection == nil)
    }

    @Test("the functions of an ended connection do nothing")
    func ended() throws {
        let rig = EngineRig(isEchoing: true)
        let sid = try rig.open()
        #expect(try rig.post(sid, "4a")?.body == "ok")
        rig.session.connection.closeNow()
        #expect(rig.server.count == 0)
        rig.session.connection.send(text: [1])
        rig.session.connection.flush()
        rig.session.connection.ping()
        rig.session.connection.close(.normal, reason: "")
        #expect(rig.session.connection.waitingBytes == 0)
    }
}

/// Keeps the writes of a connection whose client does not read.
private final class HeldWrites: ChannelOutboundHandler, RemovableChannelHandler {
    typealias OutboundIn = Never

    private var held: [EventLoopPromise<Void>] = []

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        if let promise { held.append(promise) }
    }

    /// Lets the kernel take all of it.
    func release() { for promise in held { promise.succeed() } }
}
