import CoreMetrics
import ServerMetrics

/// The metrics of the peer network. Any thread may count.
struct PeerNetworkMetrics: Sendable {
    /// Peers that are connected.
    let peers: Meter
    /// Peers that joined.
    let joined: Counter
    /// Messages of peers.
    let messages: Counter
    /// Offers that were passed on.
    let offers: Counter
    /// Refused messages, publications included, by their code.
    let refusals: CountersByReason

    /// Starts all counts at 0.
    ///
    /// - Parameter registry: Where they are counted.
    init(in registry: MetricRegistry) {
        peers = MetricFamily.netPeers.meter(in: registry)
        joined = MetricFamily.netPeersJoined.counter(in: registry)
        messages = MetricFamily.netMessages.counter(in: registry)
        offers = MetricFamily.netOffers.counter(in: registry)
        refusals = CountersByReason(.netRefusals, SignalError.Code.allCases.map(\.rawValue), in: registry)
    }
}
