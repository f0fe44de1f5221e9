package import CoreMetrics
import ServerMetrics

/// The metrics of the transports. Any thread may count.
package struct TransportMetrics: Sendable {
    /// The open connections.
    package let connections: Meter
    let acceptsPaused: Counter
    /// The messages that were sent.
    package let messagesSent: Counter
    /// Their bytes.
    package let sentBytes: Counter
    let sendMemory: Meter
    let connectionsShed: Counter

    /// Starts all counts at 0.
    ///
    /// - Parameter factory: Where they are counted.
    package init(in factory: any MetricsFactory = NOOPMetricsHandler.instance) {
        connections = MetricFamily.connections.meter(in: factory)
        acceptsPaused = MetricFamily.acceptsPaused.counter(in: factory)
        messagesSent = MetricFamily.messagesSent.counter(in: factory)
        sentBytes = MetricFamily.sentBytes.counter(in: factory)
        sendMemory = MetricFamily.sendMemory.meter(in: factory)
        connectionsShed = MetricFamily.connectionsShed.counter(in: factory)
    }
}
