import NIOCore
import Wire

/// Reports the packets that wait for a client of polling to ``SendMemory``, as ``SendMeter`` does for what waits on a
/// channel: a client that does not poll is then closed like one that does not read.
struct EngineMeter {
    private let memory: SendMemory
    private var isReported = false
    /// The time since which no packet could be sent, while there is a report.
    private var since = NIODeadline.distantPast

    /// Makes a meter.
    ///
    /// - Parameter memory: Gets the reports.
    init(memory: SendMemory) { self.memory = memory }

    /// Reports what waits.
    ///
    /// - Parameters:
    ///   - queue: The waiting packets.
    ///   - wereSent: Whether packets were sent since the last report.
    ///   - id: The connection.
    ///   - shed: Closes the connection; called on any thread.
    mutating func report(
        _ queue: EngineQueue, wereSent: Bool, of id: ObjectIdentifier, shed: @escaping @Sendable () -> Void
    ) {
        guard queue.ownBytes > SendMemory.floor || !queue.shared.isEmpty else { return forget(id) }
        if wereSent || !isReported { since = .now() }
        isReported = true
        memory.report(
            id, .init(own: queue.ownBytes, shared: queue.shared, waiting: queue.bytes, since: since), shed: shed)
    }

    /// Takes back the last report.
    mutating func forget(_ id: ObjectIdentifier) {
        guard isReported else { return }
        isReported = false
        memory.report(id, nil)
    }
}
