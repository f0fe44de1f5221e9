import Glibc
import NIOCore

/// The kernel's timeouts for a peer that vanished.
///
/// The server detects such a peer by pings and idle timeouts. These kernel timeouts end the connection state that
/// remains in the kernel.
enum KernelTimeouts {
    /// Sets the timeouts; each option fails when the connection is closed already, which the first read reports.
    ///
    /// - Parameters:
    ///   - options: The options of the connection.
    ///   - unsent: How long sent data may wait for an acknowledgement.
    static func set(_ options: any NIOSynchronousChannelOptions, unsent: TimeAmount) {
        // TCP_USER_TIMEOUT is in milliseconds; keepalive idle time and interval are in seconds, and the count is a
        // number of probes.
        try? options.setOption(
            .tcpOption(.init(rawValue: TCP_USER_TIMEOUT)), value: .init(unsent.nanoseconds / 1_000_000))
        try? options.setOption(.socketOption(.so_keepalive), value: 1)
        try? options.setOption(.tcpOption(.init(rawValue: TCP_KEEPIDLE)), value: 60)
        try? options.setOption(.tcpOption(.init(rawValue: TCP_KEEPINTVL)), value: 10)
        try? options.setOption(.tcpOption(.init(rawValue: TCP_KEEPCNT)), value: 3)
    }
}
