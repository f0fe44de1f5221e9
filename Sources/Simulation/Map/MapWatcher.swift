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

    /// What the step sent to sockets, before it ends; not called for nothing.
    func sends(_ deliveries: [SocketDelivery])

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

    /// Called between two steps of a part of a tick that may have to end before all is done.
    ///
    /// - Parameters:
    ///   - part: The part.
    ///   - measured: Whether, by the clock, the rest must wait for the next tick.
    ///   - count: How many steps were done in this tick.
    /// - Returns: Whether the rest waits for the next tick.
    func cuts(_ part: TickPart, _ measured: Bool, after count: Int) -> Bool
}

extension MapWatcher {
    package func begin(_ step: MapStep, now: Double) {}

    package func sends(_ deliveries: [SocketDelivery]) {}

    package func end(_ deliveries: [MapSimulation.Delivery], _ world: World, now: Double) {}

    package func cut(_ measured: EventCut?, after count: Int) -> EventCut? { measured }

    package func cuts(_ part: TickPart, _ measured: Bool, after count: Int) -> Bool { measured }
}

/// A part of a tick that ends when its time is over, although not all is done.
package enum TickPart: Sendable {
    /// Joins and arrivals, whose spawn hooks take time.
    case entries
    /// Entities that leave, whose leave hooks take time.
    case departures
    /// Entities whose spawn hooks run again for an operator.
    case spawnHooks
    /// What sockets waited for, whose scripts take time.
    case sockets
    /// Garbage collection of the scripts; when weak tables lose their entries depends on it.
    case collection
}
