package import World

/// Sees what a map is given and what it does with that, and decides where a tick has no more time: so a map is
/// recorded, and a replay makes it do as it did. Used on the map's executor.
///
/// By default it only looks on, and leaves each decision to the clock.
package protocol MapWatcher: CallWatcher, Sendable {
    /// A step begins.
    ///
    /// - Parameters:
    ///   - step: What the map is given.
    ///   - now: The step's time, Unix time in seconds.
    func begin(_ step: MapStep, now: Double)

    /// The step ends.
    ///
    /// - Parameters:
    ///   - deliveries: The messages that it made, in order.
    ///   - world: What the map holds now.
    ///   - now: The step's time, Unix time in seconds.
    func end(_ deliveries: [MapSimulation.Delivery], _ world: World, now: Double)

    /// More events are due.
    ///
    /// - Parameters:
    ///   - measured: The end of the tick's events by the clock; `nil` while there is time.
    ///   - count: How many have had their turn.
    /// - Returns: The end to go on with; `nil` to run the next event.
    func cut(_ measured: EventCut?, after count: Int) -> EventCut?

    /// More joins and arrivals came in.
    ///
    /// - Parameters:
    ///   - measured: Whether the others wait for the next tick, by the clock.
    ///   - count: How many have had their turn.
    /// - Returns: Whether they do.
    func cutsEntries(_ measured: Bool, after count: Int) -> Bool
}

extension MapWatcher {
    package func begin(_ step: MapStep, now: Double) {}

    package func end(_ deliveries: [MapSimulation.Delivery], _ world: World, now: Double) {}

    package func cut(_ measured: EventCut?, after count: Int) -> EventCut? { measured }

    package func cutsEntries(_ measured: Bool, after count: Int) -> Bool { measured }
}
