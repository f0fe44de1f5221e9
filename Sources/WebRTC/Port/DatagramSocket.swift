import Glibc
import NIOCore

/// A UDP socket that is bound. NIO reads from it; datagrams are sent here, one by one.
///
/// They are not sent through NIO's channel, which closes itself when one address can't be reached: a client may give
/// any address as its own.
///
/// `@unchecked Sendable`: the only stored value is `descriptor`, a `let`. It stays open until `deinit`, when no thread
/// has the object any more, and the kernel serialises calls of `sendto` by several threads.
final class DatagramSocket: @unchecked Sendable {
    /// How many bytes the kernel keeps in each direction, if the system allows so many.
    private static let kernelBytes: Int32 = 4 << 20

    /// A second descriptor of the socket; NIO owns and closes the first one.
    private let descriptor: Int32

    /// Binds a socket.
    ///
    /// - Parameters:
    ///   - address: The address, with port 0 for a free port.
    ///   - take: Gets the first descriptor, and owns it.
    /// - Throws: `IOError`.
    init(_ address: SocketAddress, take: (Int32) -> Void) throws {
        let first = socket(address.protocol.rawValue, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard first >= 0 else { throw IOError(errnoCode: errno, reason: "socket") }
        var size = Self.kernelBytes
        let length = socklen_t(MemoryLayout<Int32>.size)
        setsockopt(first, SOL_SOCKET, SO_RCVBUF, &size, length)
        setsockopt(first, SOL_SOCKET, SO_SNDBUF, &size, length)
        let isReady =
            fcntl(first, F_SETFL, O_NONBLOCK) == 0
            && address.withSockAddr { bind(first, $0, socklen_t($1)) } == 0
        let second = isReady ? fcntl(first, F_DUPFD_CLOEXEC, 0) : -1
        guard second >= 0 else {
            let code = errno
            close(first)
            throw IOError(errnoCode: code, reason: "bind")
        }
        descriptor = second
        take(first)
    }

    deinit { close(descriptor) }

    /// Sends a datagram, if the kernel takes it now.
    ///
    /// - Returns: Whether it did.
    func send(_ datagram: UnsafeRawBufferPointer, to address: SocketAddress) -> Bool {
        address.withSockAddr { sendto(descriptor, datagram.baseAddress, datagram.count, 0, $0, socklen_t($1)) } >= 0
    }
}
