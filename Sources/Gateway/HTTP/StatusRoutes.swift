import HTTPTypes
import Hummingbird
import JSONValues
import NIOCore
import ServerMetrics
import Simulation
import Storage
import Transport
import World

/// `GET /health` and `GET /metrics` [1-protocol 5].
struct StatusRoutes: Sendable {
    let core: GatewayCore
    /// Whether a request comes from an operator, or from a program with a key.
    let isOperator: @Sendable (Request, ClientOrigin) async throws -> Bool
    private let process = ProcessStatus()

    func add(to router: GatewayRouter) {
        router.endpoint("/health", [.get: { _, _ in self.health() }])
        router.endpoint(
            "/metrics",
            [
                .get: { request, context in
                    try await self.requireReader(request, context.origin)
                    return Response(
                        status: .ok, headers: [.contentType: "text/plain; version=0.0.4; charset=utf-8"],
                        body: .init(byteBuffer: ByteBuffer(string: await self.metrics())))
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
        // What an operator stops or starts again is no reason to take the server out of service.
        let stopped = core.maps.stoppedMaps
        let starting = core.maps.handles.filter { !$0.isReady && !stopped.contains($0.mapID) }.map(\.mapID).sorted()
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
        let closed = core.maps.closedReasons.filter { !stopped.contains($0.key) }.sorted { $0.key < $1.key }
        // Closed maps are no reason to take the server out of service or to start it anew: neither mends their files.
        // Nor is a store that fails: players go on playing here, and a new start would lose what waits to be saved.
        let failing = core.writeBehind.failing
        var answer: JSONObject = [
            "status": .string(closed.isEmpty && failing == nil ? "ok" : "degraded"),
            "maps": .number(Double(core.maps.handles.count)),
        ]
        if let failing { answer["unsaved_seconds"] = .number(Double(failing.components.seconds)) }
        if !closed.isEmpty {
            var reasons = JSONObject()
            for (mapID, reason) in closed { reasons.append(unique: "\(mapID)", .string(reason)) }
            answer["closed_maps"] = .object(reasons)
        }
        if !stopped.isEmpty { answer["stopped_maps"] = .array(stopped.sorted().map { .number(Double($0)) }) }
        // The game goes on, so this is no reason to take the server out of service. Anybody may ask: no messages.
        let failed = Set(core.maps.handles.flatMap(\.status.failedLibs)).sorted()
        if !failed.isEmpty { answer["failed_libs"] = .array(failed.map { .string($0) }) }
        return Response(json: .object(answer))
    }

    /// What was counted, and what is looked up now.
    private func metrics() async -> String {
        let samples = core.maps.handles.flatMap(MapSamples.all) + process.samples + (await core.webRTC.samples())
        return core.metrics.registry.text(
            with: samples + [
                MetricFamily.unsavedEntities.sample(value: Double(core.writeBehind.pendingCount)),
                MetricFamily.unsavedTime.sample(value: (core.writeBehind.failing ?? .zero) / .seconds(1)),
                MetricFamily.netServers.sample(value: Double(core.peerNetwork.serverCount)),
            ])
    }
}
