/// Why a port takes no further client.
package enum RTCRefusal: Error, Sendable, Equatable, CustomStringConvertible {
    /// There are as many peers as the server allows.
    case full
    /// Too many clients have sent an offer and are not connected yet.
    case tooManyOffers
    /// The server is stopping.
    case stopping

    /// The reason, for people.
    package var description: String {
        switch self {
        case .full: "the server has no room for another WebRTC client"
        case .tooManyOffers: "too many clients are connecting by WebRTC at the moment; try again in a few seconds"
        case .stopping: "the server is stopping"
        }
    }
}
