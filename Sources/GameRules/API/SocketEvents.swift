/// The names and limits of Socket.IO events that scripts receive and send.
package enum SocketEvents {
    /// `sockets/connect.lua` runs when a client connects.
    package static let connect = "connect"
    /// `sockets/disconnect.lua` runs when a socket is gone.
    package static let disconnect = "disconnect"

    /// The names that Socket.IO keeps for itself: neither clients nor servers can send events of these names.
    package static let reserved: Set<String> = [
        connect, disconnect, "connect_error", "disconnecting", "newListener", "removeListener",
    ]

    /// The longest name of an event or a room, in bytes.
    package static let maxNameBytes = 128
    /// How many rooms a socket may be in.
    package static let maxRooms = 128
    /// How many arguments an event or an acknowledgement of a script may have.
    package static let maxArguments = 14
    /// The longest reason that `sockets/connect.lua` gives a client that it refuses, in bytes.
    package static let maxReasonBytes = 256
    /// The most that a socket's `data` may weigh: 16 for each value, plus the bytes of texts and keys.
    package static let maxDataWeight = 16 << 10

    /// What is wrong with the name of an event that a script sends; `nil` when nothing is.
    ///
    /// - Parameter name: The name.
    /// - Returns: The message.
    package static func problem(withSent name: String) -> String? {
        if name.isEmpty { return "an event's name must not be empty" }
        if name.utf8.count > maxNameBytes { return "an event's name may have \(maxNameBytes) bytes" }
        return reserved.contains(name) ? "the event '\(name)' is Socket.IO's own; choose another name" : nil
    }

    /// What is wrong with the name of a file of `sockets/`, beside what is wrong with all names.
    ///
    /// - Parameter stem: The file's name without `.lua`.
    /// - Returns: The message; `nil` when nothing is wrong.
    package static func problem(withFile stem: String) -> String? {
        if reserved.contains(stem), stem != connect, stem != disconnect {
            return "the event \(stem) is Socket.IO's own, and no client can send it; choose another name"
        }
        guard !Names.isIdentifier(stem) else { return nil }
        return
            "no event can be received under the name \"\(stem)\": the file's name is the event's, of letters, digits and _, "
            + "and begins with no digit; let the client send it under such a name"
    }
}
