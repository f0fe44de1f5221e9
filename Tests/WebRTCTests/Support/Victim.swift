import NIOCore

@testable import WebRTC

/// An address that hears datagrams that it never asked for; it answers none of them.
///
/// `@unchecked Sendable`: `bytes` is used on the loop of ``TestClient`` only.
final class Victim: ChannelInboundHandler, @unchecked Sendable {
    typealias InboundIn = AddressedEnvelope<ByteBuffer>

    let socket: DatagramSocket
    private let channel: any Channel
    private var bytes = 0

    /// Binds a free port of the loopback address.
    init() async throws {
        (socket, channel) = try await DatagramSocket.bindClient()
        try await TestClient.loop.submit { try self.channel.pipeline.syncOperations.addHandler(self) }.get()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        bytes += Self.unwrapInboundIn(data).data.readableBytes
    }

    /// The bytes that have arrived so far.
    func received() async throws -> Int { try await TestClient.loop.submit { self.bytes }.get() }

    func close() async throws { try await channel.close().get() }
}
