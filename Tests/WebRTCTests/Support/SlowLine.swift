import NIOCore

/// A line with little bandwidth: what arrives waits its turn, and is lost when too much waits.
struct SlowLine: Sendable {
    /// The datagrams that come through in a tick of ``RTCStack``.
    private let perTick: Int
    /// The most datagrams that wait.
    private let capacity: Int
    private var waiting: [ByteBuffer] = []

    init(perTick: Int, capacity: Int) {
        self.perTick = perTick
        self.capacity = capacity
    }

    mutating func add(_ datagram: ByteBuffer) { if waiting.count < capacity { waiting.append(datagram) } }

    /// What comes through now.
    mutating func tick() -> [ByteBuffer] {
        let due = Array(waiting.prefix(perTick))
        waiting.removeFirst(due.count)
        return due
    }
}
