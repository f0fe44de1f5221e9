extension TestClient {
    /// What a client has seen.
    struct View: Sendable {
        var isConnected = false
        var isEnded = false
        /// Messages as `stream/form/text`.
        var messages: [String] = []
        /// The bytes of messages by their stream.
        var bytes: [UInt16: Int] = [:]
        var closedStreams: [UInt16] = []
        /// The types of STUN messages that arrived.
        var answers: [UInt16] = []
        /// How many checks of the server were answered.
        var checks = 0
    }

    /// What a test waited for has not come.
    struct Late: Error { var what: String }
}
