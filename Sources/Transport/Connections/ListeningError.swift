import Glibc
import NIOCore

/// Why a server can't listen, and what to do.
package enum ListeningError: Error, Sendable, Equatable, CustomStringConvertible {
    /// Another program uses the port.
    case portTaken(Int)
    /// The user may not use the port.
    case portForbidden(Int)
    /// The address does not belong to this machine, or the system refuses it for another reason.
    case unusableAddress(host: String, port: Int, reason: String)

    /// Makes the error from an error of the system.
    ///
    /// - Parameters:
    ///   - error: The error of binding the address.
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
