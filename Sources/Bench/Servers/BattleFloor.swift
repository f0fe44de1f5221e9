import NIOCore

/// A bare broadcaster for the battle: the least that any Socket.IO server has to do for the same sockets and packets.
///
/// It has no game and no checks, and knows of Socket.IO only how a client enters. Each `move` becomes a `player_moved`
/// for all; all packets of a tick go out to a client in one write, as the measured server does it.
package final class BattleFloor: Sendable {
    private let listener: FloorListener

    /// The port on which it listens.
    package var port: Int { listener.port }

    /// Starts to listen on a free loopback port; ``stop()`` ends that.
    ///
    /// - Parameter rateHz: How often a second it sends; 1 or more.
    /// - Throws: An error of the system.
    package init(rateHz: Int) async throws {
        listener = try await FloorListener {
            let state = BattleFloorState($0, rateHz: rateHz)
            state.schedule()
            return state
        } makeHandler: {
            BattleFloorConnection(state: $0)
        }
    }

    /// Closes all connections and the listening socket, and ends the thread. Call it once.
    ///
    /// - Throws: An error of the system.
    package func stop() async throws { try await listener.stop() }
}

/// All clients of the broadcaster. It is used on its event loop only.
private final class BattleFloorState {
    private let eventLoop: NIOIsolatedEventLoop
    private let interval: TimeAmount
    private var nextTick = NIODeadline.now()
    private var clients: [Int: BattleFloorConnection] = [:]
    private var nextID = 0
    /// The frames of the moves since the last tick.
    private var frames = ByteBuffer()

    init(_ eventLoop: NIOIsolatedEventLoop, rateHz: Int) {
        self.eventLoop = eventLoop
        interval = .nanoseconds(1_000_000_000 / Int64(rateHz))
    }

    /// Sends in every tick from now on.
    func schedule() {
        nextTick = nextTick + interval
        _ = eventLoop.scheduleTask(deadline: nextTick) {
            self.send()
            self.schedule()
        }
    }

    /// Takes a new client in, and returns its number.
    func add(_ client: BattleFloorConnection) -> Int {
        nextID += 1
        clients[nextID] = client
        return nextID
    }

    func remove(_ id: Int) { clients[id] = nil }

    /// Adds a move: the JSON of its place, without the closing brace.
    func add(move place: ArraySlice<UInt8>, of id: ByteBuffer) {
        var packet = ByteBuffer(string: "42[\"player_moved\",{\"id\":\"")
        packet.writeImmutableBuffer(id)
        packet.writeString("\",\"position\":")
        packet.writeBytes(place)
        packet.writeString(",\"hp\":100}}]")
        FloorFrames.writeHead(packet.readableBytes, to: &frames)
        frames.writeImmutableBuffer(packet)
    }

    private func send() {
        guard frames.readableBytes > 0 else { return }
        for client in clients.values { client.send(frames) }
        // The clients may still hold the bytes, so these are not used again.
        frames = ByteBuffer()
    }
}

/// One client of the broadcaster.
private final class BattleFloorConnection: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// What stands before the place in the packet of a move.
    private static let movePrefix = Array("42[\"move\",".utf8)

    private let state: BattleFloorState
    private var received = ByteBuffer()
    private var context: ChannelHandlerContext?
    private var isOpen = false
    private var number = 0
    /// The socket's id, as long as those of real servers.
    private var id = ByteBuffer()

    init(state: BattleFloorState) { self.state = state }

    func channelActive(context: ChannelHandlerContext) { self.context = context }

    func channelInactive(context: ChannelHandlerContext) {
        self.context = nil
        state.remove(number)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var bytes = unwrapInboundIn(data)
        received.writeBuffer(&bytes)
        if !isOpen {
            guard received.readableBytesView.suffix(4).elementsEqual("\r\n\r\n".utf8) else { return }
            received.clear()
            isOpen = true
            var answer = ByteBuffer(string: FloorFrames.accepted)
            Self.write(
                "0{\"sid\":\"floor\",\"upgrades\":[],\"pingInterval\":25000,\"pingTimeout\":20000,"
                    + "\"maxPayload\":100000}", to: &answer)
            return context.writeAndFlush(wrapOutboundOut(answer), promise: nil)
        }
        while let frame = FloorFrames.read(&received) {
            if frame.opcode == 1 { receive(frame.payload) }
        }
        if received.readableBytes == 0 { received.clear() }
    }

    private func receive(_ packet: [UInt8]) {
        if packet.starts(with: Self.movePrefix) {
            return state.add(move: packet.dropFirst(Self.movePrefix.count).dropLast(2), of: id)
        }
        guard packet.starts(with: "40".utf8), number == 0, let context else { return }
        number = state.add(self)
        let digits = "\(number)"
        id = ByteBuffer(string: String(repeating: "-", count: max(0, 20 - digits.utf8.count)) + digits)
        var answer = ByteBuffer()
        Self.write("40{\"sid\":\"\(String(buffer: id))\"}", to: &answer)
        context.writeAndFlush(wrapOutboundOut(answer), promise: nil)
    }

    func send(_ frames: ByteBuffer) {
        // A client that does not read gets nothing more, so that memory stays bounded.
        guard let context, context.channel.isWritable else { return }
        context.writeAndFlush(wrapOutboundOut(frames), promise: nil)
    }

    private static func write(_ text: String, to buffer: inout ByteBuffer) {
        FloorFrames.writeHead(text.utf8.count, to: &buffer)
        buffer.writeString(text)
    }
}
