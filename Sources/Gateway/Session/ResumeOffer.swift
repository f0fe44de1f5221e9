import JSONValues

/// Whether a player may reconnect with its session's token, and whether the client got that token.
struct ResumeOffer {
    /// Whether the player may reconnect with the token.
    private(set) var isOpen = true
    private var isSent = false

    /// Ends the offer, for a session that was replaced, refused, moved to another map, or closed for a violation by its
    /// client.
    mutating func withdraw() { isOpen = false }

    /// The message that gives the client its resume token; it is made once per session.
    ///
    /// - Parameter issue: Issues the token, and returns for how many seconds it is valid after the connection's end;
    ///   `nil` when the player must log in again.
    /// - Returns: UTF-8 JSON; `nil` when the message was made already or there is no token.
    mutating func message(_ issue: () -> (token: String, seconds: Int)?) -> [UInt8]? {
        guard !isSent, let (token, seconds) = issue() else { return nil }
        isSent = true
        let message = JSON.object([
            "action": .string("resume"), "token": .string(token), "seconds": .number(Double(seconds)),
        ])
        return message.bytes
    }
}
