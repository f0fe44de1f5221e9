import Logging
import NIOCore
import NIOEmbedded
import Testing

@testable import Gateway
@testable import Transport

@Suite("Options of the server's connections") struct ChannelOptionTests {
    private func port() -> SharedPort {
        let metrics = GatewayMetrics().transport
        return SharedPort(
            times: { .init(request: .seconds(10), drain: .seconds(30)) },
            connections: ConnectionLimit(maxPerAddress: { 10 }), isProxy: { _ in false }, client: { _, _ in "" },
            options: { .init(maxMessageBytes: 1000) },
            sendMemory: SendMemory(limit: 1 << 20, metrics: metrics, logger: .silent), metrics: metrics,
            pausedTime: { .zero }, tls: nil, compresses: true, decide: { _, _ in .http })
    }

    @Test("a connection begins with small buffers for what it reads, and has a bounded one for what the kernel sends")
    func accepted() throws {
        let channel = EmbeddedChannel()
        let gateway = GatewayChannel(
            responder: { _, _, _ in }, port: port(), idleTimeout: { .seconds(60) })
        _ = try gateway.setup(channel: channel, logger: .silent).wait()
        let buffers = channel.options.compactMap { $0.value as? FixedSizeRecvByteBufferAllocator }
        #expect(buffers.map(\.capacity) == [SharedPort.readBytes])
        // The channel keeps the last one of the options of the socket: that of the kernel's buffer.
        let socket = channel.options.filter { $0.option is ChannelOptions.Types.SocketOption }
        #expect(socket.map { $0.value as? SocketOptionValue } == [.init(KernelSendBuffer.size)])
        _ = try? channel.finish()
    }

    @Test("a WebSocket reads into one buffer at a time, and nothing before its session wants it")
    func upgraded() throws {
        let bench = try SessionBench(over: .webSocket, joins: false)
        let link = try #require(bench.link as? WebSocketLink)
        let reads = link.channel.options.filter { $0.option is ChannelOptions.Types.MaxMessagesPerReadOption }
        #expect(reads.map { $0.value as? UInt } == [1])
        func autoReads() -> [Bool?] {
            link.channel.options.filter { $0.option is ChannelOptions.Types.AutoReadOption }.map { $0.value as? Bool }
        }
        #expect(autoReads() == [false])
        bench.join()
        #expect(autoReads().last == true)
    }
}
