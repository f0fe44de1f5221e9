import NIOCore

/// Gives SCTP what is sent to a client: messages that must arrive in their turn, others at once or not at all, and
/// resets of streams. Used on the loop of ``RTCStack`` only.
final class ChannelSender {
    private let sctp: SCTPAssociation
    private let port: RTCPort
    private var outbox = ChannelOutbox()
    private var gate = SendGate()
    /// When the client sent its last packet.
    private var heardAt: NIODeadline
    /// The streams whose reset has to wait for another one.
    private var waitingResets: Set<UInt16> = []

    /// Makes a sender for an association.
    ///
    /// - Parameters:
    ///   - sctp: The association.
    ///   - port: Counts messages.
    init(_ sctp: SCTPAssociation, port: RTCPort) {
        self.sctp = sctp
        self.port = port
        heardAt = port.eventLoop.now
    }

    /// Whether something waits that a tick may send.
    var needsTicks: Bool { !outbox.isEmpty || !waitingResets.isEmpty }

    /// How many bytes wait to be sent.
    var waitingBytes: Int { outbox.bytes + gate.unsentBytes }

    /// Records that a packet has come from the client.
    func noteHeard(_ now: NIODeadline) { heardAt = now }

    /// Records a packet that SCTP sends.
    func noteSent(_ packet: UnsafeBufferPointer<UInt8>) { gate.noteSent(UnsafeRawBufferPointer(packet)) }

    // MARK: - In turn

    /// Adds a message that must arrive; ``feed()`` sends it.
    ///
    /// - Parameters:
    ///   - message: The content of the message.
    ///   - isText: Whether it is UTF-8 text.
    ///   - channel: Its channel.
    /// - Returns: Whether there was room for it.
    func append(_ message: ByteBuffer, isText: Bool, on channel: RTCChannel) -> Bool {
        let (form, bytes) = PayloadProtocol.form(of: message, isText: isText)
        return append(bytes, form, .init(stream: channel.stream, isOrdered: channel.terms.isOrdered))
    }

    /// Adds a message of any form that must arrive.
    ///
    /// - Returns: Whether there was room for it.
    func append(_ message: ByteBuffer, _ form: PayloadProtocol, _ terms: SCTPAssociation.Terms) -> Bool {
        guard outbox.bytes + message.readableBytes <= port.options.maxWaitingBytes else { return false }
        outbox.append(.message(terms, form, message))
        return true
    }

    /// Closes our direction of a stream after what waits.
    func appendReset(_ stream: UInt16) { outbox.append(.reset(stream: stream)) }

    /// Forgets what waits for a stream that the client has closed.
    func forget(_ stream: UInt16) { outbox.remove(stream) }

    /// A message that must arrive can't be sent.
    struct Failure: Error {}

    /// Gives SCTP what waits, as long as it sends it at once: the rest of one message at most is unsent in SCTP, so
    /// that messages that may get lost come in between.
    ///
    /// - Returns: Whether fewer bytes wait now.
    /// - Throws: ``Failure``.
    func feed() throws(Failure) -> Bool {
        guard !outbox.isEmpty else { return false }
        // SCTP may have given up messages that it had not sent.
        if gate.unsentBytes > 0, sctp.inFlight == 0 { gate.noteAllAcknowledged() }
        let before = outbox.bytes
        feeding: while gate.unsentBytes == 0, let item = outbox.first {
            switch item {
            case .reset(let stream): reset(stream)
            case .message(let terms, let form, let message):
                switch give(message, form, terms) {
                case .sent: break
                case .full: break feeding
                case .failed: throw Failure()
                }
            }
            outbox.removeFirst()
        }
        return outbox.bytes < before
    }

    // MARK: - At once

    /// Sends a message if little that was not sent yet is before it, see ``SendGate``.
    ///
    /// - Parameters:
    ///   - message: The content of the message.
    ///   - isText: Whether it is UTF-8 text.
    ///   - channel: Its channel.
    ///   - reliability: How hard it is tried to be delivered.
    ///   - now: The time.
    /// - Returns: Whether it was sent or dropped.
    func sendNow(
        _ message: ByteBuffer, isText: Bool, on channel: RTCChannel, _ reliability: ChannelReliability,
        now: NIODeadline
    ) -> RTCPeer.Sending {
        let (form, bytes) = PayloadProtocol.form(of: message, isText: isText)
        let terms = SCTPAssociation.Terms(
            stream: channel.stream, isOrdered: channel.terms.isOrdered, reliability: reliability)
        let inFlight = sctp.inFlight
        if inFlight == 0 { gate.noteAllAcknowledged() }
        let isSent =
            gate.isOpen(inFlight: inFlight, heardAt: heardAt, now: now) && give(bytes, form, terms) == .sent
        if !isSent { port.counts.messagesDropped += 1 }
        return isSent ? .accepted : .dropped
    }

    private func give(
        _ message: ByteBuffer, _ form: PayloadProtocol, _ terms: SCTPAssociation.Terms
    ) -> SCTPAssociation.Sending {
        // SCTP may send it at once, and ``noteSent(_:)`` then subtracts it.
        let stream = terms.reliability == .reliable ? nil : terms.stream
        gate.noteQueued(message.readableBytes, mayGetLostOn: stream)
        let result = sctp.send(message, form, terms)
        if result == .sent {
            port.counts.messagesSent += 1
        } else {
            gate.noteRefused(message.readableBytes, mayGetLostOn: stream)
        }
        return result
    }

    // MARK: - Resets

    /// Closes our direction of a stream.
    func reset(_ stream: UInt16) { if sctp.reset(stream) == .busy { waitingResets.insert(stream) } }

    /// Asks again for resets that had to wait.
    func resetWaiting() {
        for stream in waitingResets where sctp.reset(stream) != .busy { waitingResets.remove(stream) }
    }
}
