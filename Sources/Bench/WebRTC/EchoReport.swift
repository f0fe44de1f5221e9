package import JSONValues

extension EchoBenchmark {
    /// The results of a load test of an echo server.
    package struct Report: Sendable {
        /// The load.
        package let options: Options
        /// Time until all clients were connected, in seconds.
        package var joinSeconds = 0.0
        /// Milliseconds from the send of a message to its echo.
        package var roundTrip = LatencyHistogram.Summary()
        /// Messages that were sent in the window.
        package var sent = 0
        /// Messages whose echo did not come within a second.
        package var lost = 0
        /// Datagrams that the server sent or received in the window.
        package var datagrams = 0
        /// Lost connections.
        package var disconnects = 0
        /// Why the last one was lost.
        package var incident = ""
        /// What server, generator and machine spent.
        var use = ResourceWindow.Use()

        init(_ options: Options) { self.options = options }

        mutating func add(_ tally: EchoTally) {
            roundTrip = tally.roundTrip.summary
            (sent, lost, datagrams) = (tally.sent, tally.lost, tally.datagrams)
            (disconnects, incident) = (tally.disconnects, tally.incident)
        }

        /// Whether the generator worked all the time: the server then could answer more than it was asked.
        package var isGeneratorFull: Bool { use.seconds > 0 && use.generatorCPUSeconds / use.seconds > 0.9 }

        /// The reasons why the run is no result. A full generator is not a reason: the CPU time of a round trip does
        /// not depend on it.
        package var problems: [String] {
            var found: [String] = []
            if disconnects > 0 { found.append("\(disconnects) connections were lost (\(incident))") }
            if roundTrip.count == 0 { found.append("no echo came") }
            if lost * 100 > sent { found.append("\(lost) of \(sent) messages had no echo within 1 s") }
            return found
        }
    }
}

extension EchoBenchmark.Report {
    /// The figures of a run for a table.
    package var figures: [BenchOutcome.Figure] {
        let window = use.seconds > 0 ? use.seconds : .nan
        let (count, cpu) = (Double(roundTrip.count), use.serverCPUSeconds)
        return [
            .init("clients", "clients", Double(options.clients), digits: 0),
            .init("round_trips_per_second", "echoes/s", count / window, digits: 0),
            .init("round_trips_per_core_second", "echoes/s of a core", cpu.map { count / $0 }, digits: 0),
            .init("server_cpu_us_per_round_trip", "µs/echo", cpu.map { $0 * 1e6 / count }, digits: 2),
            .init("server_cpu_us_per_datagram", "µs/datagram", cpu.map { $0 * 1e6 / Double(datagrams) }, digits: 2),
            .init("datagrams_per_round_trip", "datagrams/echo", Double(datagrams) / count, digits: 2),
            .init("server_cpu_percent", "server CPU %", cpu.map { $0 / window * 100 }),
            .init("p50_ms", "p50 ms", roundTrip.count > 0 ? roundTrip.p50 : nil, digits: 2),
            .init("p99_ms", "p99 ms", roundTrip.count > 0 ? roundTrip.p99 : nil, digits: 2),
            .init("lost_messages", "lost", Double(lost), digits: 0),
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
            "clients": number(options.clients), "in_flight": number(options.inFlight),
            "message_bytes": number(options.bytes), "join_seconds": .number(joinSeconds),
            "round_trip_ms": roundTrip.json,
            "messages": .object(["sent": number(sent), "lost": number(lost)]), "datagrams": number(datagrams),
            "disconnects": number(disconnects), "incident": .string(incident),
        ])
    }
}
