package import Simulation
package import World

/// The interface of a running map for the gateway.
///
/// Everything may be called on any thread and returns at once, except the functions that are `async`.
package protocol MapHandle: Sendable {
    /// The map's number.
    var mapID: Int { get }
    /// The map's current geometry.
    var geometry: MapGeometry { get }
    /// The numbers of the neighbour maps by side, with `center` for this map [M3.8].
    var sides: [String: Int] { get }
    /// Whether the map accepts players; `false` while it starts or closes.
    var isReady: Bool { get }
    /// How long the unfinished tick is overdue; zero for a map that is on time or sleeps.
    var lateness: Duration { get }
    /// The map's status; cheap enough for every scrape of the metrics.
    var status: MapStatus { get }

    /// Counts the messages to and from the map's players; `nil` where nothing is counted.
    var traffic: TrafficMeter? { get }

    /// The map itself, for operators who look at its world or change it; `nil` for a map without a world.
    var actor: MapActor? { get }

    /// Adds an input to the map's inbox, for its next tick.
    ///
    /// - Parameter input: The input.
    /// - Returns: `false` when the input's source has too much waiting, or the map has stopped; a client's wish for a
    ///   snapshot is always taken.
    func post(_ input: MapInput) -> Bool

    /// Collects logs, errors and timings for operators.
    ///
    /// - Returns: The diagnostics of this moment.
    func diagnostics() async -> MapDiagnostics

    /// Whether a player's entity is on the map or about to be, with or without a connection.
    ///
    /// - Parameter player: The player's number.
    /// - Returns: `false` for a player who is on another map, or on none.
    func hasPlayer(_ player: Int) async -> Bool

    /// Looks who and what is on the map.
    ///
    /// - Parameter question: Which players, and whether the types of entities are counted.
    /// - Returns: The answer.
    func census(_ question: MapCensus.Question) async -> MapCensus

    /// Reads what the scripts and ticks cost.
    ///
    /// - Returns: The costs of this moment.
    func performance() async -> MapPerformance

    /// Reads what the scripts cost over the last quarter of an hour.
    ///
    /// - Returns: The costs by ten seconds, and the reloads.
    func costHistory() async -> CostHistory

    /// Reads the slowest ticks of the last hour.
    ///
    /// - Returns: The slowest first.
    func slowestTicks() async -> [SlowTick]

    /// Reads which versions of the game's files run, and how often; cheaper than ``diagnostics()``.
    ///
    /// - Returns: The states of this moment.
    func scriptStates() async -> ScriptStates

    /// Profiles the map's scripts.
    ///
    /// - Parameter seconds: The duration of the profile.
    /// - Returns: The number of samples by collapsed stack; `nil` while another profile runs.
    func profile(seconds: Int) async -> [String: Int]?
}

extension MapHandle {
    package var sides: [String: Int] { ["center": mapID] }
    package var actor: MapActor? { nil }
    package var lateness: Duration { .zero }
    package func hasPlayer(_ player: Int) async -> Bool { false }
    package var traffic: TrafficMeter? { nil }
    package func census(_ question: MapCensus.Question) async -> MapCensus { MapCensus() }
    package func performance() async -> MapPerformance { MapPerformance(status: status) }
    package func costHistory() async -> CostHistory { CostHistory() }
    package func slowestTicks() async -> [SlowTick] { [] }
    package func scriptStates() async -> ScriptStates { ScriptStates() }
    package func profile(seconds: Int) async -> [String: Int]? { [:] }
}
