import CMalloc
import NIOCore
import NIOPosix
import Synchronization

/// Gives memory back to the system after a peak of use, because the allocator otherwise keeps freed memory. Any thread
/// may call it.
package final class MemoryReturn: Sendable {
    private struct State {
        var peak = 0
        var isWaiting = false
    }

    /// The smallest peak after which memory is given back, in bytes.
    static let minimumPeak = 16 << 20
    /// The time from the end of a peak until memory is given back. Memory may still be freed in this time, and several
    /// peaks in it cause only one return.
    private static let delay = TimeAmount.seconds(2)

    private let trim: @Sendable () -> Void
    private let state = Mutex(State())

    /// Makes an instance that has seen no peak.
    ///
    /// - Parameter trim: Gives memory back to the system; called on a thread that may block.
    init(trim: @escaping @Sendable () -> Void) { self.trim = trim }

    /// Makes an instance for the process's allocator.
    package convenience init() { self.init { _ = cmalloc_trim() } }

    /// Makes the process's allocator map each block of 1 MiB and more separately, so that the block goes back to the
    /// system when it is freed; and keep 2 MiB for each thread, so that the messages of a tick don't need new pages.
    ///
    /// Call it at the start.
    package static func configureAllocator() {
        _ = cmalloc_set_mmap_threshold(1 << 20)
        _ = cmalloc_set_trim_threshold(2 << 20)
    }

    /// Records how much memory is in use.
    ///
    /// - Parameter bytes: The bytes in use.
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
