import NIOCore
import Simulation
import Transport
import Wire

/// A Socket.IO socket whose events are run by the scripts of a map: the map's end of it, which stays the same when its
/// client loses its connection and comes back on another one.
///
/// `@unchecked Sendable`: its `var`s are used on one event loop alone, that of the first connection. The map calls
/// `deliver` and `flush` on `thread`, which is that loop, and ``resume(on:_:_:)`` hops there before it touches them.
/// Other threads read `let` properties only.
///
/// Outputs reach the connection in order, though it may be on another loop than this object: all of them pass through
/// this object's loop, which decides which connection gets them, and two loops that pass jobs to each other keep their
/// order. So does the change to a new connection, in ``resume(on:_:_:)``.
final class ScriptSocket: SocketSink, @unchecked Sendable {
    let thread: SessionThread
    let presence: ScriptPresence
    private let core: GatewayCore
    private let eventLoop: any EventLoop
    /// The connection that the client has, or had last.
    private var connection: ScriptConnection
    /// Outputs of the current tick for a connection on another loop.
    private var outputs: [SocketOutput] = []

    var id: SessionID { presence.id }
    var socketID: String { presence.socketID }

    /// Makes a socket that the map does not know yet.
    ///
    /// - Parameters:
    ///   - link: The client's connection.
    ///   - map: The map whose scripts run its events.
    ///   - playerID: The player; `nil` for a guest.
    ///   - rates: The limits of the client's connection.
    ///   - core: The gateway.
    init(_ link: SocketLink, _ map: any MapHandle, playerID: Int?, _ rates: ClientRates, _ core: GatewayCore) {
        self.core = core
        eventLoop = link.eventLoop
        thread = SessionThread(link.eventLoop)
        presence = ScriptPresence(
            id: core.nextSession(), socketID: link.id, playerID: playerID, map: map, sockets: core.scriptSockets)
        connection = ScriptConnection(link, presence, number: 0, rates, core)
    }

    /// Asks the map's scripts whether the client may connect.
    ///
    /// - Parameters:
    ///   - opening: What the scripts learn of the client.
    ///   - answer: Gets the decision, once, on the socket's event loop.
    func open(_ opening: SocketOpening, _ answer: @escaping (SocketDecision) -> Void) {
        connection.waitForMap(answer)
        guard presence.open(self, opening) else {
            return connection.deliver(.close)
        }
    }

    // MARK: - What the map sends

    func deliver(_ output: SocketOutput) {
        if connection.eventLoop === eventLoop { connection.deliver(output) } else { outputs.append(output) }
    }

    func flush() {
        guard connection.eventLoop !== eventLoop else { return connection.flush() }
        guard !outputs.isEmpty else { return }
        let (connection, outputs) = (connection, outputs)
        self.outputs = []
        connection.eventLoop.execute {
            for output in outputs { connection.deliver(output) }
            connection.flush()
        }
    }

    // MARK: - Ending

    /// Ends the socket because an operator or a rule wants it, also while its client is away or comes back. Any thread
    /// may call it.
    ///
    /// - Parameter ending: What the client is told.
    func end(because ending: SessionEnding) {
        eventLoop.execute {
            let connection = self.connection
            connection.eventLoop.run(from: self.eventLoop) { connection.end(because: ending) }
        }
    }

    // MARK: - The way back

    /// Ends the socket, because its client is back and may no longer have it. Any thread may call it.
    func refuseReturn() {
        presence.leave(because: SocketEnd.serverLeft.reason, connection: presence.nextConnection())
    }

    /// Goes on with a client that is back.
    ///
    /// The new connection says yes only when the former one has kept everything that was under way to it. Three steps,
    /// on three loops, which may be the same:
    ///
    /// 1. Here: later outputs go to the new connection, which keeps them until it is open.
    /// 2. On the former connection's loop: earlier outputs were passed to that loop before this step, so the former
    ///    connection has kept them all, and ends.
    /// 3. On the new connection's loop: it opens, so that the client gets what was kept, then the later outputs.
    ///
    /// - Parameters:
    ///   - link: The new connection; call this function on its event loop.
    ///   - rates: Its limits.
    ///   - answer: Gets the decision, once, on that loop.
    func resume(on link: SocketLink, _ rates: ClientRates, _ answer: @escaping (SocketDecision) -> Void) {
        let new = ScriptConnection(link, presence, number: presence.nextConnection(), rates, core)
        new.waitForFormer(answer)
        eventLoop.run(from: new.eventLoop) {
            let former = self.connection
            self.connection = new
            former.eventLoop.run(from: self.eventLoop) {
                former.handOver { handover in
                    new.eventLoop.run(from: former.eventLoop) { new.returned(handover) }
                }
            }
        }
    }
}

extension EventLoop {
    /// Runs a job on this loop: at once when the caller is on it.
    ///
    /// - Parameters:
    ///   - caller: The loop of the caller.
    ///   - job: The job. Jobs from one loop to another run in order.
    fileprivate func run(from caller: any EventLoop, _ job: @escaping @Sendable () -> Void) {
        if self === caller { job() } else { execute(job) }
    }
}
