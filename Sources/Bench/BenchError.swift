/// Why a load test could not be run; each message names the value and what to do.
package enum BenchError: Error, Sendable, Equatable, CustomStringConvertible {
    /// An option is outside what is allowed: its name, what was given, what is allowed.
    case option(name: String, value: String, allowed: String)
    /// Nothing answers at the address.
    case unreachable(address: String, reason: String)
    /// The server refused to register or admit a player: login, HTTP status, the answer's own words.
    case loginRefused(login: String, status: Int, message: String)
    /// The WebSocket handshake was not answered with 101.
    case handshakeRefused(login: String, answer: String)
    /// A player did not get its snapshot: login and what happened instead.
    case notAdmitted(login: String, reason: String)
    /// The players could not all be connected within the time given: how many were, and the last obstacle.
    case joinTimedOut(joined: Int, wanted: Int, seconds: Int, obstacle: String)

    package var description: String {
        switch self {
        case .option(let name, let value, let allowed):
            "--\(name) is \(value); allowed: \(allowed)"
        case .unreachable(let address, let reason):
            "no server answers at \(address) (\(reason)); start it first, or name its --port"
        case .loginRefused(let login, let status, let message):
            "the server refused to admit \(login): HTTP \(status), \(message)"
        case .handshakeRefused(let login, let answer):
            "the server refused the WebSocket of \(login): \(answer)"
        case .notAdmitted(let login, let reason):
            "\(login) got no snapshot: \(reason)"
        case .joinTimedOut(let joined, let wanted, let seconds, let obstacle):
            "only \(joined) of \(wanted) players were connected within \(seconds) s"
                + (obstacle.isEmpty ? "" : " (last obstacle: \(obstacle))")
                + "; raise --join-seconds, or the server's login rate limit"
        }
    }
}
