/// What the clients of the battle measured.
struct BattleTally: Sendable {
    /// Time from a client's send of a move to its own event.
    var own = LatencyHistogram()
    /// Time from a client's send of a move to the events of the others.
    var others = LatencyHistogram()
    /// How long after its due time a move was sent: the load generator causes this delay.
    var sendLateness = LatencyHistogram()

    /// Moves sent within the window.
    var sent = 0
    /// Moves of the window that were not sent because the connection was full.
    var skipped = 0
    /// Events of the moves that were sent within the window.
    var delivered = 0
    /// Events `player_moved` that came within the window, and the bytes of all packets.
    var events = 0
    var bytes = 0
    /// Events `player_moved` of a move that nobody sent.
    var strange = 0
    var disconnects = 0
    /// Descriptions of what went wrong, with their counts.
    var incidents: [String: Int] = [:]

    /// Notes something that went wrong; different texts beyond 20 are counted together.
    mutating func note(_ incident: String) {
        let known = incidents[incident] != nil || incidents.count < 20
        incidents[known ? incident : "other incidents", default: 0] += 1
    }
}
