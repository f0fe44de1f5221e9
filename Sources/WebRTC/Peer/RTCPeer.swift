import CWebRTC
package import NIOCore

/// One client: its DTLS connection, its SCTP association, and its channels. Used on its event loop only.
package final class RTCPeer: RTCStack.Member {
    private enum Phase {
        /// DTLS or SCTP is being agreed.
        case connecting
        case open
        case ended
    }

    /// How long the server waits for the client's first packet of SCTP, which may have to come again on a bad line.
    private static let patience = TimeAmount.seconds(2)

    package let id: UInt32
    package let eventLoop: any EventLoop
    /// The largest message that can be sent to the client, in bytes.
    package let maxSendBytes: Int
    private let port: RTCPort
    private let dtls: DTLSLink
    private let sctpPort: UInt16
    /// The client's password of ICE.
    let icePassword: String
    private var sctp: SCTPAssociation?
    private var sender: ChannelSender?
    private var phase = Phase.connecting
    private var handler: (any RTCPeerHandler)?
    private var address: SocketAddress?
    private var channels: ChannelTable
    private var inbox: MessageInbox
    /// Whether the datagram that is being taken has an authentic packet of SCTP.
    private var hasPacketArrived = false
    /// When the server begins SCTP by itself, if the client has not; `nil` until DTLS is agreed.
    private var begins: NIODeadline?
    private var isReading = true
    private var isTaking = false

    init(id: UInt32, port: RTCPort, offer: SDPOffer) {
        self.id = id
        self.port = port
        dtls = DTLSLink(peer: id, identity: port.identity, fingerprints: offer.fingerprints)
        eventLoop = port.eventLoop
        sctpPort = offer.sctpPort
        icePassword = offer.password
        // A message has to fit into SCTP's buffer, whatever the client takes.
        maxSendBytes = min(offer.maxMessageBytes, port.options.bufferBytes / 2)
        channels = ChannelTable(streamCount: port.options.streamCount)
        inbox = MessageInbox(limit: port.options.maxMessageBytes)
    }

    /// Sets what is told of the channels; it is kept until the peer ends.
    func serve(_ handler: any RTCPeerHandler) { self.handler = handler }

    /// The address from which the client sends; `nil` before its first check.
    package var remoteAddress: SocketAddress? { address }

    /// The channels that are open.
    package var openChannels: [RTCChannel] { channels.open }

    /// How many bytes wait to be sent.
    package var waitingBytes: Int { sender?.waitingBytes ?? 0 }

    // MARK: - Datagrams

    /// The client has an address, or another one.
    func move(to address: SocketAddress) { self.address = address }

    /// Takes a datagram of DTLS from the client's address, which may be forged.
    ///
    /// - Returns: Whether it has a packet that only the client can have encrypted.
    func receive(_ datagram: ByteBuffer, now: NIODeadline) -> Bool {
        hasPacketArrived = false
        take(datagram, now: now)
        return hasPacketArrived
    }

    func packetArrived(_ packet: UnsafeBufferPointer<UInt8>) {
        hasPacketArrived = true
        if sctp == nil { associate(at: SCTPAssociation.ownPort(of: id, first: packet)) }
    }

    /// Begins SCTP. Both ends do; the server does so when it knows at which port the client meets it.
    private func associate(at ownPort: UInt16) {
        let options = port.options
        sctp = SCTPAssociation(
            peer: id, ownPort: ownPort, port: sctpPort, streamCount: options.streamCount,
            bufferBytes: options.bufferBytes)
        sender = sctp.map { ChannelSender($0, port: port) }
    }

    private func take(_ datagram: ByteBuffer, now: NIODeadline) {
        guard phase != .ended else { return }
        // The handshake may have to send something again.
        if sctp == nil { RTCStack.shared.wake(id) }
        var state = dtls.receive(datagram)
        if state == RTC_DTLS_OPENED {
            begins = now + Self.patience
            state = dtls.receive(nil)
        }
        if hasPacketArrived {
            guard sctp != nil else { return end(.sctpFailed) }
            sender?.noteHeard(now)
            handler?.heard()
        }
        take()
        switch state {
        case RTC_DTLS_CLOSED: return end(.clientClosed)
        case RTC_DTLS_FAILED: return end(.dtlsFailed)
        case RTC_DTLS_WRONG_IDENTITY: return end(.wrongFingerprint)
        default: feed()
        }
    }

    func transmit(_ datagram: UnsafeBufferPointer<UInt8>) {
        if let address { port.send(UnsafeRawBufferPointer(datagram), to: address) }
    }

    func encrypt(_ packet: UnsafeBufferPointer<UInt8>) {
        sender?.noteSent(packet)
        dtls.send(packet)
    }

    func timePassed(now: NIODeadline) -> Bool {
        guard let sender else {
            if dtls.hasBegun, !dtls.retransmit() { end(.dtlsFailed) }
            if let begins, now > begins {
                associate(at: SCTPAssociation.ownPort(of: id))
                if sctp == nil { end(.sctpFailed) }
            }
            return dtls.hasBegun
        }
        sender.resetWaiting()
        // Timers may have ended the association.
        take()
        feed()
        return sender.needsTicks
    }

    // MARK: - Receiving

    /// Starts or stops to take what the client sends. Meanwhile SCTP keeps at most its buffer, and the client waits;
    /// the opening and closing of channels waits too.
    ///
    /// - Parameter isOn: Whether to start.
    package func setReading(_ isOn: Bool) {
        isReading = isOn
        take()
    }

    private func take() {
        // The handler may call this again from within.
        guard !isTaking else { return }
        isTaking = true
        defer { isTaking = false }
        let buffer = RTCStack.shared.buffer
        while isReading, phase != .ended, let sctp {
            let event = sctp.next(into: buffer)
            switch event.kind {
            case RTC_SCTP_OPENED: phase = .open
            case RTC_SCTP_ENDED: return end(.clientClosed)
            case RTC_SCTP_MESSAGE: take(event, UnsafeBufferPointer(rebasing: buffer.prefix(event.length)))
            case RTC_SCTP_ABANDONED: inbox.abandon()
            case RTC_SCTP_STREAMS_RESET:
                let bytes = UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(buffer).prefix(event.length))
                clientClosed(Array(bytes.bindMemory(to: UInt16.self)))
            default: return
            }
        }
    }

    private func take(_ event: rtc_sctp_event, _ bytes: UnsafeBufferPointer<UInt8>) {
        do throws(MessageInbox.TooLong) {
            guard let message = try inbox.take(bytes, isLast: event.is_complete) else { return }
            switch PayloadProtocol(rawValue: event.protocol) {
            case .establishment: establish(event.stream, ByteBuffer(bytes: message))
            case .text: pass(message, isText: true, event.stream)
            case .binary: pass(message, isText: false, event.stream)
            case .emptyText: pass([], isText: true, event.stream)
            case .emptyBinary: pass([], isText: false, event.stream)
            case nil: port.counts.strayMessages += 1
            }
        } catch {
            end(.messageTooLong(limit: port.options.maxMessageBytes))
        }
    }

    private func pass(_ message: [UInt8], isText: Bool, _ stream: UInt16) {
        guard let channel = channels[stream] else { return port.counts.strayMessages += 1 }
        port.counts.messagesReceived += 1
        handler?.received(message, isText: isText, on: channel)
    }

    // MARK: - Channels

    private func establish(_ stream: UInt16, _ message: ByteBuffer) {
        // The server opens no channels, so an acknowledgement means nothing.
        guard message.getInteger(at: 0, as: UInt8.self) != ChannelOpen.acknowledgement else { return }
        guard let terms = try? ChannelOpen(parsing: message), let channel = channels.open(stream, terms) else {
            port.counts.refusedChannels += 1
            // RFC 8832, section 6: a second opening closes the channel, too.
            return channels[stream] == nil ? reset(stream) : closeChannel(stream)
        }
        _ = sender?.append(
            ByteBuffer(bytes: [ChannelOpen.acknowledgement]), .establishment, .init(stream: stream))
        feed()
        port.noteOpen(id)
        handler?.channelOpened(channel)
    }

    private func clientClosed(_ streams: [UInt16]) {
        // An empty list means all streams (RFC 6525, section 4.1).
        for stream in streams.isEmpty ? channels.open.map(\.stream) : streams where phase != .ended {
            switch channels.clientClosed(stream) {
            case .answer(let channel):
                sender?.forget(stream)
                reset(stream)
                handler?.channelClosed(channel)
            case .done(let channel): handler?.channelClosed(channel)
            case .unknown: break
            }
        }
    }

    /// Closes a channel after everything that was sent on it; ``RTCPeerHandler/channelClosed(_:)`` tells when the
    /// client has closed it too.
    ///
    /// - Parameter stream: The channel's stream.
    package func closeChannel(_ stream: UInt16) {
        guard channels.beginClosing(stream) else { return }
        sender?.appendReset(stream)
        feed()
    }

    // MARK: - Sending

    /// Sends a message as the client wants it for the channel. One that must arrive waits its turn; one that may get
    /// lost is dropped when it would have to wait.
    ///
    /// - Parameters:
    ///   - message: The content of the message.
    ///   - isText: Whether it is UTF-8 text.
    ///   - stream: The channel's stream.
    /// - Returns: What becomes of the message.
    package func send(_ message: ByteBuffer, isText: Bool, on stream: UInt16) -> Sending {
        guard phase == .open, let sender, let channel = channels[stream], message.readableBytes <= maxSendBytes else {
            return .refused
        }
        guard channel.isReliable else {
            return sender.sendNow(message, isText: isText, on: channel, channel.terms.reliability, now: eventLoop.now)
        }
        guard sender.append(message, isText: isText, on: channel) else { return .refused }
        feed()
        return phase == .ended ? .refused : .accepted
    }

    /// Sends a message that is worth nothing when it is late: it fits into one packet, and is dropped if it can't be
    /// sent at once or has not arrived after 100 ms.
    ///
    /// - Parameters:
    ///   - message: The content of the message; at most ``RTCOptions/maxDatagramBytes`` bytes.
    ///   - isText: Whether it is UTF-8 text.
    ///   - stream: The channel's stream.
    /// - Returns: What becomes of the message.
    package func sendDatagram(_ message: ByteBuffer, isText: Bool, on stream: UInt16) -> Sending {
        guard phase == .open, let sender, let channel = channels[stream],
            message.readableBytes <= min(maxSendBytes, RTCOptions.maxDatagramBytes)
        else { return .refused }
        return sender.sendNow(message, isText: isText, on: channel, Self.datagramLifetime, now: eventLoop.now)
    }

    private func reset(_ stream: UInt16) {
        sender?.reset(stream)
        wakeIfNeeded()
    }

    /// Asks for ticks as long as something waits.
    private func wakeIfNeeded() { if sender?.needsTicks == true { RTCStack.shared.wake(id) } }

    private func feed() {
        guard phase == .open, let sender else { return }
        defer { wakeIfNeeded() }
        do throws(ChannelSender.Failure) {
            if try sender.feed() { handler?.waitingFell() }
        } catch {
            end(.sctpFailed)
        }
    }

    /// Sends something that the client answers, so that it is heard.
    package func ping() { sctp?.ping() }

    // MARK: - Ending

    /// Ends the peer at once, and tells the client so.
    package func close() { end(.serverClosed) }

    /// Tells the handler that the server stops.
    func serverStops() { handler?.serverStops() }

    /// Ends the peer.
    ///
    /// Only code that C has not called may call it, because it frees what C uses.
    func end(_ reason: RTCEnd) {
        guard phase != .ended else { return }
        phase = .ended
        sctp?.abort()
        (sctp, sender) = (nil, nil)
        dtls.close()
        port.remove(self)
        let handler = handler
        self.handler = nil
        handler?.ended(reason)
    }
}
