import JSONValues

/// The properties of a recording.
package struct RecordingHead: Sendable, Equatable {
    /// When the recording began, Unix time in seconds.
    package var started: Double
    /// The machine's time zone, which `os.date` shows: `Europe/Berlin`; empty when it is not known.
    package var zone: String
    /// The game's name.
    package var game: String

    /// Makes a head.
    package init(started: Double, zone: String, game: String) {
        self.started = started
        self.zone = zone
        self.game = game
    }

    init(_ json: JSON) {
        started = json.object?["started"]?.number ?? 0
        zone = json.object?["zone"]?.string ?? ""
        game = json.object?["game"]?.string ?? ""
    }

    var json: JSON {
        .object(["started": .number(started), "zone": .string(zone), "game": .string(game)])
    }
}
