/// Why a client is not connected.
package enum RTCClientError: Error, Sendable, Equatable, CustomStringConvertible {
    /// Something is missing in the server's answer, or can't be read: the name of the line or the attribute.
    case badAnswer(String)
    /// usrsctp or OpenSSL can't make another connection.
    case noRoom
    /// The server did not answer in time.
    case timedOut
    /// DTLS could not be agreed.
    case dtlsFailed
    /// The server's certificate is not the one of its answer.
    case wrongFingerprint
    /// The server has ended the connection.
    case closed

    /// The reason, for people.
    package var description: String {
        switch self {
        case .badAnswer(let name): "the server's answer has no \(name) that can be read"
        case .noRoom: "there is no memory for another WebRTC client"
        case .timedOut: "no data channel was open within \(RTCClient.connectSeconds) s"
        case .dtlsFailed: "the DTLS connection failed"
        case .wrongFingerprint: "the server's certificate does not have the fingerprint of its answer"
        case .closed: "the server has ended the connection"
        }
    }
}
