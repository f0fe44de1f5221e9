package import NIOCore
import NIOPosix
import Transport

/// A UDP port over which all WebRTC clients are served, as an ICE-lite agent (RFC 8445): it answers offers, and brings
/// datagrams to their peers. It also tells their address to clients that ask for it as of a STUN server.
///
/// ```swift
/// let port = try await RTCPort.open(host: "0.0.0.0", port: 5000, options: options)
/// let answer = try await port.answer(SDPOffer(text)) { peer in EchoPeer(peer) }.get()
/// ```
///
/// `@unchecked Sendable`: all `var` are used on ``eventLoop`` only. `DatagramHandler`, the peers and the scheduled
/// callback run there; ``answer(_:source:makeHandler:)``, ``readCounts()``, ``stop()`` and ``close()``, which other
/// threads may call, submit their work to it. Everything else is `let` and `Sendable`.
package final class RTCPort: NIOScheduledCallbackHandler, @unchecked Sendable {
    /// How often the time limits of peers are looked at.
    private static let lookInterval = TimeAmount.milliseconds(100)

    /// The loop of all peers; the same for all ports of the process.
    package let eventLoop: any EventLoop
    /// Where clients reach the port, best first.
    package let candidates: [RTCCandidate]
    let options: RTCOptions
    let identity: DTLSIdentity
    private let socket: DatagramSocket
    private let channel: any Channel
    private var table: PeerTable
    private var claims = AddressClaims()
    private var addressAnswers = AddressAnswers()
    private var peers: [UInt32: RTCPeer] = [:]
    private var generator = SystemRandomNumberGenerator()
    private var isLooking = false
    private var isStopping = false
    /// Completes when no peer is left; `nil` before the port stops.
    private var emptied: EventLoopPromise<Void>?
    var counts = RTCCounts()

    private init(
        _ channel: any Channel, _ socket: DatagramSocket, identity: DTLSIdentity, candidates: [RTCCandidate],
        options: RTCOptions
    ) {
        self.identity = identity
        self.channel = channel
        self.socket = socket
        self.candidates = candidates
        self.options = options
        eventLoop = channel.eventLoop
        table = PeerTable(times: options.times)
    }

    /// The time on a clock that stands still while the server is paused.
    private var now: NIODeadline { eventLoop.now - options.pausedTime() }

    // MARK: - Opening and closing

    /// Opens a port; any thread may call it.
    ///
    /// - Parameters:
    ///   - host: The address to listen on.
    ///   - port: The port; 0 for a free one.
    ///   - options: The limits, and what clients are told.
    /// - Returns: The port, which serves until ``close()``.
    /// - Throws: ``ListeningError`` when the server can't listen on the address, ``RTCAddressError``, and
    ///   ``DTLSIdentity/Failure``.
    package static func open(host: String, port: Int, options: RTCOptions) async throws -> RTCPort {
        let loop = RTCStack.shared.eventLoop
        var descriptor: Int32 = -1
        let socket: DatagramSocket
        do {
            socket = try DatagramSocket(.makeAddressResolvingHost(host, port: port)) { descriptor = $0 }
        } catch {
            throw ListeningError(error, host: host, port: port)
        }
        let channel = try await DatagramBootstrap(group: loop)
            .channelOption(.autoRead, value: false)
            .channelOption(.datagramVectorReadMessageCount, value: 32)
            .channelOption(.recvAllocator, value: FixedSizeRecvByteBufferAllocator(capacity: 32 * 2048))
            .withBoundSocket(descriptor).get()
        do {
            let candidates = try RTCAddressError.candidates(options.publicAddresses, listening: channel.localAddress)
            let opened = RTCPort(
                channel, socket, identity: try DTLSIdentity(), candidates: candidates, options: options)
            try await loop.submit {
                try channel.pipeline.syncOperations.addHandler(DatagramHandler(opened))
                try channel.syncOptions?.setOption(.autoRead, value: true)
            }.get()
            return opened
        } catch {
            try? await channel.close().get()
            throw error
        }
    }

    /// The UDP port on which it listens; any thread may read it.
    package var localPort: Int { channel.localAddress?.port ?? 0 }

    /// Tells all peers that the server stops, and takes no further ones; any thread may call it.
    ///
    /// - Returns: Completes when the last peer has ended. How long that takes is up to what serves the peers.
    @discardableResult package func stop() -> EventLoopFuture<Void> {
        eventLoop.flatSubmit {
            let emptied = self.emptied ?? self.eventLoop.makePromise()
            self.emptied = emptied
            self.isStopping = true
            for peer in Array(self.peers.values) { peer.serverStops() }
            self.noteEmpty()
            return emptied.futureResult
        }
    }

    private func noteEmpty() { if peers.isEmpty { emptied?.succeed() } }

    /// Ends all peers, and closes the port; any thread may call it.
    ///
    /// - Returns: Completes when the port is closed.
    @discardableResult package func close() -> EventLoopFuture<Void> {
        eventLoop.flatSubmit {
            self.isStopping = true
            for peer in Array(self.peers.values) { peer.close() }
            return self.channel.close()
        }
    }

    /// What was counted so far; any thread may call it.
    package func readCounts() -> EventLoopFuture<RTCCounts> {
        eventLoop.submit {
            var counts = self.counts
            counts.peers = self.peers.count
            return counts
        }
    }

    // MARK: - Peers

    /// Answers an offer, and waits for its client; any thread may call it.
    ///
    /// - Parameters:
    ///   - offer: The client's offer.
    ///   - source: Where the offer comes from, such as an IP address. The peers of one source that are not open are
    ///     limited; those without a source only together with all others.
    ///   - makeHandler: Makes what serves the client; called once if there is room for it, on ``eventLoop``, before the
    ///     future completes. When it throws, the offer is not answered.
    /// - Returns: The answer as SDP; fails with ``RTCRefusal``, or with what `makeHandler` has thrown.
    package func answer(
        _ offer: SDPOffer, source: String? = nil,
        makeHandler: @escaping @Sendable (RTCPeer) throws -> any RTCPeerHandler
    ) -> EventLoopFuture<String> {
        eventLoop.submit { try self.add(offer, source, makeHandler) }
    }

    private func add(
        _ offer: SDPOffer, _ source: String?, _ makeHandler: (RTCPeer) throws -> any RTCPeerHandler
    ) throws -> String {
        if let refusal = obstacle(source) {
            counts.refusedOffers += 1
            throw refusal
        }
        guard let peer = RTCStack.shared.add({ RTCPeer(id: $0, port: self, offer: offer) }) else {
            throw RTCRefusal.full
        }
        do {
            peer.serve(try makeHandler(peer))
        } catch {
            RTCStack.shared.remove(peer.id)
            throw error
        }
        peers[peer.id] = peer
        let credentials = table.add(peer.id, clientUfrag: offer.ufrag, source: source, now: now, using: &generator)
        startLooking()
        return SDPAnswer(
            offer: offer, id: peer.id, credentials: credentials, fingerprint: identity.fingerprint,
            candidates: candidates, sctpPort: SCTPAssociation.ownPort(of: peer.id),
            maxMessageBytes: options.maxMessageBytes
        ).text
    }

    private func obstacle(_ source: String?) -> RTCRefusal? {
        if isStopping { return .stopping }
        if let source, table.halfOpenCount(of: source) >= options.maxHalfOpenPeersOfSource { return .tooManyOffers }
        if table.halfOpenCount >= options.maxHalfOpenPeers || peers.count >= options.maxPeers { endUnchecked() }
        if peers.count >= options.maxPeers { return .full }
        return table.halfOpenCount >= options.maxHalfOpenPeers ? .tooManyOffers : nil
    }

    /// Ends the peer that has waited longest for a first check. Its client may be late, or may never come.
    private func endUnchecked() {
        if let id = table.oldestUnchecked(now: now) { peers[id]?.end(.notOpened) }
    }

    /// A peer has opened a channel.
    func noteOpen(_ id: UInt32) { if table.noteOpen(id) { counts.openedPeers += 1 } }

    /// A peer has ended.
    func remove(_ peer: RTCPeer) {
        guard peers.removeValue(forKey: peer.id) != nil else { return }
        table.remove(peer.id)
        claims.remove(peer.id)
        RTCStack.shared.remove(peer.id)
        counts.endedPeers += 1
        noteEmpty()
    }

    private func startLooking() {
        guard !isLooking else { return }
        isLooking = true
        _ = try? eventLoop.scheduleCallback(in: Self.lookInterval, handler: self)
    }

    /// Ends the peers whose time is over; the event loop calls it.
    package func handleScheduledCallback(eventLoop: some EventLoop) {
        isLooking = false
        for (id, why) in table.expired(now: now) { peers[id]?.end(why == .notOpened ? .notOpened : .consentLost) }
        for check in claims.dueChecks(now: now) { send(check.datagram, to: check.target) }
        if !peers.isEmpty { startLooking() }
    }

    // MARK: - Datagrams

    /// Takes a datagram.
    func receive(_ datagram: ByteBuffer, from source: SocketAddress) {
        guard let address = PeerAddress(source),
            let first = datagram.getInteger(at: datagram.readerIndex, as: UInt8.self)
        else { return counts.droppedDatagrams += 1 }
        // The first byte tells the protocol (RFC 7983).
        switch first {
        case 0...3: receiveSTUN(datagram, from: source, address)
        case 20...63:
            if let id = table.peer(at: address), let peer = peers[id] {
                if peer.receive(datagram, now: eventLoop.now) { table.noteHeard(id, now: now) }
            } else if let id = claims.peer(at: address, received: datagram.readableBytes), let peer = peers[id] {
                _ = peer.receive(datagram, now: eventLoop.now)
            } else {
                fallthrough
            }
        default: counts.droppedDatagrams += 1
        }
    }

    private func receiveSTUN(_ datagram: ByteBuffer, from source: SocketAddress, _ address: PeerAddress) {
        guard let message = try? STUNMessage(datagram) else { return counts.droppedDatagrams += 1 }
        if message.kind == STUNMessage.Kind.bindingSuccess { return receiveProof(message, from: address) }
        switch table.judge(message, from: address, now: now) {
        case .drop: counts.droppedDatagrams += 1
        case .tellAddress:
            guard addressAnswers.allow(address, now: now) else { return counts.droppedDatagrams += 1 }
            counts.toldAddresses += 1
            send(STUNAnswer.success(to: message, from: address, password: nil), to: source)
        case .refuse(let code, let password):
            counts.refusedChecks += 1
            let answer = STUNAnswer.error(to: message, code: code, password: password)
            // The source may be forged, so it gets no more bytes than it has sent, if it has sent any.
            guard password != nil || answer.readableBytes <= datagram.readableBytes else { return }
            send(answer, to: source)
        case .accept(let id, let password, let moved, let wantsToMove):
            counts.acceptedChecks += 1
            if moved, let peer = peers[id] {
                if peer.remoteAddress != nil { counts.moves += 1 }
                peer.move(to: source)
            }
            let answer = STUNAnswer.success(to: message, from: address, password: password)
            send(answer, to: source)
            guard wantsToMove, let peer = peers[id] else { return }
            let bytes = (datagram.readableBytes, answer.readableBytes)
            claims.note(id, at: address, nominates: message.nominates, bytes: bytes, now: now) {
                let check = STUNRequest.check(
                    username: table.checkUsername(of: id) ?? "", password: peer.icePassword, using: &generator)
                return (.init(datagram: check, target: source), peer.icePassword)
            }
            if let check = claims.dueCheck(id, now: now) { send(check.datagram, to: check.target) }
        }
    }

    /// An address has answered a check of the server, so its peer moves there.
    private func receiveProof(_ message: STUNMessage, from address: PeerAddress) {
        guard let (id, target) = claims.take(message, from: address), table.move(id, to: address, now: now) else {
            return counts.droppedDatagrams += 1
        }
        counts.moves += 1
        peers[id]?.move(to: target)
    }

    private func send(_ datagram: ByteBuffer, to address: SocketAddress) {
        datagram.withUnsafeReadableBytes { send($0, to: address) }
    }

    /// Sends a datagram, if the system takes it.
    func send(_ datagram: UnsafeRawBufferPointer, to address: SocketAddress) {
        if !socket.send(datagram, to: address) { counts.unsentDatagrams += 1 }
    }
}
