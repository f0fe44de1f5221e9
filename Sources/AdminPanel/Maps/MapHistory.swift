import Simulation

/// The figures of a map over the last hour: a sample each ``interval`` seconds, in memory that does not grow. Older
/// ones are overwritten.
struct MapHistory {
    /// What a map did since the sample before.
    struct Sample: Equatable {
        /// Unix time in seconds.
        var time: Double
        /// Ticks a second.
        var fps: Float
        /// Mean and 95th percentile of the latest ticks, in milliseconds.
        var tickMs, tickP95Ms: Float
        var players, entities: Int32
        /// Memory of the scripts, in bytes.
        var luaBytes: Int
        /// Bytes a second to and from the players.
        var sentPerSecond, receivedPerSecond: Float
    }

    /// Seconds between two samples.
    static let interval = 5.0
    /// How many samples are kept: those of an hour.
    static let capacity = 720

    private var kept = LastValues<Sample>(Self.capacity)

    /// The latest sample.
    var latest: Sample? { kept.latest }

    /// Notes a sample.
    mutating func note(_ sample: Sample) { kept.note(sample) }

    /// The samples of the last hour, oldest first.
    ///
    /// - Parameters:
    ///   - time: Only samples later than this, Unix time in seconds.
    ///   - now: Unix time in seconds.
    /// - Returns: The samples.
    func samples(since time: Double, at now: Double) -> [Sample] {
        let start = max(time, now - Double(Self.capacity) * Self.interval)
        return kept.all.filter { $0.time > start }
    }
}
