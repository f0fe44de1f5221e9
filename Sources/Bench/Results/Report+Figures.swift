extension PlayersBenchmark.Report {
    /// The figures of a run for a table.
    package var figures: [BenchOutcome.Figure] {
        let window = seconds > 0 ? seconds : .nan
        let cpu = server.map { $0.cpuSeconds / window }
        let perClient = joined > 0 ? deltasPerSecond.mean : .nan
        return [
            .init("players", "players", Double(joined), digits: 0),
            .init("tick_rate_hz", "ticks Hz", tickRateHz > 0 ? tickRateHz : nil, digits: 2),
            .init("server_cpu_percent", "server CPU %", cpu.map { $0 * 100 }),
            .init(
                "server_cpu_us_per_player_second", "µs/player·s", cpu.map { $0 * 1e6 / Double(max(joined, 1)) },
                digits: 1),
            .init("server_cpu_us_per_change", "µs/change", cpuMicrosecondsPerChange, digits: 3),
            .init("p50_ms", "p50 ms", roundTrip.count > 0 ? roundTrip.p50 : nil),
            .init("p99_ms", "p99 ms", roundTrip.count > 0 ? roundTrip.p99 : nil),
            .init("messages_per_second", "msg/s", perClient, digits: 2),
            .init("bytes_per_change", "B/change", changes > 0 ? Double(bytes) / Double(changes) : nil),
            .init("delivered_mb_per_second", "MB/s", Double(bytes) / window / 1e6, digits: 2),
            .init("kib_per_connection", "KiB/conn", bytesPerConnection.map { $0 / 1_024 }),
            .init("join_seconds", "join s", joinSeconds),
            .init("generator_cpu_percent", "generator CPU %", generatorCPUSeconds / window * 100),
            .init("cores_busy_with_others", "others' cores", coresBusyWithOthers, digits: 2),
        ]
    }

    /// Some of the figures, in the order of the table.
    ///
    /// - Parameter keys: Their names in JSON.
    /// - Returns: The figures.
    package func figures(_ keys: String...) -> [BenchOutcome.Figure] { figures.filter { keys.contains($0.key) } }

    /// A row with some of the figures.
    ///
    /// - Parameters:
    ///   - label: What was run.
    ///   - leavingOut: The keys of figures that say nothing for this benchmark.
    /// - Returns: The row.
    package func row(_ label: String, leavingOut: Set<String> = []) -> BenchOutcome.Row {
        var row = BenchOutcome.Row(label, figures.filter { !leavingOut.contains($0.key) })
        row.report = json
        return row
    }
}
