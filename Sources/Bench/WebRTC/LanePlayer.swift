import NIOCore
import WebRTC

/// One player over WebRTC: messages of the client protocol on the channel `reliable`, positions on `fast`. Lives on its
/// shard's event loop only.
final class LanePlayer: RTCClientHandler, LoadPlayer {
    private static let reliable: (stream: UInt16, terms: ChannelOpen) = (0, ChannelOpen(label: "reliable"))
    private static let fast: (stream: UInt16, terms: ChannelOpen) = (
        2, ChannelOpen(label: "fast", reliability: .lifetime(milliseconds: 100), isOrdered: false)
    )
    /// The first byte of a part of a long message that no further one follows.
    private static let lastPart: UInt8 = 2

    let feed: PlayerFeed
    private let client: RTCClient
    private let joined: EventLoopPromise<Void>
    /// The player's entry in positions begins so: `[24,`.
    private let ownEntry: [UInt8]
    private var parts: [UInt8] = []
    private var isConnected = true

    init(_ client: RTCClient, seat: PlayerRole, shard: LoadShard, joined: EventLoopPromise<Void>) {
        (self.client, self.joined) = (client, joined)
        feed = PlayerFeed(seat: seat, shard: shard) { joined.succeed() }
        ownEntry = Array("[\(seat.admission.id),".utf8)
    }

    var isPlaying: Bool { feed.isPlaying && isConnected }

    /// Opens both channels of a client that is connected.
    static func openChannels(of client: RTCClient) {
        client.open(reliable.stream, reliable.terms)
        client.open(fast.stream, fast.terms)
    }

    func sendCommand(isMeasured: Bool) {
        guard isPlaying else { return }
        let command = feed.nextCommand()
        let now = NIODeadline.now().uptimeNanoseconds
        let text = "{\"action\":\"\(command.action)\",\"command_id\":\(command.id)}"
        if client.send(ByteBuffer(string: text), isText: true, on: Self.reliable.stream, Self.reliable.terms) {
            feed.noteSent(command.id, isMeasured: isMeasured, now: now)
        } else if isMeasured {
            feed.shard.tally.commandsSkipped += 1
        }
    }

    func close(reason: String) {
        if !reason.isEmpty { return lose(reason) }
        isConnected = false
        client.close()
    }

    // MARK: - RTCClientHandler

    func channelOpened(_ stream: UInt16) {}

    func received(_ message: [UInt8], isText: Bool, on stream: UInt16) {
        let (shard, now) = (feed.shard, NIODeadline.now().uptimeNanoseconds)
        if shard.isMeasuring { shard.tally.bytes += message.count }
        guard stream != Self.fast.stream else {
            return message.withUnsafeBytes { feed.receivePositions($0, ownEntry: ownEntry) }
        }
        guard !isText else { return message.withUnsafeBytes { receive($0, now) } }
        parts += message.dropFirst()
        guard message.first == Self.lastPart else { return }
        let whole = parts
        parts = []
        whole.withUnsafeBytes { receive($0, now) }
    }

    private func receive(_ message: UnsafeRawBufferPointer, _ now: UInt64) {
        if ByteScan.has("{\"action\":\"close\"", in: message) { feed.noteEnd(String(decoding: message, as: UTF8.self)) }
        feed.receive(message, now)
    }

    func channelClosed(_ stream: UInt16) { lose("the server closed a channel") }

    func ended(_ reason: RTCClientError) { lose("\(reason)") }

    private func lose(_ reason: String) {
        guard isConnected else { return }
        isConnected = false
        client.close()
        feed.noteEnd(reason)
        guard feed.isPlaying else {
            return joined.fail(BenchError.notAdmitted(login: feed.seat.login, reason: feed.closeReason))
        }
        feed.noteLost(feed.closeReason)
    }
}

extension LoadShard {
    /// Connects a player over WebRTC and waits for its first snapshot. Any thread.
    func joinLanes(_ seat: PlayerRole) async throws {
        let joined = eventLoop.makePromise(of: Void.self)
        let client: RTCClient
        do {
            client = try await RTCClient.make { client in
                let player = LanePlayer(client, seat: seat, shard: self, joined: joined)
                self.add(player)
                return player
            }
        } catch {
            joined.fail(error)
            throw BenchError.notAdmitted(login: seat.login, reason: SignClient.reason(error))
        }
        do {
            let door = OfferDoor(http: SignClient(to: options.port, on: eventLoop))
            let query = WebSocketHandshake.query(playerID: seat.admission.id, token: seat.admission.token)
            try await door.connect(client, login: seat.login, query: query)
        } catch {
            joined.fail(error)
            throw error
        }
        eventLoop.execute { LanePlayer.openChannels(of: client) }
        let late = eventLoop.scheduleTask(in: Self.admissionTimeout) {
            joined.fail(BenchError.notAdmitted(login: seat.login, reason: "nothing came within 20 s"))
        }
        defer { late.cancel() }
        try await joined.futureResult.get()
    }
}
