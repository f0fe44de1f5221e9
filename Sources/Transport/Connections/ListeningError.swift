import Glibc
import NIOCore

/// Why a server can't listen, with what to do about it.
package enum ListeningError: Error, Sendable, Equatable, CustomStringConvertible {
    /// Another program has the port.
    case portTaken(Int)
    /// The user may not have the port.
    case portForbidden(Int)
    /// The address is not this machine's, or something else is wrong with it.
    case unusableAddress(host: String, port: Int, reason: String)

    /// Reads what the system says.
    ///
    /// - Parameters:
    ///   - error: What binding the address failed with.
    ///   - host: The address.
    ///   - port: The port.
    package init(_ error: any Error, host: String, port: Int) {
        switch (error as? IOError)?.errnoCode {
        case EADDRINUSE: self = .portTaken(port)
        case EACCES, EPERM: self = .portForbidden(port)
        default: self = .unusableAddress(host: host, port: port, reason: "\(error)")
        }
    }

    /// What is wrong, and what to do.
    package var description: String {
        switch self {
        case .portTaken(let port): "port \(port) is taken; stop the other program, or choose another with --port"
        case .portForbidden(let port): "port \(port) is not allowed for this user; choose one from 1024 with --port"
        case .unusableAddress(let host, let port, let reason): "can't listen on \(host):\(port): \(reason)"
        }
    }
}
