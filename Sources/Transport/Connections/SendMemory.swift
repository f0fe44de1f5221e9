package import Logging
import NIOCore
import Synchronization
import Wire

/// The bytes that wait for clients in the whole process, in the server and in the kernel, with a bound.
///
/// Connections report what they have above a floor, see ``SendMeter``. At the bound those go first that have much and
/// got rid of none of it for long; clients that read are spared. Bytes that several connections share count once. Any
/// thread.
package final class SendMemory: Sendable {
    /// What a connection has.
    struct Load {
        /// Memory of its own, in bytes.
        var own: Int
        /// What it shares with others.
        var shared: [SharedBytes]
        /// All that waits to be sent, in bytes.
        var waiting: Int
        /// Since when none of it could be sent.
        var since: NIODeadline
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
        var toldAt: NIODeadline?

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

    /// What a connection may have without being counted, in bytes: what every client has now and then.
    static let floor = 16 * 1024

    private let metrics: TransportMetrics
    private let logger: Logger
    private let giveBack: MemoryReturn
    private let state: Mutex<State>

    /// Makes a count of nothing.
    ///
    /// - Parameters:
    ///   - limit: The bound in bytes.
    ///   - metrics: Gets the sum and counts what was closed.
    ///   - logger: Reports closed connections, every 10 s at most.
    ///   - giveBack: Gives memory back after a peak of the sum.
    package init(limit: Int, metrics: TransportMetrics, logger: Logger, giveBack: MemoryReturn = MemoryReturn()) {
        state = Mutex(State(limit: limit))
        self.metrics = metrics
        self.logger = logger
        self.giveBack = giveBack
    }

    /// The bound in bytes; a lower one is kept from the next report on.
    package var limit: Int {
        get { state.withLock { $0.limit } }
        set { state.withLock { $0.limit = newValue } }
    }

    /// How many bytes wait.
    var total: Int { state.withLock { $0.total } }

    /// Takes what a connection has now.
    ///
    /// - Parameters:
    ///   - id: The connection.
    ///   - load: What it has; `nil` when that is less than the floor, or it is gone.
    ///   - shed: Closes it, on any thread; called once at most. The connection does not count from then on.
    /// - Complexity: O(1) below the bound, O(n log n) in those that wait when it is reached.
    func report(_ id: ObjectIdentifier, _ load: Load?, shed: @escaping @Sendable () -> Void = {}) {
        let now = NIODeadline.now()
        let (total, victims, tells) = state.withLock { state -> (Int, [Entry], Bool) in
            // The new load first, so that bytes which it shares with the old one stay counted.
            if let load { state.add(load) }
            if let before = state.entries.removeValue(forKey: id) { state.subtract(before.load) }
            if let load { state.entries[id] = Entry(load: load, shed: shed) }
            guard state.total > state.limit else { return (state.total, [], false) }
            let victims = Self.takeVictims(&state, now)
            guard !victims.isEmpty, state.toldAt.map({ now - $0 >= .seconds(10) }) ?? true else {
                return (state.total, victims, false)
            }
            state.toldAt = now
            return (state.total, victims, true)
        }
        metrics.sendMemory.store(total, ordering: .relaxed)
        giveBack.note(total)
        guard !victims.isEmpty else { return }
        metrics.connectionsShed.count(victims.count)
        if tells {
            logger.warning(
                "too many bytes wait for clients; those that have waited longest for the most are closed",
                metadata: [
                    "closed": "\(victims.count)", "limit_bytes": "\(limit)",
                    "remedy": "a larger send_memory_mb in game.yaml, or smaller snapshots",
                ])
        }
        for victim in victims { victim.shed() }
    }

    /// Takes out connections, worst first, until an eighth of the bound is free: then not each report finds it reached.
    private static func takeVictims(_ state: inout State, _ now: NIODeadline) -> [Entry] {
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
