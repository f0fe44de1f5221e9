package import Transport

/// Why the server can't listen, with what to do about it.
package enum GameServerError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The server can't listen on an address.
    case listening(ListeningError)
    /// The server can't listen on the UDP port of WebRTC.
    case webRTC(ListeningError)
    /// Another program has the port of a map.
    case mapPortTaken(Int, mapID: Int)
    /// The port of a map would be higher than 65,535.
    case mapPortTooHigh(Int, mapID: Int)

    /// What is wrong, and what to do.
    package var description: String {
        switch self {
        case .listening(let error): error.description
        case .webRTC(.portTaken(let port)):
            "UDP port \(port), which webrtc needs, is taken; stop the other program, or choose another with webrtc_port in "
                + "game.yaml"
        case .webRTC(.portForbidden(let port)):
            "UDP port \(port), which webrtc needs, is not allowed for this user; choose one from 1024 with webrtc_port in "
                + "game.yaml"
        case .webRTC(let error): "the UDP port of webrtc: \(error)"
        case .mapPortTaken(let port, let mapID):
            "port \(port) is taken, and with --port-per-map it is that of map \(mapID); stop the other program, or choose "
                + "another --port"
        case .mapPortTooHigh(let port, let mapID):
            "with --port-per-map the port of map \(mapID) would be \(port), and ports end at 65535; choose a lower --port, "
                + "or give the map a lower number"
        }
    }
}
