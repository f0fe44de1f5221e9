import CoreMetrics
package import ServerMetrics
import Synchronization
package import Transport

/// The metrics of the gateway. Any thread may count.
package final class GatewayMetrics: Sendable {
    /// Has the series of the whole server, for `GET /metrics`.
    package let registry: MetricRegistry
    /// The metrics of the transports.
    package let transport: TransportMetrics

    let messagesReceived: Counter
    let receivedBytes: Counter
    let messagesDropped: Counter
    let slowClients: Counter
    let commandsRefused: Counter
    let logins: Counter
    let loginsRefused: CountersByReason
    let tokenRenewals: Counter
    let tokenRenewalsRefused: Counter
    let handshakesRefused: CountersByReason
    let peerNetwork: PeerNetworkMetrics
    private let sessions: Meter
    private let sessionsOpened: Counter
    private let reloads: Counter
    private let failedReloads: Counter
    private let open = Atomic<Int>(0)

    /// Starts all counts at 0.
    ///
    /// - Parameters:
    ///   - registry: Where they are counted.
    ///   - version: The version of the server.
    package init(in registry: MetricRegistry = MetricRegistry(), version: String = "") {
        self.registry = registry
        MetricFamily.buildInfo.meter(version, in: registry).set(1)
        transport = TransportMetrics(in: registry)
        messagesReceived = MetricFamily.messagesReceived.counter(in: registry)
        receivedBytes = MetricFamily.receivedBytes.counter(in: registry)
        messagesDropped = MetricFamily.messagesDropped.counter(in: registry)
        slowClients = MetricFamily.slowClients.counter(in: registry)
        commandsRefused = MetricFamily.commandsRefused.counter(in: registry)
        logins = MetricFamily.logins.counter(in: registry)
        loginsRefused = CountersByReason(
            .loginsRefused,
            [
                "bad_credentials", "bad_request", "banned", "busy", "internal", "login_taken", "map_starting",
                "rate_limited", "refused", "storage",
            ], in: registry)
        tokenRenewals = MetricFamily.tokenRenewals.counter(in: registry)
        tokenRenewalsRefused = MetricFamily.tokenRenewalsRefused.counter(in: registry)
        handshakesRefused = CountersByReason(
            .handshakesRefused,
            [
                "bad_offer", "bad_origin", "bad_request", "bad_token", "banned", "busy", "full", "rate_limited",
                "stopping", "wrong_port",
            ], in: registry)
        peerNetwork = PeerNetworkMetrics(in: registry)
        sessions = MetricFamily.sessions.meter(in: registry)
        sessionsOpened = MetricFamily.sessionsOpened.counter(in: registry)
        reloads = MetricFamily.reloads.counter("ok", in: registry)
        failedReloads = MetricFamily.reloads.counter("failed", in: registry)
    }

    /// Sessions that are open now.
    var openSessions: Int { open.load(ordering: .relaxed) }

    func sessionOpened() {
        open.add(1, ordering: .relaxed)
        sessions.increment()
        sessionsOpened.increment()
    }

    func sessionEnded() {
        open.subtract(1, ordering: .relaxed)
        sessions.decrement()
    }

    /// Counts a reading of the game folder.
    ///
    /// - Parameter isComplete: Whether all of the folder could be used.
    package func reloaded(isComplete: Bool) { (isComplete ? reloads : failedReloads).increment() }
}

/// The counters of a family whose label `reason` has a fixed set of values; all start at 0.
struct CountersByReason: Sendable {
    private let counters: [String: Counter]
    private let other: Counter

    /// - Parameters:
    ///   - family: The family; it has one label.
    ///   - reasons: The values of the label; what has another reason counts as `other`.
    ///   - registry: Where they are counted.
    init(_ family: MetricFamily, _ reasons: [String], in registry: MetricRegistry) {
        counters = Dictionary(uniqueKeysWithValues: reasons.map { ($0, family.counter($0, in: registry)) })
        other = family.counter("other", in: registry)
    }

    /// Counts one more.
    ///
    /// - Parameter reason: Why; `nil` when there is no reason with a name.
    func increment(_ reason: String?) { (reason.flatMap { counters[$0] } ?? other).increment() }
}
