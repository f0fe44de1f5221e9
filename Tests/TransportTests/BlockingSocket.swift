import Glibc
import NIOCore

/// Functions of a TCP socket of this machine that wait. The signals of the scripts' watchdogs, which other tests use,
/// interrupt waiting calls; these go on.
enum BlockingSocket {
    struct Failure: Error {
        var code: Int32
    }

    /// Connects to a port of this machine; reads then wait for at most 20 s.
    static func connect(port: Int) throws -> Int32 {
        let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        let address = try SocketAddress(ipAddress: "127.0.0.1", port: port)
        let status = address.withSockAddr { Glibc.connect(socket, $0, socklen_t($1)) }
        guard status == 0 else { throw Failure(code: errno) }
        var patience = timeval(tv_sec: 20, tv_usec: 0)
        setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        return socket
    }

    private static func uninterrupted(_ call: () -> Int) -> Int {
        while true {
            let result = call()
            guard result < 0, errno == EINTR else { return result }
        }
    }

    /// Sends bytes.
    ///
    /// - Returns: Whether the kernel took all of them.
    static func send(_ socket: Int32, _ bytes: [UInt8]) -> Bool {
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes { bytes in
                uninterrupted { Glibc.send(socket, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL)) }
            }
            guard count > 0 else { return false }
            sent += count
        }
        return true
    }

    /// Reads some bytes; empty at the end.
    static func receive(_ socket: Int32) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: 65_536) { buffer, size in
            size = max(uninterrupted { recv(socket, buffer.baseAddress, buffer.count, 0) }, 0)
        }
    }

    /// Closes a socket, with a reset or not.
    static func close(_ socket: Int32, isReset: Bool) {
        if isReset {
            var linger = linger(l_onoff: 1, l_linger: 0)
            setsockopt(socket, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<linger>.size))
        }
        _ = Glibc.close(socket)
    }
}
