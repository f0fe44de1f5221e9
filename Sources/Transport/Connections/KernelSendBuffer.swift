import Glibc
import NIOCore

/// The kernel's send buffer of a connection: its bound, its size and how to drop it.
enum KernelSendBuffer {
    /// The payload bytes that a connection's send buffer may hold; the kernel allows twice that in memory.
    ///
    /// Without this bound a buffer grows to 4 MB (`net.ipv4.tcp_wmem`). The bound limits the speed of one connection to
    /// `size` per round trip: 1.3 MB/s at 100 ms.
    static let size = 128 * 1024

    /// The first words of the result of SO_MEMINFO, see `SK_MEMINFO_*` in `linux/sock_diag.h`.
    private struct MemoryInfo: Sendable {
        var receiveAllocated: UInt32 = 0
        var receiveLimit: UInt32 = 0
        var sendAllocated: UInt32 = 0
        var sendLimit: UInt32 = 0
        var forward: UInt32 = 0
        var sendQueued: UInt32 = 0
    }

    private static let memoryInfo = NIOBSDSocket.Option(rawValue: 55)  // SO_MEMINFO, a macro that Swift does not see

    /// Bounds the send buffer of a new connection.
    ///
    /// - Parameter options: The options of the connection. Setting them fails when it is closed already; the first read
    ///   reports that.
    static func limit(_ options: any NIOSynchronousChannelOptions) {
        try? options.setOption(.socketOption(.so_sndbuf), value: .init(size))
    }

    /// The memory of a connection's unsent and unacknowledged bytes in the kernel; 0 for a channel without a socket.
    ///
    /// Call it on the channel's event loop.
    ///
    /// - Parameter channel: The connection.
    /// - Returns: Bytes.
    static func memory(of channel: any Channel) -> Int {
        guard let provider = channel as? any SocketOptionProvider else { return 0 }
        let info: EventLoopFuture<MemoryInfo> = provider.unsafeGetSocketOption(level: .socket, name: memoryInfo)
        var bytes = 0
        // On the channel's event loop the future is complete already, so the closure runs before the next line.
        info.assumeIsolated().whenSuccess { bytes = Int($0.sendQueued) }
        return bytes
    }

    /// Closes a connection, so that the peer can still read what was sent; aborts it when more than
    /// ``SendMemory/floor`` waits in the kernel.
    ///
    /// Call it on the channel's event loop.
    ///
    /// - Parameter channel: The connection.
    static func close(_ channel: any Channel) {
        if memory(of: channel) > SendMemory.floor { abort(channel) } else { channel.close(promise: nil) }
    }

    /// Closes a connection with a reset, so that the kernel drops its unsent bytes at once.
    ///
    /// The peer can read what it has received, then it sees a reset. Call it on the channel's event loop.
    ///
    /// - Parameter channel: The connection.
    static func abort(_ channel: any Channel) {
        if let provider = channel as? any SocketOptionProvider {
            // This fails when the connection is closed already.
            _ = provider.setSoLinger(linger(l_onoff: 1, l_linger: 0))
        }
        channel.close(promise: nil)
    }
}
