import CoreMetrics
package import Logging
package import NIOCore
import Synchronization
import Wire

/// Counts and bounds the bytes that wait for clients in the whole process, in the server and in the kernel.
///
/// Connections report their waiting bytes when these exceed ``floor``, see ``SendMeter``. At the bound, connections are
/// closed; first those with many waiting bytes of which none could be sent for a long time, so clients that read are
/// spared. Bytes that several connections share count once. Any thread may call it.
package final class SendMemory: Sendable {
    /// The waiting bytes of one connection.
    package struct Load {
        /// Memory that only this connection uses, in bytes.
        var own: Int
        /// Buffers that it shares with other connections.
        var shared: [SharedBytes]
        /// All bytes that wait to be sent, shared ones included.
        var waiting: Int
        /// The time since which no byte could be sent.
        var since: NIODeadline

        init(own: Int, shared: [SharedBytes], waiting: Int, since: NIODeadline) {
            self.own = own
            self.shared = shared
            self.waiting = waiting
            self.since = since
        }

        /// Makes the load of a connection that shares no buffers.
        ///
        /// - Parameters:
        ///   - bytes: How many bytes wait to be sent.
        ///   - since: The time since which no byte could be sent.
        package init(bytes: Int, since: NIODeadline) { self.init(own: bytes, shared: [], waiting: bytes, since: since) }
    }

    private struct Entry {
        var load: Load
        var shed: @Sendable () -> Void
    }

    private struct Sharing {
        var count: Int
        var bytes: Int
    }

    private struct State {
        var limit: Int
        var entries: [ObjectIdentifier: Entry] = [:]
        var sharings: [ObjectIdentifier: Sharing] = [:]
        var total = 0
        var lastLoggedAt: NIODeadline?

        mutating func add(_ load: Load) {
            total += load.own
            for bytes in load.shared {
                let id = ObjectIdentifier(bytes)
                if sharings[id] == nil {
                    sharings[id] = Sharing(count: 0, bytes: bytes.bytes.readableBytes)
                    total += bytes.bytes.readableBytes
                }
                sharings[id]?.count += 1
            }
        }

        mutating func subtract(_ load: Load) {
            total -= load.own
            for bytes in load.shared {
                let id = ObjectIdentifier(bytes)
                guard let sharing = sharings[id] else { continue }
                sharings[id]?.count -= 1
                if sharing.count == 1 {
                    sharings[id] = nil
                    total -= sharing.bytes
                }
            }
        }
    }

    /// The bytes that may wait on a connection without being counted; every client has this many at times.
    package static let floor = 16 * 1024

    private let metrics: TransportMetrics
    private let logger: Logger
    private let giveBack: MemoryReturn
    private let state: Mutex<State>

    /// Makes a count of 0 bytes.
    ///
    /// - Parameters:
    ///   - limit: The bound in bytes.
    ///   - metrics: Gets the sum, and counts the closed connections.
    ///   - logger: Reports closed connections, at most once every 10 s.
    ///   - giveBack: Gives memory back to the system after a peak of the sum.
    package init(limit: Int, metrics: TransportMetrics, logger: Logger, giveBack: MemoryReturn = MemoryReturn()) {
        state = Mutex(State(limit: limit))
        self.metrics = metrics
        self.logger = logger
        self.giveBack = giveBack
    }

    /// The bound in bytes; a lower value takes effect at the next report.
    package var limit: Int {
        get { state.withLock { $0.limit } }
        set { state.withLock { $0.limit = newValue } }
    }

    /// How many bytes wait.
    var total: Int { state.withLock { $0.total } }

    /// Updates the load of a connection, and closes connections when the bound is exceeded.
    ///
    /// - Parameters:
    ///   - id: The connection.
    ///   - load: The load; `nil` when it is less than ``floor``, or when the connection is closed.
    ///   - shed: Closes the connection; called on any thread, at most once. The connection is no longer
    ///     counted then.
    /// - Complexity: O(1) below the bound; above it O(n log n), where n is the number of counted connections.
    package func report(_ id: ObjectIdentifier, _ load: Load?, shed: @escaping @Sendable () -> Void = {}) {
        let now = NIODeadline.now()
        let (total, victims, tells) = state.withLock { state -> (Int, [Entry], Bool) in
            // Adds the new load before it subtracts the old one, so that buffers in both stay counted.
            if let load { state.add(load) }
            if let before = state.entries.removeValue(forKey: id) { state.subtract(before.load) }
            if let load { state.entries[id] = Entry(load: load, shed: shed) }
            guard state.total > state.limit else { return (state.total, [], false) }
            let victims = Self.removeWorst(&state, now)
            guard !victims.isEmpty, state.lastLoggedAt.map({ now - $0 >= .seconds(10) }) ?? true else {
                return (state.total, victims, false)
            }
            state.lastLoggedAt = now
            return (state.total, victims, true)
        }
        metrics.sendMemory.set(total)
        giveBack.note(total)
        guard !victims.isEmpty else { return }
        metrics.connectionsShed.increment(by: victims.count)
        if tells {
            logger.warning(
                "too many bytes wait for clients; the slowest connections are closed",
                metadata: [
                    "closed": "\(victims.count)", "limit_bytes": "\(limit)",
                    "remedy": "a larger send_memory_mb in game.yaml, or smaller snapshots",
                ])
        }
        for victim in victims { victim.shed() }
    }

    /// Removes connections, worst first, until an eighth of the bound is free, so that not every report exceeds the
    /// bound.
    private static func removeWorst(_ state: inout State, _ now: NIODeadline) -> [Entry] {
        func badness(_ load: Load) -> Double {
            Double(load.waiting) * (1 + Double((now - load.since).nanoseconds) / 1e9)
        }
        let worstFirst = state.entries.sorted { badness($0.value.load) > badness($1.value.load) }
        var victims: [Entry] = []
        for (id, entry) in worstFirst where state.total > state.limit - state.limit / 8 {
            state.entries[id] = nil
            state.subtract(entry.load)
            victims.append(entry)
        }
        return victims
    }
}
