import NIOCore
import NIOPosix

/// Gives what arrives on a client's socket to a closure.
final class ClientDatagrams: ChannelInboundHandler {
    typealias InboundIn = AddressedEnvelope<ByteBuffer>

    private let take: (ByteBuffer) -> Void

    /// Makes a handler.
    ///
    /// - Parameter take: Gets each datagram, on the loop of the socket.
    init(_ take: @escaping (ByteBuffer) -> Void) { self.take = take }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) { take(Self.unwrapInboundIn(data).data) }

    /// Passes over errors of single datagrams.
    func errorCaught(context: ChannelHandlerContext, error: any Error) {}
}

extension DatagramSocket {
    /// Binds a socket for one client; any thread may call it.
    ///
    /// - Parameter host: The address of this machine from which the client sends.
    /// - Returns: The socket, and NIO's channel that reads from it on the loop of ``RTCStack``.
    /// - Throws: `IOError`, or another error of the system.
    static func bindClient(host: String = "127.0.0.1") async throws -> (DatagramSocket, any Channel) {
        var descriptor: Int32 = -1
        let socket = try DatagramSocket(SocketAddress(ipAddress: host, port: 0)) { descriptor = $0 }
        let channel = try await DatagramBootstrap(group: RTCStack.shared.eventLoop)
            .channelOption(.recvAllocator, value: FixedSizeRecvByteBufferAllocator(capacity: 2048))
            .withBoundSocket(descriptor).get()
        return (socket, channel)
    }
}
