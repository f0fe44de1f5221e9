package import World

/// Sees the inputs and outputs of a map, and decides where a tick has no more time. A recording uses it to store
/// these, a replay to repeat the recorded decisions. Used on the map's executor.
///
/// By default it does nothing, and leaves each decision to the clock.
package protocol MapWatcher: CallWatcher, Sendable {
    /// A step begins.
    ///
    /// - Parameters:
    ///   - step: The step with its inputs.
    ///   - now: The step's time, Unix time in seconds.
    func begin(_ step: MapStep, now: Double)

    /// The step ends.
    ///
    /// - Parameters:
    ///   - deliveries: The messages that it made, in order.
    ///   - world: What the map holds now.
    ///   - now: The step's time, Unix time in seconds.
    func end(_ deliveries: [MapSimulation.Delivery], _ world: World, now: Double)

    /// Called after each event of a tick while more events are due.
    ///
    /// - Parameters:
    ///   - measured: The cut by the clock; `nil` while there is time.
    ///   - count: How many events have had their turn.
    /// - Returns: The cut to make; `nil` to run the next event.
    func cut(_ measured: EventCut?, after count: Int) -> EventCut?

    /// Called after each join or arrival of a tick while more of them wait.
    ///
    /// - Parameters:
    ///   - measured: Whether, by the clock, the others must wait for the next tick.
    ///   - count: How many joins and arrivals have had their turn.
    /// - Returns: Whether the others wait for the next tick.
    func cutsEntries(_ measured: Bool, after count: Int) -> Bool

    /// Called before each entity leaves whose leave hooks may run, after the first of a tick.
    ///
    /// - Parameters:
    ///   - measured: Whether, by the clock, the others must wait for the next tick.
    ///   - count: How many entities' hooks ran in this tick.
    /// - Returns: Whether the others wait for the next tick.
    func cutsDepartures(_ measured: Bool, after count: Int) -> Bool

    /// Called while a tick collects garbage of the scripts; when weak tables lose their entries depends on it.
    ///
    /// - Parameters:
    ///   - measured: Whether, by the clock, the tick has no more time for it.
    ///   - count: How many steps the tick has made.
    /// - Returns: Whether the collection waits for the next tick.
    func cutsCollection(_ measured: Bool, after count: Int) -> Bool
}

extension MapWatcher {
    package func begin(_ step: MapStep, now: Double) {}

    package func end(_ deliveries: [MapSimulation.Delivery], _ world: World, now: Double) {}

    package func cut(_ measured: EventCut?, after count: Int) -> EventCut? { measured }

    package func cutsEntries(_ measured: Bool, after count: Int) -> Bool { measured }

    package func cutsDepartures(_ measured: Bool, after count: Int) -> Bool { measured }

    package func cutsCollection(_ measured: Bool, after count: Int) -> Bool { measured }
}
