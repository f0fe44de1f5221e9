import Glibc
import NIOCore

/// What the kernel does about a peer that vanished.
///
/// Such a peer is found by pings and idle times; what it leaves in the kernel ends with these.
enum KernelTimeouts {
    /// Sets them; each fails on a connection that is gone already, which shows at its first read.
    ///
    /// - Parameters:
    ///   - options: The connection's.
    ///   - unsent: How long sent data may wait for an acknowledgement.
    static func set(_ options: any NIOSynchronousChannelOptions, unsent: TimeAmount) {
        // In milliseconds, then in seconds and tries.
        try? options.setOption(
            .tcpOption(.init(rawValue: TCP_USER_TIMEOUT)), value: .init(unsent.nanoseconds / 1_000_000))
        try? options.setOption(.socketOption(.so_keepalive), value: 1)
        try? options.setOption(.tcpOption(.init(rawValue: TCP_KEEPIDLE)), value: 60)
        try? options.setOption(.tcpOption(.init(rawValue: TCP_KEEPINTVL)), value: 10)
        try? options.setOption(.tcpOption(.init(rawValue: TCP_KEEPCNT)), value: 3)
    }
}
