import NIOCore

/// One player's WebSocket: handshake, reading deltas, sending commands. Lives on its shard's event loop only.
final class PlayerConnection: ChannelInboundHandler, LoadPlayer {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private enum Phase { case handshake, admitted, closed }

    let feed: PlayerFeed
    private let joined: EventLoopPromise<Void>
    private var phase = Phase.handshake
    private var answer: [UInt8] = []
    private var reader = FrameReader()
    private var writer: FrameWriter
    private var context: ChannelHandlerContext?
    private var isClosedByUs = false

    var isPlaying: Bool { feed.isPlaying && context != nil }
    private var seat: PlayerRole { feed.seat }
    private var shard: LoadShard { feed.shard }

    init(seat: PlayerRole, shard: LoadShard, joined: EventLoopPromise<Void>) {
        feed = PlayerFeed(seat: seat, shard: shard) { joined.succeed() }
        self.joined = joined
        writer = FrameWriter(seed: UInt32(truncatingIfNeeded: seat.index &* 2_654_435_761 &+ 1))
    }

    // MARK: Channel events

    func channelActive(context: ChannelHandlerContext) {
        self.context = context
        let request =
            switch shard.options.dialect {
            case .perigee, .lanes:
                WebSocketHandshake.request(
                    host: shard.hostHeader, playerID: seat.admission.id, token: seat.admission.token)
            case .socketIO: WebSocketHandshake.request(host: shard.hostHeader, path: SocketPacket.path)
            }
        context.writeAndFlush(wrapOutboundOut(context.channel.allocator.buffer(string: request)), promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let buffer = unwrapInboundIn(data)
        let now = NIODeadline.now().uptimeNanoseconds
        buffer.withUnsafeReadableBytes { bytes in
            if phase == .handshake {
                guard let rest = readAnswer(bytes, context) else { return }
                rest.withUnsafeBytes { readFrames($0, now, context) }
            } else {
                readFrames(bytes, now, context)
            }
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        end(SignClient.reason(error), context)
    }

    func channelInactive(context: ChannelHandlerContext) {
        self.context = nil
        let before = phase
        phase = .closed
        let reason = feed.closeReason.isEmpty ? "the server closed the connection" : feed.closeReason
        switch before {
        case .handshake:
            joined.fail(BenchError.handshakeRefused(login: seat.login, answer: reason))
        case .admitted where !feed.isPlaying && !seat.neverReads:
            joined.fail(BenchError.notAdmitted(login: seat.login, reason: reason))
        default:
            if isClosedByUs { return }
            if seat.neverReads {
                shard.tally.stalledClosed += 1
            } else {
                feed.noteLost(reason)
            }
        }
    }

    // MARK: Commands of the shard

    func sendCommand(isMeasured: Bool) {
        guard isPlaying, let context else { return }
        // If the server does not read fast enough, the command is skipped, so that this buffer does not grow.
        guard context.channel.isWritable else {
            if isMeasured { shard.tally.commandsSkipped += 1 }
            return
        }
        let command = feed.nextCommand()
        switch shard.options.dialect {
        case .socketIO: writer.writeEvent(command.action, commandID: command.id)
        case .perigee, .lanes: writer.writeCommand(command.action, commandID: command.id)
        }
        feed.noteSent(command.id, isMeasured: isMeasured, now: NIODeadline.now().uptimeNanoseconds)
        flush(context)
    }

    func close(reason: String = "") {
        isClosedByUs = reason.isEmpty
        feed.noteEnd(reason)
        guard let context else { return }
        if feed.isPlaying {
            var code: [UInt8] = [0x03, 0xE8]
            code.withUnsafeMutableBytes { writer.write(.close, UnsafeRawBufferPointer($0)) }
            flush(context)
        }
        context.close(promise: nil)
    }

    private func flush(_ context: ChannelHandlerContext) {
        context.writeAndFlush(wrapOutboundOut(context.channel.allocator.buffer(bytes: writer.bytes)), promise: nil)
    }

    // MARK: Reading

    /// Collects the answer to the handshake; returns the bytes after it when it is complete and its status is 101.
    private func readAnswer(_ bytes: UnsafeRawBufferPointer, _ context: ChannelHandlerContext) -> [UInt8]? {
        answer.append(contentsOf: bytes)
        switch WebSocketHandshake.read(answer) {
        case .incomplete:
            return nil
        case .refused(let reason):
            end(reason, context)
            return nil
        case .accepted(let end):
            let rest = Array(answer[end...])
            answer = []
            phase = .admitted
            guard seat.neverReads else { return rest }
            // From here on this client never reads.
            context.channel.setOption(.autoRead, value: false).whenFailure { [joined] in joined.fail($0) }
            joined.succeed()
            return nil
        }
    }

    private func readFrames(_ bytes: UnsafeRawBufferPointer, _ now: UInt64, _ context: ChannelHandlerContext) {
        do throws(FrameReader.Failure) {
            try reader.read(bytes) { kind, payload in
                switch kind {
                case .text, .binary:
                    if shard.isMeasuring { shard.tally.bytes += payload.count }
                    switch shard.options.dialect {
                    case .perigee, .lanes: feed.receive(payload, now)
                    case .socketIO: receive(packet: payload, now, context)
                    }
                case .ping:
                    writer.write(.pong, payload)
                    flush(context)
                case .close:
                    end(WebSocketHandshake.closeReason(payload), context)
                case .pong: break
                }
            }
        } catch {
            end("\(error)", context)
        }
    }

    private func receive(packet: UnsafeRawBufferPointer, _ now: UInt64, _ context: ChannelHandlerContext) {
        switch SocketPacket(packet) {
        case .opened:
            writer.write(SocketPacket.connect(playerID: seat.admission.id, token: seat.admission.token))
            flush(context)
        case .ping:
            writer.write(SocketPacket.pong)
            flush(context)
        case .event(let values): feed.receive(values, now)
        case .refused(let reason): end(reason, context)
        case .closed: end("the server closed the Socket.IO connection", context)
        case .connected, .other: break
        }
    }

    private func end(_ reason: String, _ context: ChannelHandlerContext) {
        feed.noteEnd(reason)
        context.close(promise: nil)
    }
}
