import Synchronization

/// Bounds what a WebSocket's event loop has read for a connection on another loop and the connection has not taken.
///
/// The WebSocket's loop adds, the connection's loop takes; each may be the same loop.
final class EngineCredit: Sendable {
    /// The bytes above which the WebSocket stops to read.
    static let high = 256 * 1024
    /// The bytes below which it reads again.
    static let low = high / 2

    private let bytes = Atomic<Int>(0)
    private let paused = Atomic<Bool>(false)

    /// Whether the WebSocket had to stop to read.
    var isPaused: Bool { paused.load(ordering: .sequentiallyConsistent) }

    /// Counts what was read.
    ///
    /// - Parameter cost: The bytes of a packet or a control frame.
    /// - Returns: Whether the WebSocket must stop to read.
    func add(_ cost: Int) -> Bool {
        guard bytes.add(cost, ordering: .sequentiallyConsistent).newValue > Self.high else { return false }
        paused.store(true, ordering: .sequentiallyConsistent)
        // The connection may have taken everything before it could see the pause.
        return bytes.load(ordering: .sequentiallyConsistent) >= Self.low
            || !paused.exchange(false, ordering: .sequentiallyConsistent)
    }

    /// Counts what the connection took.
    ///
    /// - Parameter cost: The bytes of a packet or a control frame.
    /// - Returns: Whether the WebSocket may read again, after it had to stop; once.
    func take(_ cost: Int) -> Bool {
        guard bytes.subtract(cost, ordering: .sequentiallyConsistent).newValue < Self.low else { return false }
        return paused.exchange(false, ordering: .sequentiallyConsistent)
    }
}
