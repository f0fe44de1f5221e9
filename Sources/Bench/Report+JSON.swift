package import JSONValues

extension PlayersBenchmark.Report {
    /// The report as JSON; every name carries its unit.
    package var json: JSON {
        var object: JSONObject = [
            "players": number(players), "joined": number(joined), "stalled": number(stalled),
            "moves_per_second": .number(movesPerSecond), "interrupted": .bool(isInterrupted),
            "join_seconds": .number(joinSeconds), "seconds": .number(seconds), "tick_rate_hz": .number(tickRateHz),
            "deltas_per_second": .object([
                "least": .number(deltasPerSecond.least), "mean": .number(deltasPerSecond.mean),
                "most": .number(deltasPerSecond.most),
            ]),
            "gap_ms": summary(gap), "round_trip_ms": summary(roundTrip), "server_wait_ms": summary(serverWait),
            "round_trip_without_wait_ms": summary(roundTripWithoutWait),
            "commands": .object([
                "sent": number(commandsSent), "acknowledged": number(commandsAcknowledged),
                "unanswered": number(commandsUnanswered), "skipped": number(commandsSkipped),
                "refused": number(refusals),
            ]),
            "moves": .object([
                "clients": number(moves.clients), "players": number(moves.players),
                "executed": number(moves.executed), "seen": number(moves.seen), "missed": number(moves.missed),
                "differing_positions": number(moves.differing), "least_coordinates": number(moves.leastCoordinates),
                "most_coordinates": number(moves.mostCoordinates), "clients_behind": number(moves.behind),
                "own_move_share": .number(ownMoveShare),
            ]),
            "delivered": .object([
                "changes": number(changes), "deltas": number(deltas), "bytes": number(bytes),
                "parsed_share": .number(parsedShare), "resynchronisations": number(resynchronisations),
            ]),
            "disconnects": number(disconnects), "stalled_closed": number(stalledClosed),
        ]
        object["server"] = serverJSON
        object["generator"] = .object([
            "cpu_seconds": .number(generatorCPUSeconds), "busy_share": .number(generatorBusyShare),
            "send_lateness_ms": summary(sendLateness),
        ])
        object["machine"] = .object([
            "cores": number(cores), "busy_share": .number(machineBusyShare), "load_average": .number(loadAverage),
            "cores_busy_with_others": .number(coresBusyWithOthers),
        ])
        var incidentCounts = JSONObject()
        for (text, count) in incidents.sorted(by: { $0.key < $1.key }) { incidentCounts[text] = number(count) }
        object["incidents"] = .object(incidentCounts)
        object["problems"] = .array(problems.map { .string($0) })
        return .object(object)
    }

    private var serverJSON: JSON {
        guard let server else { return .null }
        return .object([
            "pid": number(Int(server.pid)), "cpu_seconds": .number(server.cpuSeconds),
            "cpu_us_per_change": cpuMicrosecondsPerChange.map { .number($0) } ?? .null,
            "cpu_us_per_delta": cpuMicrosecondsPerDelta.map { .number($0) } ?? .null,
            "resident_bytes_before": number(server.residentBytesBefore),
            "resident_bytes": number(server.residentBytes),
            "proportional_bytes": server.proportionalBytes.map { number($0) } ?? .null,
            "bytes_per_connection": bytesPerConnection.map { .number($0) } ?? .null,
        ])
    }

    private func number(_ value: Int) -> JSON { .number(Double(value)) }

    private func summary(_ summary: LatencyHistogram.Summary) -> JSON {
        .object([
            "count": number(summary.count), "mean": .number(summary.mean), "p50": .number(summary.p50),
            "p95": .number(summary.p95), "p99": .number(summary.p99), "max": .number(summary.max),
        ])
    }
}
