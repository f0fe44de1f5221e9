import NIOCore

/// Gives what arrives on a UDP socket to its port.
final class DatagramHandler: ChannelInboundHandler {
    typealias InboundIn = AddressedEnvelope<ByteBuffer>

    private let port: RTCPort

    init(_ port: RTCPort) { self.port = port }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let envelope = Self.unwrapInboundIn(data)
        port.receive(envelope.data, from: envelope.remoteAddress)
    }

    /// Passes over errors of single datagrams.
    func errorCaught(context: ChannelHandlerContext, error: any Error) {}
}
