/// The players whom operators have muted, by their numbers: scripts read it as `object.muted`.
///
/// Only inputs of the map change it, and it ends by the time of ticks, so that a replay has the same mutes.
struct MutedPlayers {
    private var ends: [Int: Double] = [:]

    /// Mutes a player, or ends that.
    ///
    /// - Parameters:
    ///   - player: The player's number.
    ///   - until: Unix time in seconds, infinity for ever; `nil` for a player who may talk.
    mutating func set(_ player: Int, until: Double?) { ends[player] = until }

    /// Whether a player is muted.
    ///
    /// - Parameters:
    ///   - player: The player's number.
    ///   - now: The time of the tick, Unix time in seconds.
    /// - Returns: `false` from the end of the mute on.
    func contains(_ player: Int, at now: Double) -> Bool { ends[player].map { now < $0 } ?? false }
}
