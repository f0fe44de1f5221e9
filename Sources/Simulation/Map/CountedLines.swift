/// Lines of one kind, of which a tick may have thousands: the first few are told, the others counted.
struct CountedLines {
    private var count = 0

    /// How many are told.
    static let most = 10

    /// Counts a line.
    ///
    /// - Returns: Whether to tell it.
    mutating func countsAsTold() -> Bool {
        count += 1
        return count <= Self.most
    }

    /// How many were not told; begins anew.
    mutating func takeRest() -> Int {
        defer { count = 0 }
        return max(count - Self.most, 0)
    }
}

extension MapSimulation {
    /// Writes a line about what comes from other maps or goes there. A script of another map can ask for thousands in a
    /// tick.
    func logTraffic(_ text: @autoclosure () -> String) {
        if traffic.countsAsTold() { log.line(text(), time: now, tick: tickNumber) }
    }

    /// Writes how many such lines were left out in this tick.
    func logRestOfTraffic() {
        let rest = traffic.takeRest()
        guard rest > 0 else { return }
        log.line(
            "… and \(rest) more lines about events and entities that come from other maps or go there", time: now,
            tick: tickNumber)
    }
}
