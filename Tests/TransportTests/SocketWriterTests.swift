import NIOCore
import NIOEmbedded
import NIOPosix
import Testing

@testable import Transport

@Suite("Frames go straight to the socket, as far as the kernel takes them") struct SocketWriterTests {
    /// Tells of a channel once it is active: before that, its socket is not used.
    private final class ActiveNotifier: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        private let promise: EventLoopPromise<any Channel>

        init(_ promise: EventLoopPromise<any Channel>) { self.promise = promise }

        func channelActive(context: ChannelHandlerContext) { promise.succeed(context.channel) }
    }

    /// A channel of a server, and the plain socket of its client.
    private struct Pair {
        let channel: any Channel
        let client: Int32
        private let server: any Channel

        init() async throws {
            let group = MultiThreadedEventLoopGroup.singleton
            let accepted = group.any().makePromise(of: (any Channel).self)
            server = try await ServerBootstrap(group: group)
                .childChannelOption(.socketOption(.so_sndbuf), value: 8192)
                .childChannelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.addHandler(ActiveNotifier(accepted))
                    }
                }
                .bind(host: "127.0.0.1", port: 0).get()
            client = try BlockingSocket.connect(port: server.localAddress?.port ?? 0)
            channel = try await accepted.futureResult.get()
        }

        func end() async throws {
            BlockingSocket.close(client, isReset: false)
            try? await channel.close().get()
            try await server.close().get()
        }

        /// Reads so many bytes from the client's socket.
        func read(_ count: Int) -> [UInt8] {
            var bytes: [UInt8] = []
            while bytes.count < count {
                let part = BlockingSocket.receive(client)
                guard !part.isEmpty else { break }
                bytes += part
            }
            return bytes
        }
    }

    /// Frames of so many bytes, each of its own letter.
    private static func frames(_ sizes: [Int]) -> [ByteBuffer] {
        sizes.enumerated().map { ByteBuffer(repeating: UInt8(97 + $0), count: $1) }
    }

    @Test("all bytes arrive in order, whatever the kernel leaves to the pipeline", arguments: [1, 3, 40])
    func order(count: Int) async throws {
        let pair = try await Pair()
        // Few bytes surely fit into the socket's buffer; the kernel counts the memory of packets, not only their bytes.
        let frames = Self.frames((0..<count).map { (count < 40 ? 500 : 3000) - 7 * $0 })
        let expected = frames.flatMap { Array($0.readableBytesView) }
        // The client reads only later, so the socket's buffer fills up.
        let left = try await pair.channel.eventLoop.submit {
            var writer = SocketWriter(pair.channel)
            for frame in frames where !writer.add(frame) { Issue.record("a frame was not taken") }
            #expect(writer.waitingBytes == expected.count)
            let left = writer.send(on: pair.channel)
            #expect(writer.isEmpty && writer.waitingBytes == 0)
            for frame in left { pair.channel.write(frame, promise: nil) }
            pair.channel.flush()
            return left.reduce(0) { $0 + $1.readableBytes }
        }.get()
        #expect((left == 0) == (count < 40))
        #expect(pair.read(expected.count) == expected)
        try await pair.end()
    }

    @Test("more bytes than the bound, and frames for a channel without a socket, are not taken")
    func bound() async throws {
        let pair = try await Pair()
        try await pair.channel.eventLoop.submit {
            var writer = SocketWriter(pair.channel)
            let frames = Self.frames([SocketWriter.mostBytes - 10, 10, 1])
            var taken: [Bool] = []
            for frame in frames { taken.append(writer.add(frame)) }
            #expect(taken == [true, true, false])
            #expect(writer.takeAll() == Array(frames.prefix(2)))
            #expect(writer.isEmpty)
        }.get()
        try await pair.end()
        var none = SocketWriter(EmbeddedChannel())
        let isTaken = none.add(ByteBuffer(string: "x"))
        #expect(!isTaken)
    }

    @Test("a closed channel's socket is not touched: its number may be another connection's by then")
    func closed() async throws {
        let (pair, other) = (try await Pair(), try await Pair())
        let frame = ByteBuffer(string: "late")
        let left = try await pair.channel.eventLoop.submit {
            var writer = SocketWriter(pair.channel)
            if !writer.add(frame) { Issue.record("a frame was not taken") }
            pair.channel.close(promise: nil)
            return writer.send(on: pair.channel)
        }.get()
        #expect(left == [frame])
        try await pair.end()
        try await other.end()
    }
}
