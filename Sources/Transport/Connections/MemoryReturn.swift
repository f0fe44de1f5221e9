import CMalloc
import NIOCore
import NIOPosix
import Synchronization

/// Gives memory back to the system after much of it was in use: the allocator keeps what was freed otherwise. Any
/// thread.
package final class MemoryReturn: Sendable {
    private struct State {
        var peak = 0
        var isWaiting = false
    }

    /// Peaks below this are not worth it, in bytes.
    static let minimumPeak = 16 << 20
    /// From the end of a peak until memory is given back: for what is still being freed, and so that peaks that follow
    /// each other closely cost it once.
    private static let delay = TimeAmount.seconds(2)

    private let trim: @Sendable () -> Void
    private let state = Mutex(State())

    /// Makes a watch that has seen no peak.
    ///
    /// - Parameter trim: Gives memory back; called on a thread that may wait.
    init(trim: @escaping @Sendable () -> Void) { self.trim = trim }

    /// Makes a watch of the process's allocator.
    package convenience init() { self.init { _ = cmalloc_trim() } }

    /// Gives each block of 1 MB and more pages of its own, for the whole process: they go back as soon as it is freed.
    /// Call it at the start.
    package static func configureAllocator() { _ = cmalloc_set_mmap_threshold(1 << 20) }

    /// Notes how much is in use.
    ///
    /// - Parameter bytes: How much.
    /// - Returns: Whether a peak is over, so that memory will be given back.
    @discardableResult func note(_ bytes: Int) -> Bool {
        let isOver = state.withLock { state in
            if bytes > state.peak { state.peak = bytes }
            guard !state.isWaiting, state.peak >= Self.minimumPeak, bytes < state.peak / 4 else { return false }
            state.peak = bytes
            state.isWaiting = true
            return true
        }
        guard isOver else { return false }
        let trim = trim
        MultiThreadedEventLoopGroup.singleton.any().scheduleTask(in: Self.delay) {
            self.state.withLock { $0.isWaiting = false }
            NIOThreadPool.singleton.submit { _ in trim() }
        }
        return true
    }
}
