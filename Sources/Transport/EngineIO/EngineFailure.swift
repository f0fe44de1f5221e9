/// Why a connection of Engine.IO ended without a close of either side.
package enum EngineFailure: Error, Sendable, Equatable, CustomStringConvertible {
    /// Nothing came from the client after a ping.
    case pingTimeout
    /// The TCP connection of a request ended before its answer.
    case requestLost
    /// The TCP connection of a poll ended before its answer, with packets in it, was written.
    case answerLost
    /// The WebSocket failed.
    case socketFailed(String)

    /// What happened.
    package var description: String {
        switch self {
        case .pingTimeout: "the client did not answer a ping in time"
        case .requestLost: "the client ended a request before its answer"
        case .answerLost: "the client was gone before an answer with packets was written"
        case .socketFailed(let error): "the WebSocket failed: \(error)"
        }
    }
}
