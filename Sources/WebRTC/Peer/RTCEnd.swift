/// Why a peer has ended.
package enum RTCEnd: Error, Sendable, Equatable, CustomStringConvertible {
    /// The client has closed the connection.
    case clientClosed
    /// The server has closed the connection.
    case serverClosed
    /// The client sent no checks for a long time (RFC 7675): it is gone, or its line is.
    case consentLost
    /// The client did not open a channel in time.
    case notOpened
    /// DTLS could not be agreed, or the client sent a fatal alert.
    case dtlsFailed
    /// The client's certificate is not the one of its offer.
    case wrongFingerprint
    /// The association of SCTP could not be made, or could not send.
    case sctpFailed
    /// The client sent a longer message than the answer allows, in bytes.
    case messageTooLong(limit: Int)

    /// The reason, for people.
    package var description: String {
        switch self {
        case .clientClosed: "the client has closed the connection"
        case .serverClosed: "the server has closed the connection"
        case .consentLost: "the client sent no connectivity checks for a long time"
        case .notOpened: "the client did not open a data channel in time"
        case .dtlsFailed: "the DTLS connection failed"
        case .wrongFingerprint: "the client's certificate does not have the fingerprint of its offer"
        case .sctpFailed: "the SCTP association failed"
        case .messageTooLong(let limit): "the client sent a message of more than \(limit) bytes (a=max-message-size)"
        }
    }
}
