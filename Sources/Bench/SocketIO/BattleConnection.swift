import NIOCore

/// One Socket.IO client of the battle, with a WebSocket from the beginning. Lives on its shard's event loop only.
final class BattleConnection: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private enum Phase { case handshake, opening, playing, closed }

    /// The player's number, from 0.
    let index: Int

    private let shard: BattleShard
    private let joined: EventLoopPromise<Void>
    private var phase = Phase.handshake
    private var answer: [UInt8] = []
    private var reader = FrameReader()
    private var writer: FrameWriter
    private var moved = MovedEvent()
    private var context: ChannelHandlerContext?
    private var isClosedByUs = false
    private var closeReason = ""

    init(index: Int, shard: BattleShard, joined: EventLoopPromise<Void>) {
        (self.index, self.shard, self.joined) = (index, shard, joined)
        writer = FrameWriter(seed: UInt32(truncatingIfNeeded: index &* 2_654_435_761 &+ 1))
    }

    /// Whether the client is in the namespace.
    var isPlaying: Bool { phase == .playing }

    /// Whether the client plays, and the server reads fast enough that nothing piles up here.
    var canSend: Bool { isPlaying && context?.channel.isWritable == true }

    /// Sends a packet.
    func send(_ packet: String) {
        guard let context else { return }
        writer.write(packet)
        context.writeAndFlush(wrapOutboundOut(context.channel.allocator.buffer(bytes: writer.bytes)), promise: nil)
    }

    /// Closes the connection, which does not count as a lost one.
    func close() {
        isClosedByUs = true
        context?.close(promise: nil)
    }

    /// Closes the connection if the client is not in the namespace yet.
    func closeUnlessPlaying(reason: String) {
        guard phase == .handshake || phase == .opening else { return }
        end(reason)
    }

    private func end(_ reason: String) {
        if closeReason.isEmpty { closeReason = reason }
        context?.close(promise: nil)
    }

    // MARK: Channel events

    func channelActive(context: ChannelHandlerContext) {
        self.context = context
        let request = WebSocketHandshake.request(host: shard.hostHeader, path: SocketPacket.path)
        context.writeAndFlush(wrapOutboundOut(context.channel.allocator.buffer(string: request)), promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let now = NIODeadline.now().uptimeNanoseconds
        unwrapInboundIn(data).withUnsafeReadableBytes { bytes in
            guard phase == .handshake else { return readFrames(bytes, now) }
            answer.append(contentsOf: bytes)
            switch WebSocketHandshake.read(answer) {
            case .incomplete: break
            case .refused(let reason): end(reason)
            case .accepted(let start):
                phase = .opening
                let rest = Array(answer[start...])
                answer = []
                rest.withUnsafeBytes { readFrames($0, now) }
            }
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { end(SignClient.reason(error)) }

    func channelInactive(context: ChannelHandlerContext) {
        self.context = nil
        let before = phase
        phase = .closed
        let reason = closeReason.isEmpty ? "the server closed the connection" : closeReason
        let login = "client \(index + 1)"
        switch before {
        case .handshake: joined.fail(BenchError.handshakeRefused(login: login, answer: reason))
        case .opening: joined.fail(BenchError.notAdmitted(login: login, reason: reason))
        case .playing, .closed:
            if isClosedByUs { return }
            shard.tally.disconnects += 1
            shard.tally.note("disconnected: \(reason)")
        }
    }

    // MARK: Reading

    private func readFrames(_ bytes: UnsafeRawBufferPointer, _ now: UInt64) {
        do throws(FrameReader.Failure) {
            try reader.read(bytes) { kind, payload in
                switch kind {
                case .text, .binary: receive(payload, now)
                case .ping:
                    writer.write(.pong, payload)
                    guard let context else { return }
                    let frame = context.channel.allocator.buffer(bytes: writer.bytes)
                    context.writeAndFlush(wrapOutboundOut(frame), promise: nil)
                case .close: end(WebSocketHandshake.closeReason(payload))
                case .pong: break
                }
            }
        } catch {
            end("\(error)")
        }
    }

    private func receive(_ packet: UnsafeRawBufferPointer, _ now: UInt64) {
        if shard.isMeasuring { shard.tally.bytes += packet.count }
        // Nearly all packets are these, so they are looked for first.
        if MovedEvent.isMoved(packet) {
            return shard.count(moved.place(in: packet), receiver: index, now: now)
        }
        switch SocketPacket(packet) {
        case .opened: send("40")
        case .ping: send(SocketPacket.pong)
        case .connected:
            guard phase == .opening else { return }
            phase = .playing
            shard.add(self)
            joined.succeed()
        case .refused(let reason): end(reason)
        case .closed: end("the server closed the Socket.IO connection")
        case .event, .other: break
        }
    }
}
