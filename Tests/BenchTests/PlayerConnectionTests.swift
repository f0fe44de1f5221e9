import NIOCore
import NIOEmbedded
import Testing

@testable import Bench

/// One client on a channel without a socket.
private struct Client {
    let channel = EmbeddedChannel()
    let shard: LoadShard
    let joined: EventLoopFuture<Void>
    let connection: PlayerConnection

    init(isSampled: Bool = false, neverReads: Bool = false) throws {
        var options = PlayersBenchmark.Options()
        options.commands = ["move/left", "move/right"]
        shard = LoadShard(eventLoop: channel.eventLoop, options: options)
        let promise = channel.eventLoop.makePromise(of: Void.self)
        joined = promise.futureResult
        let seat = PlayerRole(
            index: 0, login: "bench1", admission: .init(id: 24, token: "t/+?", port: 8_080), isSampled: isSampled,
            neverReads: neverReads)
        connection = PlayerConnection(seat: seat, shard: shard, joined: promise)
        try channel.pipeline.syncOperations.addHandler(connection)
        try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
    }

    static let accepted =
        "HTTP/1.1 101 Switching Protocols\r\nsec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n"
    static let snapshot = #"{"action":"load/index","tick":1,"time":1,"players":[{"id":24,"x":5,"y":5}]}"#

    func receive(_ bytes: [UInt8]) throws { try channel.writeInbound(ByteBuffer(bytes: bytes)) }

    func receive(text: String) throws { try receive(FrameReaderTests.frame(1, Array(text.utf8))) }

    func sent() throws -> [UInt8] {
        var all: [UInt8] = []
        while let buffer = try channel.readOutbound(as: ByteBuffer.self) { all += Array(buffer.readableBytesView) }
        return all
    }

    /// Receives the handshake's answer and the snapshot.
    func play() throws {
        try receive(Array(Self.accepted.utf8))
        try receive(text: Self.snapshot)
        _ = try sent()
    }

    /// Sends a command and returns its id.
    func command(isMeasured: Bool = true) throws -> Int {
        connection.sendCommand(isMeasured: isMeasured)
        let text = String(decoding: FrameWriterTests.unmasked(try sent()).payload, as: UTF8.self)
        return try #require(text.split(separator: ":").last.flatMap { Int($0.dropLast()) })
    }
}

@Suite("A player's connection") struct PlayerConnectionTests {
    @Test("sends id and token percent-encoded, and has joined when the snapshot has arrived")
    func handshake() throws {
        let client = try Client()
        let request = String(decoding: try client.sent(), as: UTF8.self)
        // MjQ6dC8rPw== is 24:t/+? in base64.
        #expect(request.hasPrefix("GET /?HTTP_AUTHORIZATION=MjQ6dC8rPw%3D%3D HTTP/1.1\r\nHost: 127.0.0.1:8080\r\n"))
        let snapshot = FrameReaderTests.frame(1, Array(Client.snapshot.utf8))
        let answer = Array(Client.accepted.utf8) + snapshot
        try client.receive(Array(answer.prefix(50)))
        #expect(!client.connection.isPlaying)
        try client.receive(Array(answer.dropFirst(50)))
        #expect(client.connection.isPlaying)
        try client.joined.wait()
    }

    @Test(
        "reports the server's own text when the handshake is refused",
        arguments: [
            ("HTTP/1.1 401 Unauthorized\r\n\r\n{\"error\":\"token used\"}", "HTTP/1.1 401 Unauthorized, token used"),
            ("HTTP/1.1 404 Not Found\r\n\r\n", "HTTP/1.1 404 Not Found"),
            ("HTTP/1.1 101 OK\r\nSec-WebSocket-Accept: x\r\n\r\n", "101 without the right Sec-WebSocket-Accept"),
        ])
    func refusedHandshake(answer: String, words: String) throws {
        let client = try Client()
        try client.receive(Array(answer.utf8))
        #expect(throws: BenchError.handshakeRefused(login: "bench1", answer: words)) { try client.joined.wait() }
    }

    @Test("reports the reason when the server closes instead of sending a snapshot")
    func closedBeforeSnapshot() throws {
        let client = try Client()
        try client.receive(Array(Client.accepted.utf8))
        try client.receive(FrameReaderTests.frame(8, [0x03, 0xF5] + Array("map full".utf8)))
        let reason = "the server closed the WebSocket with 1013 (map full)"
        #expect(throws: BenchError.notAdmitted(login: "bench1", reason: reason)) { try client.joined.wait() }
    }

    @Test("measures a command up to the delta that acknowledges it, once")
    func acknowledgement() throws {
        let client = try Client(isSampled: true)
        try client.play()
        let id = try client.command()
        let next = try client.command()
        #expect(next > id)
        #expect(client.connection.feed.measuredOutstanding == 2)
        let delta =
            #"{"tick":2,"time":2,"players":[{"id":24,"x":4,"commands":{"move":{"command_id":\#(id),"wait_time":0}}}]}"#
        try client.receive(text: delta)
        try client.receive(text: delta.replacing(#""tick":2"#, with: #""tick":3"#))
        #expect(client.shard.tally.commandsSent == 2)
        #expect(client.shard.tally.commandsAcknowledged == 1)
        #expect(client.shard.tally.roundTrip.summary.count == 1)
        #expect(client.shard.tally.sampledOwnMoves == 1)
        #expect(client.connection.feed.measuredOutstanding == 1)
    }

    @Test("leaves commands outside the measured window out of the figures")
    func warmUp() throws {
        let client = try Client()
        try client.play()
        let id = try client.command(isMeasured: false)
        try client.receive(
            text: #"{"tick":2,"time":2,"players":[{"id":24,"commands":{"move":{"command_id":\#(id)}}}]}"#)
        #expect(client.shard.tally.commandsSent == 0)
        #expect(client.shard.tally.roundTrip.summary.count == 0)
    }

    @Test("counts and reports a refusal, and stops waiting for that command")
    func refusal() throws {
        let client = try Client()
        try client.play()
        let id = try client.command()
        try client.receive(text: #"{"error":"too fast","code":"rate","command_id":\#(id)}"#)
        #expect(client.shard.tally.refusals == 1)
        #expect(client.shard.tally.incidents == ["refused (rate): too fast": 1])
        #expect(client.connection.feed.measuredOutstanding == 0)
    }

    @Test("answers a ping with the same bytes")
    func ping() throws {
        let client = try Client()
        try client.play()
        try client.receive(FrameReaderTests.frame(9, [1, 2, 3]))
        let frame = FrameWriterTests.unmasked(try client.sent())
        #expect(frame.opcode == 0x8A)
        #expect(frame.payload == [1, 2, 3])
    }

    @Test("counts a lost connection with the server's reason, but not a connection that the client closed")
    func disconnect() throws {
        let lost = try Client()
        try lost.play()
        try lost.receive(FrameReaderTests.frame(8, [0x03, 0xF0]))
        #expect(lost.shard.tally.disconnects == 1)
        #expect(lost.shard.tally.incidents == ["disconnected: the server closed the WebSocket with 1008": 1])

        let closed = try Client()
        try closed.play()
        closed.connection.close()
        #expect(FrameWriterTests.unmasked(try closed.sent()).payload == [0x03, 0xE8])
        #expect(closed.shard.tally.disconnects == 0)
    }

    @Test("notes a tick that does not increase and a stream that is not WebSocket (M4: ticks strictly increase)")
    func brokenServer() throws {
        let client = try Client()
        try client.play()
        try client.receive(text: #"{"tick":5,"time":2,"players":[]}"#)
        try client.receive(text: #"{"tick":5,"time":2,"players":[]}"#)
        try client.receive([0xFF, 0xFF])
        #expect(
            client.shard.tally.incidents == [
                "a delta's tick was not greater than the one before": 1,
                "disconnected: frame with reserved bits set": 1,
            ])
    }

    @Test("a stalled client has joined as soon as the handshake succeeds, and stops reading")
    func stalled() throws {
        let client = try Client(neverReads: true)
        try client.receive(Array(Client.accepted.utf8))
        try client.joined.wait()
        let autoRead = client.channel.options.filter { $0.option is ChannelOptions.Types.AutoReadOption }
        #expect(autoRead.map { $0.value as? Bool } == [false])
    }
}
