import JSONValues
import NIOCore
import Wire

/// One client of a Socket.IO server (protocol 5): reads its packets and keeps its sockets, one for each namespace.
///
/// A packet that breaks the protocol, or that belongs to no socket of the client, closes the connection. Used on the
/// connection's event loop only.
package final class SocketClient: ClientSession {
    let connection: any PacketConnection
    let options: SocketOptions
    private let server: any SocketServer
    private let recovery: RecoveryStore?

    private var links: [SocketLink] = []
    private var inbox: PacketInbox
    /// How many bytes of the packet that is read have arrived.
    private var packetBytes = 0
    private var allowance: ConnectAllowance
    private var late: LatePackets
    private var isReading = false
    private var isWritable = true
    private var isStopping = false
    private var isClosing = false
    /// Why the connection is being closed; `nil` unless the server closes it.
    private var closing: SocketEnd?
    /// Why the connection ends, if it failed.
    private var failure: SocketEnd?
    /// Runs while the client has no socket.
    private var connectTimer: RunningTimer?
    private var closeTimer: RunningTimer?

    /// Makes the session of a connection.
    ///
    /// - Parameters:
    ///   - connection: Carries the packets.
    ///   - server: Decides which sockets the client may have.
    ///   - options: The limits.
    ///   - recovery: Lets clients come back to their sockets; it adds an argument to each event. `nil` to give a client
    ///     that comes back new sockets.
    package init(
        _ connection: any PacketConnection, server: any SocketServer, options: SocketOptions = SocketOptions(),
        recovery: RecoveryStore? = nil
    ) {
        self.connection = connection
        self.server = server
        self.options = options
        self.recovery = recovery
        inbox = PacketInbox(limits: options.packets)
        allowance = ConnectAllowance(limit: options.maxConnects, window: options.connectWindow)
        late = LatePackets(maxPackets: options.maxLatePackets, maxNamespaces: options.maxNamespaces)
    }

    /// Starts a timer for which the server's pauses don't count.
    func timer(in amount: TimeAmount, _ action: @escaping () -> Void) -> RunningTimer {
        RunningTimer(in: amount, on: connection.eventLoop, pauses: options.pauses, action)
    }

    private var hasSocket: Bool { links.contains { $0.session != nil } }

    /// Tells all sockets something. One of them may end others meanwhile, which then are not told any more.
    private func tell(_ body: (any SocketSession) -> Void) {
        for link in links {
            if let session = link.session { body(session) }
        }
    }

    // MARK: - The connection

    package func connectionOpened() {
        startConnectTimer()
        updateReading()
    }

    package func heard() { tell { $0.heard() } }

    package func receivedControl() -> Bool {
        var mayAnswer = true
        tell { if !$0.receivedControl() { mayAnswer = false } }
        return mayAnswer
    }

    package func violated(_ code: CloseCode, _ description: String) { violate(code, description) }

    package func clientCloses() {
        guard !isClosing else { return }
        isClosing = true
        endAll(.connectionLost(error: nil))
        startCloseTimer()
    }

    package func writabilityChanged(_ isWritable: Bool) {
        self.isWritable = isWritable
        tell { $0.writabilityChanged(isWritable) }
    }

    package func connectionShed() {
        guard hasSocket else { return connection.abort() }
        tell { $0.connectionShed() }
    }

    package func serverStops() {
        isStopping = true
        guard hasSocket else { return close(.goingAway, reason: "the server stops", .serverStopped) }
        tell { $0.serverStops() }
    }

    package func connectionFailed(_ error: any Error) {
        failure = error as? EngineFailure == .pingTimeout ? .timedOut : .connectionLost(error: "\(error)")
        tell { $0.connectionFailed(error) }
    }

    package func connectionEnded() {
        isClosing = true
        for timer in [connectTimer, closeTimer] { timer?.cancel() }
        updateAttachmentTimer()
        endAll(closing ?? failure ?? .connectionLost(error: nil))
    }

    private func endAll(_ end: SocketEnd) {
        let ending = links
        links = []
        for link in ending { finish(link, end) }
    }

    // MARK: - Packets from the client

    package func received(_ message: [UInt8], isText: Bool) {
        guard !isClosing else { return }
        do throws(SocketPacketError) {
            packetBytes += message.count
            let packet = try inbox.receive(message, isText: isText)
            updateAttachmentTimer()
            guard let packet else { return }
            let bytes = packetBytes
            packetBytes = 0
            handle(packet, bytes)
        } catch {
            if case .tooLarge = error { violate(.tooBig, error.description) } else { violate(error.description) }
        }
    }

    private func handle(_ packet: SocketPacket, _ bytes: Int) {
        let namespace = packet.namespace
        let link = links.first { $0.namespace == namespace }
        switch (packet.content, link) {
        case (.connect(let auth), nil): connect(namespace, auth)
        case (.connect, _?): violate("the client has the namespace \(namespace) already")
        case (.connectError, _): violate("only a server refuses a namespace")
        case (.disconnect, let link?): remove(link, .clientLeft)
        case (.event(let event), let link?):
            guard let session = link.session else { return violateEarly(namespace) }
            session.received(event, bytes: bytes)
        case (.acknowledgement(let id, let arguments), let link?):
            guard link.session != nil else { return violateEarly(namespace) }
            link.answered(id, arguments)
        case (.disconnect, nil), (.event, nil), (.acknowledgement, nil):
            if !late.take(namespace) { violate("the client does not have the namespace \(namespace)") }
        }
    }

    private func violateEarly(_ namespace: String) {
        violate("the client must wait until it has the namespace \(namespace)")
    }

    private func updateAttachmentTimer() {
        inbox.updateTimer(isReading: isReading && !isClosing) {
            timer(in: options.attachmentTimeout) { [weak self] in
                self?.violate("the attachments of a packet did not arrive in time")
            }
        }
    }

    // MARK: - Namespaces

    private func connect(_ namespace: String, _ auth: JSONObject?) {
        guard allowance.take(at: connection.eventLoop.now) else {
            return violate(.policyViolation, "the client asks for namespaces too often")
        }
        late.end(namespace)
        guard !isStopping else { return refuse(namespace, SocketRefusal("the server stops")) }
        guard links.count < options.maxNamespaces else {
            return refuse(namespace, SocketRefusal("a connection may have \(options.maxNamespaces) namespaces"))
        }
        let link = SocketLink(
            client: self, eventLoop: connection.eventLoop, namespace: namespace, id: options.makeID())
        links.append(link)
        claimFormer(link, auth, mayWait: true)
    }

    /// Gives the client the socket that it had before, if it says so and the socket is kept; then asks the server.
    private func claimFormer(_ link: SocketLink, _ auth: JSONObject?, mayWait: Bool) {
        guard let recovery, let pid = auth?["pid"]?.string else { return ask(link, auth) }
        let offset = auth?["offset"]?.string
        switch recovery.claim(pid: pid, namespace: link.namespace, offset: offset, evict: eviction(of: link)) {
        case .granted(let log): link.recover(SocketRecovery(store: recovery, log: log), after: offset)
        case .busy(let evict) where mayWait:
            let bound = NIOLoopBound((client: self, link: link, auth: auth), eventLoop: link.eventLoop)
            let eventLoop = link.eventLoop
            return evict {
                eventLoop.execute {
                    let (client, link, auth) = bound.value
                    if link.isDeciding { client.claimFormer(link, auth, mayWait: false) }
                }
            }
        case .busy, .refused: break
        }
        ask(link, auth)
    }

    /// Ends the socket because its client is back on another connection.
    private func eviction(of link: SocketLink) -> RecoveryStore.Eviction {
        let bound = NIOLoopBound((client: self, link: link), eventLoop: link.eventLoop)
        let eventLoop = link.eventLoop
        return { ended in
            eventLoop.execute {
                let (client, link) = bound.value
                if link.end == nil {
                    client.remove(link, .returned)
                    if client.links.isEmpty { client.closeNow() }
                }
                ended()
            }
        }
    }

    private func ask(_ link: SocketLink, _ auth: JSONObject?) {
        server.connect(link, auth: auth) { self.decide(link, $0) }
    }

    private func decide(_ link: SocketLink, _ decision: SocketDecision) {
        switch decision {
        case .refuse(let refusal):
            guard link.isDeciding, !isClosing else { return }
            remove(link, .serverLeft, isLate: false)
            refuse(link.namespace, refusal)
        case .retry(let reason):
            guard link.isDeciding, !isClosing else { return }
            remove(link, .serverLeft, isLate: false)
            guard links.isEmpty else { return refuse(link.namespace, SocketRefusal(reason)) }
            close(.tryAgainLater, reason: reason, .serverClosed)
        case .accept(let session, let mayReturn):
            guard link.isDeciding, !isClosing else {
                // A second answer changes nothing.
                if link.session == nil { session.ended(link.end ?? .connectionLost(error: nil)) }
                return
            }
            accept(link, session, mayReturn: mayReturn)
        }
    }

    private func accept(_ link: SocketLink, _ session: any SocketSession, mayReturn: Bool) {
        var missed: [PacketMark] = []
        if let recovered = link.recovery {
            guard let kept = recovered.log.missed(after: link.lastOffset) else {
                // What the client missed was forgotten while the server decided. It comes back for a new socket.
                link.open(session)
                remove(link, .serverClosed)
                return close(.tryAgainLater, reason: "the server does not have what the client missed", .serverClosed)
            }
            missed = kept
        } else if mayReturn, let recovery {
            let log = recovery.open(
                pid: options.makeID(), socketID: link.id, namespace: link.namespace, evict: eviction(of: link))
            link.use(SocketRecovery(store: recovery, log: log))
        }
        link.open(session)
        if link.waitingLimits != nil { updateWaitingLimits() }
        connectTimer?.cancel()
        connectTimer = nil
        var answer: JSONObject = ["sid": .string(link.id)]
        if let pid = link.recovery?.log.pid { answer["pid"] = .string(pid) }
        send(SocketPacket(.connect(auth: answer), namespace: link.namespace))
        for packet in missed {
            switch packet.content {
            case .shared(let packet): send(packet)
            case .own(let packet): send(packet)
            }
        }
        session.opened()
        link.noteDecision()
        if !isWritable { link.session?.writabilityChanged(false) }
        if isStopping { link.session?.serverStops() }
        connection.flush()
        updateReading()
    }

    private func refuse(_ namespace: String, _ refusal: SocketRefusal) {
        send(SocketPacket(.connectError(refusal.json), namespace: namespace))
        connection.flush()
    }

    /// Ends a socket; the connection stays.
    ///
    /// - Parameters:
    ///   - link: The socket.
    ///   - end: Why it ends.
    ///   - isLate: Whether the client may have sent packets before it hears of a ``SocketEnd/serverLeft``.
    func remove(_ link: SocketLink, _ end: SocketEnd, isLate: Bool = true) {
        guard link.end == nil else { return }
        links.removeAll { $0 === link }
        if end == .serverLeft, isLate { late.expect(from: link.namespace) }
        finish(link, end)
        guard !isClosing else { return }
        if !hasSocket, connectTimer == nil { startConnectTimer() }
        updateWaitingLimits()
        updateReading()
    }

    private func finish(_ link: SocketLink, _ end: SocketEnd) {
        link.end(end)
        guard let recovery = link.recovery, end.mayReturn else { return }
        // Frees what is kept in time, also when no further client comes.
        _ = timer(in: recovery.store.limits.time + .milliseconds(1)) { recovery.store.sweep() }
    }

    private func startConnectTimer() {
        connectTimer = timer(in: options.connectTimeout) { [weak self] in
            self?.close(.policyViolation, reason: "the client has no namespace", .violation)
        }
    }

    // MARK: - What links do

    /// Queues a packet for this client alone, and returns how many bytes it has.
    @discardableResult
    func send(_ packet: SocketPacket) -> Int {
        let text = packet.text
        connection.send(text: text)
        for attachment in packet.attachments { connection.send(attachment, isText: false) }
        return packet.attachments.reduce(text.count) { $0 + $1.count }
    }

    func send(_ packet: OutboundMessage) { connection.send(packet: packet) }

    func send(_ run: PacketRun) { connection.send(run: run) }

    /// Reads the client while all of its sockets want it.
    func updateReading() {
        guard !isClosing else { return }
        let wantsReading = links.allSatisfy { $0.session == nil || $0.wantsReading }
        guard wantsReading != isReading else { return }
        isReading = wantsReading
        updateAttachmentTimer()
        // Last, because it may pass the next messages at once.
        connection.setReading(wantsReading)
    }

    func updateWaitingLimits() {
        let limits = links.filter { $0.session != nil }.compactMap(\.waitingLimits)
        guard let high = limits.map(\.high).max(), let low = limits.map(\.low).max() else { return }
        connection.limitWaiting(high: high, low: low)
    }

    // MARK: - Ending

    private func violate(_ description: String) { violate(.protocolError, description) }

    /// Tells the sessions that the client broke the protocol, and closes the connection.
    private func violate(_ code: CloseCode, _ description: String) {
        guard !isClosing else { return }
        tell { $0.violated(code, description) }
        close(code, reason: description, .violation)
    }

    /// Sends what is queued and ends the connection; once.
    func close(_ code: CloseCode, reason: String, _ end: SocketEnd) {
        guard !isClosing else { return }
        isClosing = true
        closing = isStopping && end == .serverClosed ? .serverStopped : end
        updateAttachmentTimer()
        startCloseTimer()
        connection.close(code, reason: reason)
    }

    private func startCloseTimer() {
        connectTimer?.cancel()
        connectTimer = nil
        let connection = connection
        closeTimer = timer(in: options.closeTimeout) { connection.closeNow() }
    }

    func closeNow() {
        if closing == nil { closing = .serverClosed }
        connection.closeNow()
    }

    func abort() {
        if closing == nil { closing = .serverClosed }
        connection.abort()
    }
}
