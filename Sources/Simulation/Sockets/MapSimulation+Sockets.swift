import GameFolder
import GameRules
import JSONValues
import Wire
import World

/// Sockets: clients of Socket.IO, whose events run scripts of `sockets/`.
extension MapSimulation {
    /// Why sockets end when the map takes none any more, as `sockets/disconnect.lua` is told.
    private static let closingReason = "server shutting down"

    /// Whether clients may connect: all sockets are on the start map.
    private var takesSockets: Bool { !isClosing && game.startMapID == world.geometry.id }

    /// How many sockets are connected.
    package var socketCount: Int { sockets.count }

    /// Whether clients are connected, so that the map ticks at its rate.
    package var hasClients: Bool { !sessions.isEmpty || !sockets.isEmpty }

    /// Whether scripts of sockets wait for the next tick.
    package var hasWaitingSockets: Bool { sockets.hasWork }

    /// How much of what sockets sent was taken from the inbox and waits, by source.
    var waitingSocketShares: [WaitingRule.Source: InputShare] { sockets.backlog.shares }

    /// Returns what the tick sent to each socket, and removes it. Call it after each ``tick(now:inputs:)``.
    package func takeSocketDeliveries() -> [SocketDelivery] {
        defer { socketDeliveries = [] }
        return socketDeliveries
    }

    /// The part of a tick after the inputs: what sockets waited for, in order. When their scripts have taken
    /// `tick_limit_ms` of CPU time, or have sent half of what the tick's scripts may still send, the rest waits for the
    /// next tick; at least one has its turn. So a script fails for what it sends alone, and not because many clients
    /// send events at once.
    func runSockets() {
        guard sockets.hasWork else { return }
        let start = TickStart(surroundings.clock)
        let mostSpent = host.effects.halfway(to: world.weight.limit)
        var count = 0
        while sockets.hasWork {
            if stopper.isStopped { return }
            if count > 0, !isClosing {
                // A replay spends the same, so that a recording need not have this.
                if host.effects.spent > mostSpent { return }
                if cutsSockets(after: count, since: start) { return }
            }
            count += 1
            runNext()
        }
    }

    private func runNext() {
        if let (socket, reason) = sockets.takeEnding() {
            host.runDisconnect(socket, reason: reason)
            return sockets.remove(socket.handle, from: world)
        }
        switch sockets.backlog.removeFirst() {
        case .open(let sink, let opening): open(sink, opening)
        case .event(let id, let name, let arguments, let acknowledgement):
            guard let socket = sockets[id], socket.isReachable else { return }
            work.events += 1
            host.runSocketEvent(name, arguments, acknowledgement, of: socket)
        case .close(let id, let reason):
            if let socket = sockets[id] { sockets.end(socket.handle, reason: reason) }
        case nil: break
        }
    }

    private func cutsSockets(after count: Int, since start: TickStart) -> Bool {
        let measured = isSpent(start, limit: tickLimit)
        guard let watcher = surroundings.watcher else { return measured }
        return watcher.cuts(.sockets, measured, after: count)
    }

    private func open(_ sink: any SocketSink, _ opening: SocketOpening) {
        guard takesSockets else { return answer(sink, .close) }
        guard let socket = sockets.open(sink, opening) else {
            return answer(sink, .refuse(message: "this socket exists already"))
        }
        sockets.outbox.add(.accept, to: socket.handle.slot)
        guard let reason = host.runConnect(socket, isDeclared: game.script(.socket(SocketEvents.connect)) != nil) else {
            return sockets.accept(socket.handle)
        }
        sockets.outbox.removeAll(for: socket.handle.slot)
        sockets.outbox.add(.refuse(message: reason), to: socket.handle.slot)
        sockets.remove(socket.handle, from: world)
    }

    /// Answers a client that gets no place in the table.
    private func answer(_ sink: any SocketSink, _ output: SocketOutput) {
        refusedSockets.append(SocketDelivery(sink: sink, outputs: [output]))
    }

    /// Ends all sockets if another map is the start map now; `sockets/disconnect.lua` runs when their turn comes.
    func endSocketsUnlessStartMap() {
        if !takesSockets { endSockets() }
    }

    private func endSockets() {
        for member in sockets.reachable.members {
            guard let socket = sockets[member], sockets.end(socket.handle, reason: Self.closingReason) else { continue }
            sockets.outbox.add(.close, to: socket.handle.slot)
        }
    }

    /// Ends all sockets, because the map ends.
    func closeSockets() {
        endSockets()
        runSockets()
        // Scripts that were stopped in the middle of the tick must not keep a client connected or waiting.
        while let (socket, _) = sockets.takeEnding() { sockets.remove(socket.handle, from: world) }
        while let input = sockets.backlog.removeFirst() {
            if case .open(let sink, _) = input { answer(sink, .close) }
        }
    }

    /// Notes what the tick sends to the sockets.
    func collectSocketDeliveries() {
        let deliveries = refusedSockets + sockets.takeDeliveries()
        guard !deliveries.isEmpty else { return }
        refusedSockets = []
        surroundings.watcher?.sends(deliveries)
        socketDeliveries += deliveries
    }
}
