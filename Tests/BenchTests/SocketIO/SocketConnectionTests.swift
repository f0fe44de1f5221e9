import NIOCore
import NIOEmbedded
import Testing

@testable import Bench

/// One client on a channel without a socket.
private struct Client {
    let channel = EmbeddedChannel()

    func connect(_ handler: some ChannelHandler) throws {
        try channel.pipeline.syncOperations.addHandler(handler)
        try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
        let request = try #require(try channel.readOutbound(as: ByteBuffer.self))
        #expect(String(buffer: request).hasPrefix("GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\n"))
        let answer =
            "HTTP/1.1 101 Switching Protocols\r\nsec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n"
        try channel.writeInbound(ByteBuffer(string: answer))
    }

    func receive(_ packet: String) throws {
        try channel.writeInbound(ByteBuffer(bytes: FrameReaderTests.frame(1, Array(packet.utf8))))
    }

    /// The next packet that the client sent; `nil` when the client has sent no more.
    func sent() throws -> String? {
        guard let buffer = try channel.readOutbound(as: ByteBuffer.self) else { return nil }
        return String(decoding: FrameWriterTests.unmasked(Array(buffer.readableBytesView)).payload, as: UTF8.self)
    }
}

@Suite("A player's connection over Socket.IO") struct PlayerSocketTests {
    private let client = Client()
    private let shard: LoadShard
    private let joined: EventLoopFuture<Void>
    private let connection: PlayerConnection

    init() throws {
        var options = PlayersBenchmark.Options()
        options.dialect = .socketIO
        shard = LoadShard(eventLoop: client.channel.eventLoop, options: options)
        let promise = client.channel.eventLoop.makePromise(of: Void.self)
        joined = promise.futureResult
        let seat = PlayerRole(
            index: 0, login: "bench1", admission: .init(id: 24, token: "token", port: 8_080), isSampled: false,
            neverReads: false)
        connection = PlayerConnection(seat: seat, shard: shard, joined: promise)
        try client.connect(connection)
    }

    @Test("enters with id and token, and has joined when the snapshot has come")
    func entrance() throws {
        try client.receive(#"0{"sid":"a"}"#)
        #expect(try client.sent() == #"40{"id":24,"token":"token"}"#)
        try client.receive(#"40{"sid":"b"}"#)
        #expect(!connection.isPlaying)
        try client.receive(#"42["load/index",{"action":"load/index","tick":1,"time":1,"players":[]}]"#)
        #expect(connection.isPlaying)
        try joined.wait()
    }

    @Test("measures a command up to the event with the delta that acknowledges it")
    func command() throws {
        try client.receive(#"42["load/index",{"action":"load/index","tick":1,"time":1,"players":[]}]"#)
        connection.sendCommand(isMeasured: true)
        let sent = try #require(try client.sent())
        let prefix = #"42["move/left",{"command_id":"#
        #expect(sent.hasPrefix(prefix) && sent.hasSuffix("}]"))
        let id = sent.dropFirst(prefix.count).dropLast(2)
        try client.receive(
            #"42["delta",{"tick":2,"time":2,"players":[{"id":24,"x":4}],"commands":{"move":{"command_id":\#(id)}}}]"#)
        #expect(shard.tally.commandsAcknowledged == 1)
        #expect(shard.tally.incidents.isEmpty)
    }

    @Test("answers heartbeats")
    func heartbeat() throws {
        try client.receive("2")
        #expect(try client.sent() == "3")
    }

    @Test("reports the server's text when the namespace is refused")
    func refusal() throws {
        try client.receive(#"44{"message":"full"}"#)
        #expect(throws: BenchError.notAdmitted(login: "bench1", reason: #"{"message":"full"}"#)) { try joined.wait() }
    }
}

@Suite("A client of the battle") struct BattleConnectionTests {
    private let client = Client()
    private let shard: BattleShard
    private let joined: EventLoopFuture<Void>
    private let connection: BattleConnection

    init() throws {
        var options = BattleBenchmark.Options()
        options.players = 2
        shard = BattleShard(eventLoop: client.channel.eventLoop, options: options)
        let promise = client.channel.eventLoop.makePromise(of: Void.self)
        joined = promise.futureResult
        connection = BattleConnection(index: 1, shard: shard, joined: promise)
        try client.connect(connection)
    }

    @Test("enters the namespace, and answers heartbeats")
    func entrance() throws {
        try client.receive(#"0{"sid":"a"}"#)
        #expect(try client.sent() == "40")
        #expect(!connection.canSend)
        try client.receive(#"40{"sid":"b"}"#)
        try joined.wait()
        #expect(connection.canSend)
        try client.receive("2")
        #expect(try client.sent() == "3")
    }

    @Test("an event that no move explains is counted as strange, other events are not counted")
    func strange() throws {
        try client.receive(#"42["player_moved",{"id":"x","position":{"x":0,"y":0,"hp":100}}]"#)
        try client.receive(#"42["new_player",{"id":"x","position":{"x":0,"y":0,"hp":100}}]"#)
        #expect(shard.tally.strange == 1)
    }

    @Test("counts a lost connection with its reason, but not one that it closed")
    func disconnect() throws {
        try client.receive(#"40{"sid":"b"}"#)
        try client.receive("41")
        #expect(shard.tally.disconnects == 1)
        #expect(shard.tally.incidents == ["disconnected: the server closed the Socket.IO connection": 1])
    }

    @Test("a client that gets nothing gives up")
    func silence() throws {
        connection.closeUnlessPlaying(reason: "nothing came")
        #expect(throws: BenchError.notAdmitted(login: "client 2", reason: "nothing came")) { try joined.wait() }
    }
}
