import Foundation
import JSONValues
import NIOCore

/// One player's WebSocket: handshake, reading deltas, sending commands. Lives on its shard's event loop only.
final class PlayerConnection: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private enum Phase { case handshake, admitted, playing, closed }

    private struct Outstanding {
        var commandID: Int
        var sentNanoseconds: UInt64
        var isMeasured: Bool
    }

    /// The most commands that may wait for an acknowledgement; older ones count as unanswered.
    private static let maxOutstanding = 64

    let seat: PlayerRole
    /// Deltas within the measured window, and the first and last of them.
    private(set) var deltasInWindow = 0
    private(set) var firstTick: (tick: Int, time: Double)?
    private(set) var lastTick: (tick: Int, time: Double)?
    /// Coordinates in the deltas in which moves count; if every move reaches every client, all clients have the same.
    private(set) var coordinatesSeen = 0
    /// The mirror of a parsed client; `nil` for the others.
    var mirror: WorldMirror?

    private let shard: LoadShard
    private let joined: EventLoopPromise<Void>
    private var phase = Phase.handshake
    private var answer: [UInt8] = []
    private var reader = FrameReader()
    private var writer: FrameWriter
    private var outstanding: [Outstanding] = []
    private var nextCommand: Int
    private var lastCommandID = 0
    private var lastDeltaNanoseconds: UInt64?
    private var latestTick = -1
    private var context: ChannelHandlerContext?
    private var isClosedByUs = false
    private var closeReason = ""

    var isPlaying: Bool { phase == .playing && context != nil }
    /// Commands of the measured window that are not acknowledged.
    var measuredOutstanding: Int { outstanding.count { $0.isMeasured } }

    init(seat: PlayerRole, shard: LoadShard, joined: EventLoopPromise<Void>) {
        self.seat = seat
        self.shard = shard
        self.joined = joined
        writer = FrameWriter(seed: UInt32(truncatingIfNeeded: seat.index &* 2_654_435_761 &+ 1))
        nextCommand = seat.index
        if seat.isSampled { mirror = WorldMirror(ownID: seat.admission.id) }
    }

    // MARK: Channel events

    func channelActive(context: ChannelHandlerContext) {
        self.context = context
        let request =
            switch shard.options.dialect {
            case .perigee:
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
        closeReason = SignClient.reason(error)
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        self.context = nil
        let before = phase
        phase = .closed
        let reason = closeReason.isEmpty ? "the server closed the connection" : closeReason
        switch before {
        case .handshake:
            joined.fail(BenchError.handshakeRefused(login: seat.login, answer: reason))
        case .admitted where !seat.neverReads:
            joined.fail(BenchError.notAdmitted(login: seat.login, reason: reason))
        default:
            if isClosedByUs { return }
            if seat.neverReads {
                shard.tally.stalledClosed += 1
            } else {
                shard.tally.disconnects += 1
                shard.tally.note("disconnected: \(reason)")
            }
        }
    }

    // MARK: Commands of the shard

    /// Sends the player's next command.
    func sendCommand(isMeasured: Bool) {
        guard isPlaying, let context else { return }
        // If the server does not read fast enough, the command is skipped, so that this buffer does not grow.
        guard context.channel.isWritable else {
            if isMeasured { shard.tally.commandsSkipped += 1 }
            return
        }
        let commands = shard.options.commands
        let unixMilliseconds = Int(Date().timeIntervalSince1970 * 1_000)
        lastCommandID = max(lastCommandID + 1, unixMilliseconds)
        let command = commands[nextCommand % commands.count]
        switch shard.options.dialect {
        case .perigee: writer.writeCommand(command, commandID: lastCommandID)
        case .socketIO: writer.writeEvent(command, commandID: lastCommandID)
        }
        nextCommand += 1
        if outstanding.count >= Self.maxOutstanding {
            if outstanding.removeFirst().isMeasured { shard.tally.commandsUnanswered += 1 }
        }
        outstanding.append(
            Outstanding(
                commandID: lastCommandID, sentNanoseconds: NIODeadline.now().uptimeNanoseconds, isMeasured: isMeasured))
        if isMeasured { shard.tally.commandsSent += 1 }
        flush(context)
    }

    /// Begins the measured window of this client.
    func beginWindow() {
        deltasInWindow = 0
        firstTick = nil
    }

    /// Ends the window: the time since the last delta counts as a gap as well.
    func endWindow(now: UInt64) {
        if let last = lastDeltaNanoseconds { shard.tally.gap.record(nanoseconds: Int64(clamping: now - last)) }
    }

    /// Closes the connection; with an empty `reason` this does not count as a lost connection.
    func close(reason: String = "") {
        isClosedByUs = reason.isEmpty
        if closeReason.isEmpty { closeReason = reason }
        guard let context else { return }
        if phase == .playing {
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
            closeReason = reason
            context.close(promise: nil)
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
                    case .perigee: receive(payload, now)
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
            closeReason = "\(error)"
            context.close(promise: nil)
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
        case .event(let values): receive(values, now)
        case .refused(let reason): end(reason, context)
        case .closed: end("the server closed the Socket.IO connection", context)
        case .connected, .other: break
        }
    }

    private func end(_ reason: String, _ context: ChannelHandlerContext) {
        if closeReason.isEmpty { closeReason = reason }
        context.close(promise: nil)
    }

    private func receive(_ payload: UnsafeRawBufferPointer, _ now: UInt64) {
        switch ServerMessage(payload) {
        case .delta(let tick, let time):
            receiveDelta(payload, tick, time, now)
        case .snapshot:
            _ = mirrorEffect(payload)
            lastDeltaNanoseconds = now
            if phase == .admitted {
                phase = .playing
                joined.succeed()
            } else {
                if shard.isMeasuring { shard.tally.resynchronisations += 1 }
            }
        case .refusal(let code, let message, let commandID):
            if phase == .admitted { closeReason = message }
            shard.tally.refusals += 1
            shard.tally.note("refused (\(code)): \(message)")
            outstanding.removeAll { $0.commandID == commandID }
        case .other:
            break
        }
    }

    private func receiveDelta(_ payload: UnsafeRawBufferPointer, _ tick: Int, _ time: Double, _ now: UInt64) {
        if tick <= latestTick { shard.tally.note("a delta's tick was not greater than the one before") }
        latestTick = tick
        let effect = mirrorEffect(payload)
        let counts = ByteScan.counts(payload)
        if tick > shard.countsAfterTick { coordinatesSeen += counts.coordinates }
        if shard.isMeasuring {
            shard.tally.deltas += 1
            shard.tally.changes += counts.records
            deltasInWindow += 1
            if let last = lastDeltaNanoseconds { shard.tally.gap.record(nanoseconds: Int64(clamping: now - last)) }
            if firstTick == nil { firstTick = (tick, time) }
            lastTick = (tick, time)
            if let effect {
                shard.tally.sampledScannedChanges += counts.records
                shard.tally.sampledParsedChanges += effect.records
            }
        }
        lastDeltaNanoseconds = now
        guard !outstanding.isEmpty else { return }
        ServerMessage.acknowledgements(in: payload) { acknowledge($0, tick, effect, now) }
    }

    private func acknowledge(
        _ acknowledgement: ServerMessage.Acknowledgement, _ tick: Int, _ effect: WorldMirror.Effect?, _ now: UInt64
    ) {
        guard let index = outstanding.firstIndex(where: { $0.commandID == acknowledgement.commandID }) else { return }
        let command = outstanding.remove(at: index)
        if tick > shard.countsAfterTick { shard.tally.executedCommands += 1 }
        guard command.isMeasured else { return }
        let roundTrip = Int64(clamping: now - command.sentNanoseconds)
        let wait = Int64(acknowledgement.waitSeconds * 1e9)
        shard.tally.commandsAcknowledged += 1
        shard.tally.roundTrip.record(nanoseconds: roundTrip)
        shard.tally.serverWait.record(nanoseconds: wait)
        shard.tally.roundTripWithoutWait.record(nanoseconds: max(0, roundTrip - wait))
        if let effect {
            shard.tally.sampledAcknowledgements += 1
            if effect.ownMoved { shard.tally.sampledOwnMoves += 1 }
        }
    }

    /// Applies a message to the mirror; returns `nil` for clients without a mirror.
    private func mirrorEffect(_ payload: UnsafeRawBufferPointer) -> WorldMirror.Effect? {
        guard mirror != nil else { return nil }
        guard let object = (try? JSON(parsing: [UInt8](payload)))?.object else {
            shard.tally.note("a message that is not a JSON object")
            return nil
        }
        return mirror?.apply(object)
    }
}
