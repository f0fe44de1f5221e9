import NIOCore
import NIOPosix
import Testing

@testable import Bench

/// A server that answers the first request by asking the client to come again later, and no other one.
private final class BusyServer: Sendable {
    let port: Int
    /// The connection of the second request, which gets no answer.
    let second: EventLoopFuture<any Channel>
    private let promise: EventLoopPromise<any Channel>
    private let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)

    /// `retryAfterSeconds` is what the answer to the first request asks the client to wait.
    init(retryAfterSeconds: String) async throws {
        let eventLoop = group.next()
        let promise = eventLoop.makePromise(of: (any Channel).self)
        (self.promise, second) = (promise, promise.futureResult)
        let requests = NIOLoopBoundBox.makeBoxSendingValue(0, eventLoop: eventLoop)
        let channel = try await ServerBootstrap(group: eventLoop).childChannelInitializer { channel in
            channel.eventLoop.makeCompletedFuture {
                try channel.pipeline.syncOperations.addHandler(
                    Busy(requests: requests, retryAfterSeconds: retryAfterSeconds, second: promise))
            }
        }.bind(host: "127.0.0.1", port: 0).get()
        port = try #require(channel.localAddress?.port)
    }

    func stop() async throws {
        promise.fail(ChannelError.eof)
        try await group.shutdownGracefully()
    }

    private final class Busy: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        typealias OutboundOut = ByteBuffer

        private let requests: NIOLoopBoundBox<Int>
        private let retryAfterSeconds: String
        private let second: EventLoopPromise<any Channel>
        private var received = ""

        init(requests: NIOLoopBoundBox<Int>, retryAfterSeconds: String, second: EventLoopPromise<any Channel>) {
            (self.requests, self.retryAfterSeconds, self.second) = (requests, retryAfterSeconds, second)
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            received += String(buffer: unwrapInboundIn(data))
            guard received.contains("\r\n\r\n") else { return }
            received = ""
            requests.value += 1
            guard requests.value == 1 else { return second.succeed(context.channel) }
            let body = #"{"error":"busy"}"#
            let answer =
                "HTTP/1.1 429 Too Many Requests\r\nRetry-After: \(retryAfterSeconds)\r\n"
                + "Content-Length: \(body.utf8.count)\r\n\r\n\(body)"
            context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: answer)), promise: nil)
        }
    }
}

@Suite("Players who come back after a restart", .timeLimit(.minutes(5))) struct JoinWaveTests {
    private static func wave(_ server: BusyServer, joinSeconds: Int) -> JoinWave {
        var options = PlayersBenchmark.Options()
        options.players = 1
        options.entrance = .sessions(["secret"])
        options.port = server.port
        options.joinSeconds = joinSeconds
        return JoinWave(options)
    }

    @Test("end when the task is cancelled, and report the latest obstacle")
    func cancellation() async throws {
        let server = try await BusyServer(retryAfterSeconds: "0.05")
        let wave = Self.wave(server, joinSeconds: 600)
        let back = Task { await wave.comeBack(since: .now) }
        let connection = try await server.second.get()
        #expect(wave.outcome.problem == "HTTP 429, busy")
        back.cancel()
        try await connection.close()
        await back.value
        #expect(wave.outcome.joined == 0)
        #expect(wave.outcome.problem?.contains("it closed the connection without an answer") == true)
        await wave.leave()
        try await server.stop()
    }

    @Test("end when the time is over, also while a server asks them to wait longer")
    func timeOver() async throws {
        let server = try await BusyServer(retryAfterSeconds: "60")
        let wave = Self.wave(server, joinSeconds: 1)
        await wave.comeBack(since: .now)
        #expect(wave.outcome.joined == 0)
        #expect(wave.outcome.problem == "HTTP 429, busy")
        await wave.leave()
        try await server.stop()
    }
}
