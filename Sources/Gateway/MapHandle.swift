package import Simulation
package import World

/// What the gateway sees of one running map.
///
/// Everything may be called on any thread and returns at once, except ``diagnostics()`` and ``profile(seconds:)``.
package protocol MapHandle: Sendable {
    /// The map's number.
    var mapID: Int { get }
    /// The map's shape as it is now.
    var geometry: MapGeometry { get }
    /// The neighbours by side, with `center` for this map itself [M3.8].
    var sides: [String: Int] { get }
    /// Whether the map takes players; `false` while it starts or closes.
    var isReady: Bool { get }
    /// For how long its tick should have ended that has not; zero for a map that is in time or sleeps.
    var lateness: Duration { get }
    /// What it is doing, cheap enough for every scrape.
    var status: MapStatus { get }

    /// Hands an input to the map's next tick.
    ///
    /// - Parameter input: The input.
    /// - Returns: `false` when the input's source has too much waiting, or the map has stopped; a client's wish for a
    ///   snapshot is always taken.
    func post(_ input: MapInput) -> Bool

    /// Collects logs, errors and timings for operators.
    ///
    /// - Returns: The diagnostics of this moment.
    func diagnostics() async -> MapDiagnostics

    /// Watches where the scripts spend their time.
    ///
    /// - Parameter seconds: How long.
    /// - Returns: Samples by collapsed stack; `nil` while the map is watched already.
    func profile(seconds: Int) async -> [String: Int]?
}

extension MapHandle {
    package var sides: [String: Int] { ["center": mapID] }
    package var lateness: Duration { .zero }
    package func profile(seconds: Int) async -> [String: Int]? { [:] }
}
