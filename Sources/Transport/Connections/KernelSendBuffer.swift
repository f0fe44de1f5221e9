import Glibc
import NIOCore

/// What the kernel keeps of the bytes that a connection sends.
enum KernelSendBuffer {
    /// What a connection may have there, in bytes of text; the kernel allows itself twice that in memory.
    ///
    /// Without it a buffer grows to 4 MB (`net.ipv4.tcp_wmem`). It limits what one client gets to this much a round
    /// trip: 1.3 MB/s at 100 ms.
    static let size = 128 * 1024

    /// The first words of what SO_MEMINFO tells, see `SK_MEMINFO_*` in `linux/sock_diag.h`.
    private struct MemoryInfo: Sendable {
        var receiveAllocated: UInt32 = 0
        var receiveLimit: UInt32 = 0
        var sendAllocated: UInt32 = 0
        var sendLimit: UInt32 = 0
        var forward: UInt32 = 0
        var sendQueued: UInt32 = 0
    }

    private static let memoryInfo = NIOBSDSocket.Option(rawValue: 55)  // SO_MEMINFO, a macro that Swift does not see

    /// Bounds what a new connection may have.
    ///
    /// - Parameter options: The connection's. It fails on one that is gone already, which shows at its first read.
    static func limit(_ options: any NIOSynchronousChannelOptions) {
        try? options.setOption(.socketOption(.so_sndbuf), value: .init(size))
    }

    /// The memory that a connection's unsent and unacknowledged bytes take now; 0 where there is no kernel. On the
    /// channel's event loop.
    ///
    /// - Parameter channel: The connection.
    /// - Returns: Bytes.
    static func memory(of channel: any Channel) -> Int {
        guard let provider = channel as? any SocketOptionProvider else { return 0 }
        let info: EventLoopFuture<MemoryInfo> = provider.unsafeGetSocketOption(level: .socket, name: memoryInfo)
        var bytes = 0
        // On the channel's own event loop the future is complete already, so this is called before the next line.
        info.assumeIsolated().whenSuccess { bytes = Int($0.sendQueued) }
        return bytes
    }

    /// Closes a connection after a word that the peer may still read; where it left much unread, the kernel forgets
    /// that. On the channel's event loop.
    ///
    /// - Parameter channel: The connection.
    static func close(_ channel: any Channel) {
        if memory(of: channel) > SendMemory.floor { abort(channel) } else { channel.close(promise: nil) }
    }

    /// Closes a connection so that the kernel forgets at once what it could not send; the peer reads what it has, then
    /// a reset. On the channel's event loop.
    ///
    /// - Parameter channel: The connection.
    static func abort(_ channel: any Channel) {
        if let provider = channel as? any SocketOptionProvider {
            // It fails on a connection that is gone already.
            _ = provider.setSoLinger(linger(l_onoff: 1, l_linger: 0))
        }
        channel.close(promise: nil)
    }
}
