import HTTPTypes
import Hummingbird
import JSONValues
import NIOCore
import Simulation
import Storage
import Transport
import World

/// `GET /health` and `GET /metrics` [1-protocol 5].
struct StatusRoutes: Sendable {
    let core: GatewayCore
    /// Whether a request comes from an operator, or from a program with a key.
    let isOperator: @Sendable (Request, ClientOrigin) async throws -> Bool

    func add(to router: GatewayRouter) {
        router.endpoint("/health", [.get: { _, _ in self.health() }])
        router.endpoint(
            "/metrics",
            [
                .get: { request, context in
                    try await self.requireReader(request, context.origin)
                    return Response(
                        status: .ok, headers: [.contentType: "text/plain; version=0.0.4; charset=utf-8"],
                        body: .init(byteBuffer: ByteBuffer(string: self.metrics())))
                }
            ])
    }

    /// Refuses those who may not read the metrics: they show how many people play where, and how busy the server is.
    private func requireReader(_ request: Request, _ origin: ClientOrigin) async throws {
        let configuration = core.configuration
        let isLocal = LocalRequest.isLocal(request, from: origin, behind: configuration.trustedProxies)
        if configuration.metricsArePublic || isLocal { return }
        if try await isOperator(request, origin) { return }
        throw GatewayError(
            .unauthorized, "unauthorized",
            "ask from the server's machine by way of localhost, or send Authorization: Bearer with a key made in the "
                + "panel or the key in operator.key of the data folder; metrics: public in game.yaml opens this to everybody"
        )
    }

    private func health() -> Response {
        let starting = core.maps.handles.filter { !$0.isReady }.map(\.mapID).sorted()
        guard starting.isEmpty else {
            return Response(
                GatewayError(.serviceUnavailable, "map_starting", "maps \(starting) are starting or closing", retry: 2))
        }
        let hanging = core.maps.handles.filter { $0.lateness > MapActor.longestLateness }
        guard hanging.isEmpty else {
            let texts = hanging.map { map in
                let seconds = map.lateness.components.seconds
                return "map \(map.mapID) (\(map.status.name)) has not ticked since "
                    + "\(Timestamp(unixTime: core.time.unix() - Double(seconds))) UTC (\(seconds) s)"
            }
            return Response(
                GatewayError(
                    .serviceUnavailable, "map_hangs",
                    texts.joined(separator: ", ") + "; /admin/ shows its scripts, and a restart ends it", retry: 2))
        }
        if let problem = core.writeBehind.watch.problem {
            return Response(GatewayError(.serviceUnavailable, "database_lost", problem))
        }
        let closed = core.maps.closedReasons.sorted { $0.key < $1.key }
        // Closed maps are no reason to take the server out of service or to start it anew: neither mends their files.
        var answer: JSONObject = [
            "status": .string(closed.isEmpty ? "ok" : "degraded"), "maps": .number(Double(core.maps.handles.count)),
        ]
        if !closed.isEmpty {
            var reasons = JSONObject()
            for (mapID, reason) in closed { reasons.append(unique: "\(mapID)", .string(reason)) }
            answer["closed_maps"] = .object(reasons)
        }
        // The game goes on, so this is no reason to take the server out of service. Anybody may ask: no messages.
        let failed = Set(core.maps.handles.flatMap(\.status.failedLibs)).sorted()
        if !failed.isEmpty { answer["failed_libs"] = .array(failed.map { .string($0) }) }
        return Response(json: .object(answer))
    }

    /// Prometheus' text format: counters end in `_total`, everything else in its unit.
    func metrics() -> String {
        var text = PrometheusText()
        let count = core.metrics
        text.add("perigee_connections", .gauge, "Connections that are open", count.transport.connections.value)
        text.add(
            "perigee_accepts_paused_total", .counter, "Times that no files were left for connections",
            count.transport.acceptsPaused.value)
        text.add("perigee_sessions", .gauge, "Sessions that are open", count.sessions.value)
        text.add("perigee_sessions_opened_total", .counter, "Sessions opened", count.sessionsOpened.value)
        text.add("perigee_messages_received_total", .counter, "Messages from clients", count.messagesIn.value)
        text.add("perigee_received_bytes_total", .counter, "Payload bytes from clients", count.bytesIn.value)
        text.add(
            "perigee_messages_sent_total", .counter, "Messages written to clients", count.transport.messagesOut.value)
        text.add("perigee_sent_bytes_total", .counter, "Frame bytes written to clients", count.transport.bytesOut.value)
        text.add(
            "perigee_messages_dropped_total", .counter, "Messages left out for slow clients",
            count.messagesDropped.value)
        text.add(
            "perigee_send_memory_bytes", .gauge, "Bytes that wait for clients which are behind",
            count.transport.sendMemory.value)
        text.add(
            "perigee_connections_shed_total", .counter, "Connections closed because too many bytes waited for all",
            count.transport.connectionsShed.value)
        text.add("perigee_commands_refused_total", .counter, "Commands refused", count.refusals.value)
        text.add("perigee_logins_total", .counter, "Logins and registrations accepted", count.logins.value)
        text.add(
            "perigee_logins_refused_total", .counter, "Logins and registrations refused", count.loginsRefused.value)
        text.add(
            "perigee_token_renewals_total", .counter, "Tokens given for a session, without a password",
            count.renewals.value)
        text.add(
            "perigee_token_renewals_refused_total", .counter, "Requests for such a token refused",
            count.renewalsRefused.value)
        text.add("perigee_handshakes_refused_total", .counter, "Handshakes refused", count.handshakesRefused.value)
        text.add("perigee_unsaved_entities", .gauge, "Entities waiting for the store", core.writeBehind.pendingCount)

        let maps = core.maps.handles.map(\.status)
        text.add(
            "perigee_map_late_seconds", .gauge, "For how long a tick has been due that has not ended",
            core.maps.handles.map { ([("map", "\($0.mapID)")], $0.lateness / .seconds(1)) })
        func perMap(_ name: String, _ kind: PrometheusText.Kind, _ help: String, _ value: (MapStatus) -> Double) {
            text.add(name, kind, help, maps.map { ([("map", "\($0.mapID)")], value($0)) })
        }
        perMap("perigee_map_ticks_total", .counter, "Ticks made") { Double($0.tick) }
        perMap("perigee_map_ticks_missed_total", .counter, "Ticks skipped because those before them took too long") {
            Double($0.ticksMissed)
        }
        perMap("perigee_map_tick_rate_hertz", .gauge, "Ticks a second lately; 0 for an idle map", \.tickRateHz)
        perMap("perigee_map_tick_mean_seconds", .gauge, "Mean time of a tick lately") { $0.tickMeanMs / 1000 }
        perMap("perigee_map_tick_p95_seconds", .gauge, "95th percentile of it") { $0.tickP95Ms / 1000 }
        perMap("perigee_map_tick_p999_seconds", .gauge, "99.9th percentile of it") { $0.tickP999Ms / 1000 }
        perMap("perigee_map_tick_max_seconds", .gauge, "Longest tick lately") { $0.tickMaxMs / 1000 }
        perMap("perigee_map_players", .gauge, "Players on the map") { Double($0.players) }
        perMap("perigee_map_entities", .gauge, "Entities on the map") { Double($0.entities) }
        perMap("perigee_map_script_errors_total", .counter, "Errors of scripts") { Double($0.errorCount) }
        return text.text
    }
}

/// Writes Prometheus' text format.
struct PrometheusText {
    enum Kind: String { case counter, gauge }

    private(set) var text = ""

    mutating func add(_ name: String, _ kind: Kind, _ help: String, _ value: Int) {
        add(name, kind, help, [([], Double(value))])
    }

    mutating func add(_ name: String, _ kind: Kind, _ help: String, _ samples: [([(String, String)], Double)]) {
        text += "# HELP \(name) \(help)\n# TYPE \(name) \(kind.rawValue)\n"
        for (labels, value) in samples {
            let list = labels.map { "\($0)=\"\($1)\"" }.joined(separator: ",")
            text += "\(name)\(list.isEmpty ? "" : "{\(list)}") \(JSON.number(value).text)\n"
        }
    }
}
