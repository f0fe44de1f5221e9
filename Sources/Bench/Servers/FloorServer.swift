import NIOCore

/// A bare broadcaster: the least that any server has to do for the same sockets, messages and rates.
///
/// It has no game, no login and no checks. Each client that sends a command counts as moved; in each tick every client
/// gets one message with a record of fixed size for each player that moved and is in its view.
package final class FloorServer: Sendable {
    /// What the broadcaster sends.
    package struct Options: Sendable, Equatable {
        /// The size of one player's record, in bytes.
        package var recordBytes = 64
        /// Messages a second for each client.
        package var rateHz = BenchGame.tickRateHz
        /// The players' places, if each sees only those nearby; else all see all.
        package var grid: PlayerGrid?
        /// How far each sees, in tiles.
        package var viewDistance = 0

        /// Makes the default options.
        package init() {}

        /// Makes the records so large that all messages together have as many bytes as those of a measured server.
        ///
        /// - Parameter report: The measured server.
        package init(asMuchAs report: PlayersBenchmark.Report) {
            // What this server adds to the records of a message, and for an acknowledgement.
            let around = 60 * (report.deltas + report.commandsAcknowledged)
            guard report.changes > 0 else { return }
            recordBytes = min(max((report.bytes - around) / report.changes, 24), 65_536)
        }

        /// These options as arguments of `perigee bench floor`.
        var arguments: [String] {
            var words = ["--record-bytes", "\(recordBytes)", "--rate", "\(rateHz)"]
            if let grid {
                words += [
                    "--players", "\(grid.count)", "--spacing", "\(grid.spacing)", "--view-distance", "\(viewDistance)",
                ]
            }
            return words
        }
    }

    private let listener: FloorListener

    /// The port on which it listens.
    package var port: Int { listener.port }

    /// Starts to listen on a free loopback port; ``stop()`` ends that.
    ///
    /// - Parameter options: What to send.
    /// - Throws: An error of the system.
    package init(_ options: Options) async throws {
        listener = try await FloorListener {
            let state = FloorState($0, options)
            state.start()
            return state
        } makeHandler: {
            FloorConnection(state: $0)
        }
    }

    /// Closes all connections and the listening socket, and ends the thread. Call it once.
    ///
    /// - Throws: An error of the system.
    package func stop() async throws { try await listener.stop() }
}

/// All clients of the broadcaster. It is used on its event loop only.
private final class FloorState {
    private let eventLoop: NIOIsolatedEventLoop
    private let options: FloorServer.Options
    private let near: [[Int]]
    private var clients: [FloorConnection] = []
    private var begin = NIODeadline.now()
    private var tick = 0

    init(_ eventLoop: NIOIsolatedEventLoop, _ options: FloorServer.Options) {
        (self.eventLoop, self.options) = (eventLoop, options)
        near =
            options.grid.map { grid in
                (0..<grid.count).map { grid.near($0, within: options.viewDistance) }
            } ?? []
    }

    func start() {
        begin = .now()
        schedule()
    }

    /// Returns the number of a new client.
    func add(_ client: FloorConnection) -> Int {
        clients.append(client)
        return clients.count - 1
    }

    private func schedule() {
        tick += 1
        let due = begin + .nanoseconds(Int64(tick) * 1_000_000_000 / Int64(options.rateHz))
        _ = eventLoop.scheduleTask(deadline: due) {
            self.broadcast()
            self.schedule()
        }
    }

    private func broadcast() {
        let head = "{\"tick\":\(tick),\"time\":\(Double(NIODeadline.now().uptimeNanoseconds) / 1e9),\"players\":["
        let moved = clients.indices.filter { clients[$0].hasMoved }
        guard !moved.isEmpty else { return }
        if options.grid == nil {
            var body = ByteBuffer(string: head)
            for index in moved { clients[index].writeRecord(options.recordBytes, to: &body) }
            body.moveWriterIndex(to: body.writerIndex - 1)
            body.writeString("]")
            var whole = FloorFrames.head(body.readableBytes + 1)
            whole.writeImmutableBuffer(body)
            whole.writeString("}")
            for client in clients { client.send(whole, body) }
        } else {
            for (index, client) in clients.enumerated() {
                var body = ByteBuffer(string: head)
                let empty = body.writerIndex
                for other in near[min(index, near.count - 1)] where other < clients.count && clients[other].hasMoved {
                    clients[other].writeRecord(options.recordBytes, to: &body)
                }
                guard body.writerIndex > empty else { continue }
                body.moveWriterIndex(to: body.writerIndex - 1)
                body.writeString("]")
                client.send(nil, body)
            }
        }
        for index in moved { clients[index].hasMoved = false }
    }
}

/// One client of the broadcaster.
private final class FloorConnection: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    var hasMoved = false
    /// The other clients, until the handshake is done and this client is one of them: no reference cycle remains.
    private var newcomerTo: FloorState?
    private var index = 0
    private var x = 0
    private var commandID = 0
    private var received = ByteBuffer()
    private var context: ChannelHandlerContext?

    init(state: FloorState) { newcomerTo = state }

    func channelInactive(context: ChannelHandlerContext) { self.context = nil }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var bytes = unwrapInboundIn(data)
        received.writeBuffer(&bytes)
        if let newcomerTo { return open(context, newcomerTo) }
        while readFrame() {}
        if received.readableBytes == 0 { received.clear() }
    }

    private func open(_ context: ChannelHandlerContext, _ state: FloorState) {
        guard received.readableBytesView.suffix(4).elementsEqual("\r\n\r\n".utf8) else { return }
        received.clear()
        newcomerTo = nil
        self.context = context
        index = state.add(self)
        var answer = ByteBuffer(string: FloorFrames.accepted)
        let snapshot = "{\"action\":\"load/index\",\"players\":[]}"
        answer.writeImmutableBuffer(FloorFrames.head(snapshot.utf8.count))
        answer.writeString(snapshot)
        context.writeAndFlush(wrapOutboundOut(answer), promise: nil)
    }

    /// Reads a frame with a command.
    private func readFrame() -> Bool {
        guard let frame = FloorFrames.read(&received) else { return false }
        guard frame.opcode == 1 else { return true }
        commandID = 0
        // The command's number is the last member: its digits stand before the closing brace.
        var scale = 1
        for byte in frame.payload.dropLast().reversed() {
            guard byte >= 0x30, byte <= 0x39 else { break }
            commandID += Int(byte - 0x30) * scale
            scale *= 10
        }
        x += 1
        hasMoved = true
        return true
    }

    func writeRecord(_ size: Int, to body: inout ByteBuffer) {
        let start = body.writerIndex
        body.writeString("{\"id\":\(index + 1),\"x\":\(x),\"pad\":\"")
        let padding = size - (body.writerIndex - start) - 3
        if padding > 0 { body.writeRepeatingByte(0x2E, count: padding) }
        body.writeString("\"},")
    }

    /// Sends a delta, with an acknowledgement when the client's own command is in it.
    ///
    /// - Parameters:
    ///   - whole: The frame for clients without a command, if there is one for all.
    ///   - body: The message without its closing brace.
    func send(_ whole: ByteBuffer?, _ body: ByteBuffer) {
        // A client that does not read gets nothing more, so that memory stays bounded.
        guard let context, context.channel.isWritable else { return }
        if let whole, !hasMoved { return context.writeAndFlush(wrapOutboundOut(whole), promise: nil) }
        let tail =
            hasMoved ? ",\"commands\":{\"move\":{\"command_id\":\(commandID),\"wait_time\":0}}}" : "}"
        let head = FloorFrames.head(body.readableBytes + tail.utf8.count)
        context.write(wrapOutboundOut(head), promise: nil)
        context.write(wrapOutboundOut(body), promise: nil)
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: tail)), promise: nil)
    }
}
