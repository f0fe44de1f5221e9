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
            "gap_ms": gap.json, "position_age_ms": age.json,
            "fast": .object([
                "datagrams": number(datagrams), "moved_ticks": number(movedTicks), "held_ticks": number(heldTicks),
            ]), "round_trip_ms": roundTrip.json, "server_wait_ms": serverWait.json,
            "round_trip_without_wait_ms": roundTripWithoutWait.json,
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
            "send_lateness_ms": sendLateness.json,
        ])
        object["machine"] = .object([
            "cores": number(cores), "busy_share": .number(machineBusyShare), "load_average": .number(loadAverage),
            "cores_busy_with_others": .number(coresBusyWithOthers),
        ])
        object["incidents"] = .object(JSONObject(counts: incidents))
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
}

extension LatencyHistogram.Summary {
    /// The figures as JSON; all durations in milliseconds.
    var json: JSON {
        .object([
            "count": .number(Double(count)), "mean": .number(mean), "p50": .number(p50), "p95": .number(p95),
            "p99": .number(p99), "max": .number(max),
        ])
    }
}

extension JSONObject {
    /// Descriptions with their counts, in the order of the alphabet.
    init(counts: [String: Int]) {
        self.init()
        for (text, count) in counts.sorted(by: { $0.key < $1.key }) { self[text] = .number(Double(count)) }
    }
}
