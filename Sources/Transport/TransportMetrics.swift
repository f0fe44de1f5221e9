package import CoreMetrics
import ServerMetrics

/// The metrics of the transports. Any thread may count.
package struct TransportMetrics: Sendable {
    let connections: Meter
    let acceptsPaused: Counter
    let messagesSent: Counter
    let sentBytes: Counter
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
