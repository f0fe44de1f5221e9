import JSONValues

/// Whether a player may come back with its session's token, and whether the client got that token.
struct ResumeOffer {
    /// Whether the player may come back.
    private(set) var isOpen = true
    private var isTold = false

    /// Ends it, for a session that was replaced, refused, or closed for what its client did.
    mutating func withdraw() { isOpen = false }

    /// The message that tells the client how to come back; once in a session's life.
    ///
    /// - Parameter issue: Issues the token, and says for how many seconds after the connection's end it is good; `nil`
    ///   when coming back needs a login.
    /// - Returns: UTF-8 JSON; `nil` when there is nothing to tell.
    mutating func message(_ issue: () -> (token: String, seconds: Int)?) -> [UInt8]? {
        guard !isTold, let (token, seconds) = issue() else { return nil }
        isTold = true
        let message = JSON.object([
            "action": .string("resume"), "token": .string(token), "seconds": .number(Double(seconds)),
        ])
        return message.bytes
    }
}
