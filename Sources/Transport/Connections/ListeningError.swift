import Glibc
import NIOCore

/// Why a server can't listen, and what to do.
package enum ListeningError: Error, Sendable, Equatable, CustomStringConvertible {
    /// Another program uses the port.
    case portTaken(Int)
    /// The user may not use the port.
    case portForbidden(Int)
    /// No machine has the name, or the text is not an address.
    case unknownHost(String)
    /// The address belongs to another machine.
    case foreignAddress(String)
    /// The system refuses the address for another reason.
    case unusableAddress(host: String, port: Int, reason: String)

    /// Makes the error from an error of the system.
    ///
    /// - Parameters:
    ///   - error: The error of binding the address.
    ///   - host: The address.
    ///   - port: The port.
    package init(_ error: any Error, host: String, port: Int) {
        if error is SocketAddressError.UnknownHost {
            self = .unknownHost(host)
            return
        }
        guard let code = (error as? IOError)?.errnoCode else {
            self = .unusableAddress(host: host, port: port, reason: "\(error)")
            return
        }
        switch code {
        case EADDRINUSE: self = .portTaken(port)
        case EACCES, EPERM: self = .portForbidden(port)
        case EADDRNOTAVAIL: self = .foreignAddress(host)
        default: self = .unusableAddress(host: host, port: port, reason: String(cString: strerror(code)))
        }
    }

    /// Whether an error comes from finding or binding an address.
    ///
    /// - Parameter error: Any error.
    /// - Returns: `true` for the errors that ``init(_:host:port:)`` can put into words.
    package static func isMeant(by error: any Error) -> Bool {
        error is IOError || error is SocketAddressError.UnknownHost
    }

    /// What is wrong, and what to do.
    package var description: String {
        switch self {
        case .portTaken(let port): "port \(port) is taken; stop the other program, or choose another with --port"
        case .portForbidden(let port): "port \(port) is not allowed for this user; choose one from 1024 with --port"
        case .unknownHost(let host):
            "no address is known for \"\(host)\"; --host takes a name or an address of this machine, without a port, such "
                + "as 127.0.0.1, or 0.0.0.0 for all of its addresses"
        case .foreignAddress(let host):
            "\"\(host)\" is not an address of this machine; choose one of its own with --host, or 0.0.0.0 for all of them"
        case .unusableAddress(let host, let port, let reason): "can't listen on \(host):\(port): \(reason)"
        }
    }
}
