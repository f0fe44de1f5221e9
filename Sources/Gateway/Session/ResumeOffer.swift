import JSONValues

/// Whether a player may reconnect with its session's token, and the token.
struct ResumeOffer {
    /// Whether the player may reconnect with the token.
    private(set) var isOpen = true
    /// The session's token, once it has been issued.
    private var token: String?

    /// Ends the offer, for a session that was replaced, refused, moved to another map, or closed for a violation by its
    /// client.
    mutating func withdraw() { isOpen = false }

    /// The member of a snapshot that tells the client how to come back. Every snapshot has it, since a client forgets
    /// with each what it knew before; the token is the same for the session's life.
    ///
    /// - Parameters:
    ///   - seconds: How long after the connection's end the token is good; with 0, coming back needs a login.
    ///   - issue: Issues the token.
    /// - Returns: JSON text, a name with its value; `nil` when there is nothing to tell.
    mutating func member(seconds: Int, _ issue: () -> String) -> [UInt8]? {
        guard isOpen, seconds > 0 else { return nil }
        let token = token ?? issue()
        self.token = token
        let value = JSON.object(["token": .string(token), "seconds": .number(Double(seconds))])
        return Array("\"resume\":".utf8) + value.bytes
    }
}
