/// Log lines of one kind, of which a tick may have thousands: the first few are logged, the others only counted.
struct CountedLines {
    private var count = 0

    /// How many lines of a tick are logged.
    static let most = 10

    /// Counts a line.
    ///
    /// - Returns: Whether to log it.
    mutating func admitLine() -> Bool {
        count += 1
        return count <= Self.most
    }

    /// Returns how many lines were not logged, and resets the count.
    mutating func takeRest() -> Int {
        defer { count = 0 }
        return max(count - Self.most, 0)
    }
}

extension MapSimulation {
    /// Logs a line about an event or an entity that comes from another map or goes there. A script of another map can
    /// cause thousands in a tick.
    func logTraffic(_ text: @autoclosure () -> String) {
        if traffic.admitLine() { log.line(text(), time: now, tick: tickNumber) }
    }

    /// Logs how many such lines were not logged in this tick.
    func logRestOfTraffic() {
        let rest = traffic.takeRest()
        guard rest > 0 else { return }
        log.line(
            "… and \(rest) more lines about events and entities that come from other maps or go there", time: now,
            tick: tickNumber)
    }
}
