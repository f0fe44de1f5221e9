extension PlayersBenchmark.Report {
    /// The share of the ticks in which a client of WebRTC moved whose datagram with its own position came, 0 to 1;
    /// `nil` when none moved.
    package var heldShare: Double? { movedTicks > 0 ? Double(heldTicks) / Double(movedTicks) : nil }

    /// The figures of positions for a table: how old they were, and for WebRTC how many came.
    package var positionFigures: [BenchOutcome.Figure] {
        let perClient = datagrams > 0 ? Double(datagrams) / seconds / Double(max(joined, 1)) : nil
        return [
            .init("position_age_p50_ms", "age p50 ms", age.count > 0 ? age.p50 : nil),
            .init("position_age_p99_ms", "age p99 ms", age.count > 0 ? age.p99 : nil),
            .init("datagrams_per_second", "datagrams/s", perClient, digits: 2),
            .init("held_percent", "held %", heldShare.map { $0 * 100 }, digits: 2),
        ]
    }

    /// A row with the figures of positions behind those of commands.
    ///
    /// - Parameter label: What was run.
    /// - Returns: The row.
    package func positionRow(_ label: String) -> BenchOutcome.Row {
        let unimportant: Set<String> = ["server_cpu_us_per_change", "bytes_per_change"]
        var row = row(label, leavingOut: unimportant)
        let place = row.figures.firstIndex { $0.key == "messages_per_second" } ?? row.figures.endIndex
        row.figures.insert(contentsOf: positionFigures, at: place)
        return row
    }
}
