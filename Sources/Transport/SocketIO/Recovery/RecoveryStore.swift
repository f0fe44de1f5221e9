import JSONValues
package import NIOCore
import Synchronization
import Wire

/// Keeps for a time what clients without a connection miss, so that they get it when they come back (Socket.IO's
/// connection state recovery). Any thread may use it.
///
/// A socket's log begins when the socket opens, because nobody knows which of the last packets before an end arrived.
/// A packet that many sockets were sent is kept and counted once, and each of them has a place for it. At the bound of
/// all bytes, the sockets that have been away the longest are forgotten first; if that is not enough, the socket that
/// was sent the last packet forgets what it has. A client whose packets are forgotten gets a new socket.
package final class RecoveryStore: Sendable {
    /// What is kept, and how long.
    package struct Limits: Sendable {
        /// How long a client may be away.
        package var time = TimeAmount.seconds(120)
        /// The most packets that are kept for one socket.
        package var packetsPerSocket = 1000
        /// The most bytes that are kept for one socket.
        package var bytesPerSocket = 256 << 10
        /// The most bytes that are kept for all sockets: of packets, each counted once, and of the lists in which each
        /// socket has its own.
        package var bytes = 64 << 20
        /// The most sockets whose clients are away.
        package var sockets = 10_000

        /// Makes the usual limits.
        package init() {}
    }

    /// Ends a socket whose client has come back on another connection, and then calls its argument, on any thread.
    typealias Eviction = @Sendable (_ ended: @escaping @Sendable () -> Void) -> Void

    /// What a client gets that says it was here before.
    enum Claim {
        /// Its socket.
        case granted(RecoveryLog)
        /// Its socket, after its former connection has ended.
        case busy(Eviction)
        /// A new socket.
        case refused
    }

    private enum Phase {
        case connected(Eviction)
        /// The number says where the socket stands in the order in which clients left.
        case away(number: UInt64, since: NIODeadline)
    }

    private struct Entry {
        let log: RecoveryLog
        var phase: Phase
        var gone: (@Sendable () -> Void)?
    }

    private struct State {
        /// The sockets by the secrets of their clients.
        var entries: [String: Entry] = [:]
        /// The secrets of the clients that are away; the keys rise in the order in which they left.
        var away: [UInt64: String] = [:]
        /// The lowest number that may be in `away`.
        var oldest: UInt64 = 0
        var next: UInt64 = 0
    }

    /// What bounds it.
    package let limits: Limits
    /// Names the packets that a socket is sent alone.
    let offsets = PacketOffsets(prefix: "s")
    private let now: @Sendable () -> NIODeadline
    private let state = Mutex(State())
    private let total = Atomic<Int>(0)

    /// Makes an empty store.
    ///
    /// - Parameters:
    ///   - limits: What is kept, and how long.
    ///   - now: The time; a clock that stands still while the server is paused lets clients come back after a pause.
    package init(limits: Limits = Limits(), now: @escaping @Sendable () -> NIODeadline = { .now() }) {
        self.limits = limits
        self.now = now
    }

    /// How many bytes are kept.
    package var bytes: Int { total.load(ordering: .relaxed) }

    /// How many sockets are known, those with a connection included.
    package var count: Int { state.withLock { $0.entries.count } }

    // MARK: - A socket's life

    /// Starts to keep what a new socket is sent.
    func open(pid: String, socketID: String, namespace: String, evict: @escaping Eviction) -> RecoveryLog {
        let log = RecoveryLog(pid: pid, socketID: socketID, namespace: namespace)
        state.withLock { $0.entries[pid] = Entry(log: log, phase: .connected(evict)) }
        sweep()
        return log
    }

    /// Gives a client its former socket, if everything that it missed is kept; else forgets the socket. One client at a
    /// time has it.
    ///
    /// - Parameters:
    ///   - pid: The secret that the client says.
    ///   - namespace: The namespace that it asks for.
    ///   - offset: The latest packet that it has received; `nil` when it has received none.
    ///   - evict: Ends the socket when the client comes back once more, on another connection.
    /// - Returns: Which socket the client gets.
    func claim(pid: String, namespace: String, offset: String?, evict: @escaping Eviction) -> Claim {
        sweep()
        let (claim, lost) = state.withLock { state -> (Claim, [Entry]) in
            guard let entry = state.entries[pid], entry.log.namespace == namespace else { return (.refused, []) }
            switch entry.phase {
            case .connected(let eviction): return (.busy(eviction), [])
            case .away(let number, _):
                state.away[number] = nil
                guard entry.log.missed(after: offset) != nil else {
                    // The client begins anew, so nobody comes back to its former socket.
                    state.entries[pid] = nil
                    return (.refused, [entry])
                }
                state.entries[pid] = Entry(log: entry.log, phase: .connected(evict))
                entry.log.setAway(since: nil)
                return (.granted(entry.log), [])
            }
        }
        forget(lost)
        return claim
    }

    /// The socket's client is away; it may come back within the time of the limits.
    func leave(_ log: RecoveryLog) {
        let now = now()
        let excess = state.withLock { state -> [Entry] in
            guard case .connected? = state.entries[log.pid]?.phase else { return [] }
            state.entries[log.pid]?.phase = .away(number: state.next, since: now)
            log.setAway(since: now)
            state.away[state.next] = log.pid
            state.next += 1
            return state.away.count > limits.sockets ? Self.removeOldest(&state).map { [$0] } ?? [] : []
        }
        forget(excess)
        sweep()
    }

    /// Forgets a socket, whose client has left for good.
    func end(_ log: RecoveryLog) {
        let entry = state.withLock { state -> Entry? in
            guard let entry = state.entries.removeValue(forKey: log.pid) else { return nil }
            if case .away(let number, _) = entry.phase { state.away[number] = nil }
            return entry
        }
        if let entry { forget([entry]) }
    }

    /// Calls an action, on any thread, once the client can't come back to its socket; not if it comes back before. At
    /// once when the socket is forgotten already.
    func whenGone(_ log: RecoveryLog, _ action: @escaping @Sendable () -> Void) {
        let isKnown = state.withLock { state in
            guard state.entries[log.pid] != nil else { return false }
            state.entries[log.pid]?.gone = action
            return true
        }
        if !isKnown { action() }
    }

    /// Forgets the sockets whose clients have been away for too long.
    func sweep() {
        let now = now()
        let expired = state.withLock { state in
            var expired: [Entry] = []
            while let since = Self.oldestDeparture(&state), now - since >= limits.time,
                let entry = Self.removeOldest(&state)
            {
                expired.append(entry)
            }
            return expired
        }
        forget(expired)
    }

    /// When the client left that has been away the longest; `nil` when no client is away.
    private static func oldestDeparture(_ state: inout State) -> NIODeadline? {
        while state.oldest < state.next {
            if let pid = state.away[state.oldest], case .away(_, let since)? = state.entries[pid]?.phase {
                return since
            }
            state.oldest += 1
        }
        return nil
    }

    private static func removeOldest(_ state: inout State) -> Entry? {
        guard oldestDeparture(&state) != nil, let pid = state.away.removeValue(forKey: state.oldest) else { return nil }
        return state.entries.removeValue(forKey: pid)
    }

    private func forget(_ entries: [Entry]) {
        for entry in entries {
            total.add(entry.log.removeAll(isFinal: true), ordering: .relaxed)
            entry.gone?()
        }
    }

    // MARK: - Packets

    /// Keeps a packet of a socket; a packet without a mark is not kept.
    func append(_ packet: OutboundMessage, to log: RecoveryLog) {
        if let mark = packet.mark { append(mark, to: log) }
    }

    /// Keeps a packet with attachments.
    ///
    /// - Returns: The packet as it must be sent: with one more argument, its offset.
    func append(_ event: SocketEvent, to log: RecoveryLog) -> SocketPacket {
        var event = event
        let offset = offsets.next()
        event.arguments.values.append(.string(offset))
        let packet = SocketPacket(.event(event), namespace: log.namespace)
        append(PacketMark(offset: offset, .own(packet)), to: log)
        return packet
    }

    private func append(_ mark: PacketMark, to log: RecoveryLog) {
        let growth = log.append(KeptPacket(mark: mark, time: now()), limits: limits)
        guard total.add(growth, ordering: .relaxed).newValue > limits.bytes else { return }
        while bytes > limits.bytes, let oldest = state.withLock({ Self.removeOldest(&$0) }) { forget([oldest]) }
        if bytes > limits.bytes { total.add(log.removeAll(isFinal: false), ordering: .relaxed) }
    }
}
