package import JSONValues

extension BattleBenchmark {
    /// The results of a load test of the battle.
    package struct Report: Sendable {
        /// Clients that should connect.
        package var players: Int
        /// Moves a second of each.
        package var movesPerSecond: Double
        /// Clients that were connected.
        package var joined = 0
        /// Time until all were, in seconds.
        package var joinSeconds = 0.0
        /// Why not all could connect; empty when they could.
        package var obstacle = ""
        /// Milliseconds from a client's send of a move to its own event.
        package var own = LatencyHistogram.Summary()
        /// Milliseconds from a client's send of a move to the events of the others.
        package var others = LatencyHistogram.Summary()
        /// Milliseconds between the due time of a move and its sending.
        package var sendLateness = LatencyHistogram.Summary()
        /// Moves that were sent in the window.
        package var sent = 0
        /// Moves of the window that were not sent because the connection was full.
        package var skipped = 0
        /// Events that all clients received in the window.
        package var events = 0
        /// Bytes of all packets that all clients received in the window.
        package var bytes = 0
        /// Events of the window's moves that never came, summed over all clients.
        package var missing = 0
        /// Events that no client's move explains.
        package var strange = 0
        /// Lost connections.
        package var disconnects = 0
        /// Descriptions of what went wrong, with their counts.
        package var incidents: [String: Int] = [:]
        /// What server, generator and machine spent.
        var use = ResourceWindow.Use()

        init(players: Int, movesPerSecond: Double) {
            (self.players, self.movesPerSecond) = (players, movesPerSecond)
        }

        mutating func add(_ tally: BattleTally) {
            own = tally.own.summary
            others = tally.others.summary
            sendLateness = tally.sendLateness.summary
            (sent, skipped, events, bytes) = (tally.sent, tally.skipped, tally.events, tally.bytes)
            (strange, disconnects, incidents) = (tally.strange, tally.disconnects, tally.incidents)
        }

        /// Whether the generator worked all the time, so that it may be what limits the figures.
        package var isGeneratorFull: Bool { use.seconds > 0 && use.generatorCPUSeconds / use.seconds > 0.9 }

        /// Whether every move reached every client, and 99 of 100 events came in time.
        ///
        /// - Parameter milliseconds: The longest time.
        /// - Returns: Whether this holds for the own events and for those of the others.
        package func holds(within milliseconds: Double) -> Bool {
            losses.isEmpty && own.count > 0 && own.p99 < milliseconds && others.p99 < milliseconds
        }

        /// The reasons why the run is no result.
        package var problems: [String] {
            var found = losses
            if isGeneratorFull {
                let percent = Int(use.generatorCPUSeconds / use.seconds * 100)
                found.append("the generator was busy \(percent) % of the time and may be the limit")
            }
            return found
        }

        private var losses: [String] {
            var found: [String] = []
            if joined < players { found.append("only \(joined) of \(players) clients were connected (\(obstacle))") }
            if disconnects > 0 {
                let first = incidents.max { $0.value < $1.value }?.key ?? ""
                found.append("\(disconnects) connections were lost (\(first))")
            }
            if skipped > 0 { found.append("\(skipped) moves were not sent, the server did not read fast enough") }
            if missing > 0 { found.append("\(missing) events never came") }
            if strange > 0 { found.append("\(strange) events were not those of a move") }
            return found
        }
    }
}

extension BattleBenchmark.Report {
    /// The figures of a run for a table.
    package var figures: [BenchOutcome.Figure] {
        let window = use.seconds > 0 ? use.seconds : .nan
        let cpu = use.serverCPUSeconds.map { $0 / window }
        return [
            .init("players", "players", Double(joined), digits: 0),
            .init("moves_per_second", "moves/s", Double(sent) / window, digits: 0),
            .init("events_per_second", "events/s", Double(events) / window, digits: 0),
            .init("server_cpu_percent", "server CPU %", cpu.map { $0 * 100 }),
            .init(
                "server_cpu_us_per_delivery", "µs/event",
                events > 0 ? use.serverCPUSeconds.map { $0 * 1e6 / Double(events) } : nil, digits: 3),
            .init("p50_ms", "own p50 ms", own.count > 0 ? own.p50 : nil),
            .init("p99_ms", "own p99 ms", own.count > 0 ? own.p99 : nil),
            .init("others_p50_ms", "others' p50 ms", others.count > 0 ? others.p50 : nil),
            .init("others_p99_ms", "others' p99 ms", others.count > 0 ? others.p99 : nil),
            .init("bytes_per_event", "B/event", events > 0 ? Double(bytes) / Double(events) : nil),
            .init("delivered_mb_per_second", "MB/s", Double(bytes) / window / 1e6, digits: 2),
            .init("join_seconds", "join s", joinSeconds),
            .init("generator_cpu_percent", "generator CPU %", use.generatorCPUSeconds / window * 100),
            .init("cores_busy_with_others", "others' cores", use.coresOfOthers, digits: 2),
        ]
    }

    /// A row with the figures.
    ///
    /// - Parameter label: What was run.
    /// - Returns: The row.
    package func row(_ label: String) -> BenchOutcome.Row {
        var row = BenchOutcome.Row(label, figures)
        row.report = json
        return row
    }

    /// The report as JSON; every name carries its unit.
    package var json: JSON {
        func number(_ value: Int) -> JSON { .number(Double(value)) }
        return use.added(to: [
            "players": number(players), "joined": number(joined), "obstacle": .string(obstacle),
            "moves_per_second": .number(movesPerSecond), "join_seconds": .number(joinSeconds),
            "own_ms": own.json, "others_ms": others.json,
            "send_lateness_ms": sendLateness.json,
            "moves": .object(["sent": number(sent), "skipped": number(skipped)]),
            "events": .object([
                "received": number(events), "missing": number(missing), "strange": number(strange),
                "bytes": number(bytes),
            ]),
            "disconnects": number(disconnects),
            "incidents": .object(JSONObject(counts: incidents)),
        ])
    }
}
