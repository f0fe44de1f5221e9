/// The reason why a load test could not run; each message names the value and says what to do.
package enum BenchError: Error, Sendable, Equatable, CustomStringConvertible {
    /// An option has a value that is not allowed: the name, the given value, the allowed values.
    case option(name: String, value: String, allowed: String)
    /// Nothing answers at the address.
    case unreachable(address: String, reason: String)
    /// The server refused to register or admit a player: login, HTTP status, the text of the answer.
    case loginRefused(login: String, status: Int, message: String)
    /// The answer to the WebSocket handshake was not status 101.
    case handshakeRefused(login: String, answer: String)
    /// A player did not receive its snapshot: login and reason.
    case notAdmitted(login: String, reason: String)
    /// Not all players were connected within the given time: the number that were, and the last obstacle.
    case joinTimedOut(joined: Int, wanted: Int, seconds: Int, obstacle: String)
    /// A process that the bench starts itself did not come up: its name, and the last lines of its error output.
    case didNotStart(process: String, errorOutput: String)

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
        case .didNotStart(let process, let errorOutput):
            "\(process) did not start" + (errorOutput.isEmpty ? "" : ": \(errorOutput)")
        }
    }

    /// Checks an option that is a whole number.
    ///
    /// - Parameters:
    ///   - name: Its name on the command line, without dashes.
    ///   - value: What was given.
    ///   - range: What is allowed.
    /// - Throws: ``option(name:value:allowed:)`` for a value that is not allowed.
    package static func check(_ name: String, _ value: Int, _ range: ClosedRange<Int>) throws(BenchError) {
        guard range.contains(value) else {
            throw .option(name: name, value: "\(value)", allowed: "\(range.lowerBound) to \(range.upperBound)")
        }
    }
}
