import NIOCore
import WebRTC

/// One client of an echo server: as soon as an echo has come, it sends the next message in its place. Lives on the loop
/// of all clients only.
final class EchoClient: RTCClientHandler {
    /// A message that is under way.
    private struct Message {
        var number: UInt32
        var sentAt: NIODeadline
    }

    static let stream: UInt16 = 0
    /// The channel: its messages may get lost and come in any order.
    static let terms = ChannelOpen(label: "fast", reliability: .lifetime(milliseconds: 100), isOrdered: false)
    /// A message whose echo has not come within this time is lost.
    static let patience = TimeAmount.seconds(1)

    private let client: RTCClient
    private let load: EchoLoad
    private let opened: EventLoopPromise<Void>
    private var messages: [Message] = []
    private var payload: ByteBuffer
    /// Whether the server has the channel, and the client has not ended.
    private(set) var isOpen = false

    init(_ client: RTCClient, _ load: EchoLoad, _ opened: EventLoopPromise<Void>) {
        (self.client, self.load, self.opened) = (client, load, opened)
        payload = ByteBuffer(repeating: UInt8(ascii: "x"), count: load.options.bytes)
    }

    /// Datagrams of all kinds that were sent or received.
    var datagrams: Int { client.datagramsSent + client.datagramsReceived }

    /// Sends the first messages.
    func start() {
        messages = Array(repeating: Message(number: 0, sentAt: .now()), count: load.options.inFlight)
        for place in messages.indices { send(place) }
    }

    /// Sends the next message of a place.
    ///
    /// | offset | size | meaning |
    /// | --- | --- | --- |
    /// | 0 | 4 | the place, from 0 |
    /// | 4 | 4 | the number of the message among those of its place |
    /// | 8 | | anything |
    private func send(_ place: Int) {
        guard isOpen, load.isSending else { return }
        messages[place].number &+= 1
        messages[place].sentAt = .now()
        payload.setInteger(UInt32(place), at: 0)
        payload.setInteger(messages[place].number, at: 4)
        if load.isMeasuring { load.tally.sent += 1 }
        // What SCTP does not take is lost after a while, as if it were lost on its way.
        _ = client.send(payload, isText: false, on: Self.stream, Self.terms)
    }

    /// Sends other messages in place of those whose echo did not come.
    func replaceLost(_ now: NIODeadline) {
        for place in messages.indices where now - messages[place].sentAt > Self.patience {
            if load.isMeasuring, isOpen { load.tally.lost += 1 }
            send(place)
        }
    }

    func close() {
        isOpen = false
        client.close()
    }

    // MARK: - RTCClientHandler

    func channelOpened(_ stream: UInt16) {
        isOpen = true
        opened.succeed()
    }

    func received(_ message: [UInt8], isText: Bool, on stream: UInt16) {
        guard message.count >= 8 else { return }
        let (place, number) = message.withUnsafeBytes { bytes in
            (
                Int(UInt32(bigEndian: bytes.loadUnaligned(as: UInt32.self))),
                UInt32(bigEndian: bytes.loadUnaligned(fromByteOffset: 4, as: UInt32.self))
            )
        }
        guard messages.indices.contains(place), messages[place].number == number else { return }
        if load.isMeasuring {
            load.tally.roundTrip.record(nanoseconds: (NIODeadline.now() - messages[place].sentAt).nanoseconds)
        }
        send(place)
    }

    func channelClosed(_ stream: UInt16) { lose("the server closed the channel") }

    func ended(_ reason: RTCClientError) { lose("\(reason)") }

    private func lose(_ reason: String) {
        opened.fail(BenchError.notAdmitted(login: "a client", reason: reason))
        guard isOpen else { return }
        isOpen = false
        load.tally.disconnects += 1
        load.tally.incident = reason
    }
}
