import Foundation
import Gateway
import HTTPTypes
import Hummingbird
import JSONValues
import OperatorAPI
import Simulation
import Storage
import World

/// Maps as servers: what they do, their last hour, and what operators do to them.
struct MapControlRoutes: Sendable {
    /// The longest message to players, in bytes of UTF-8.
    static let maxMessageBytes = 1000
    /// The longest reason for a kick, in bytes of UTF-8.
    static let maxReasonBytes = 300

    let overview: MapOverview
    /// Stops and starts maps; `nil` for a server whose maps can't be stopped.
    let control: (any MapControl)?
    /// How long to wait for the answer of a map.
    let patience: Duration

    func add(to routes: inout PanelRoutes) {
        routes.on(.listMaps) { call in
            let answers = overview.answers(call)
            guard !call.wantsHTML else { return .html(MapOverviewView.html(answers, mayChange: call.mayChange)) }
            return Response(operatorJSON: answers)
        }
        routes.on(.showMap) { call in
            let detail = try await detail(call, of: call.number("map_id"), countsTypes: call.query("types") == "1")
            guard !call.wantsHTML else { return .html(MapDetailView.figures(detail, mayChange: call.mayChange)) }
            return Response(operatorJSON: detail)
        }
        routes.on(.mapHistory) { Response(operatorJSON: try history($0)) }
        routes.on(.stopMap) { call in
            try await change(call) { (control, id) async throws(MapControlError) in try await control.stopMap(id) }
        }
        routes.on(.startMap) { call in
            try await change(call) { (control, id) async throws(MapControlError) in try await control.startMap(id) }
        }
        routes.on(.restartMap) { call in
            try await change(call) { (control, id) async throws(MapControlError) in try await control.restartMap(id) }
        }
        routes.on(.kickPlayer) { try await kick($0) }
        routes.on(.announceOnMap) { try await announceOnMap($0) }
        routes.on(.announce) { try await announce($0) }
        routes.on(.rerunSpawnHooks) { try await rerunSpawnHooks($0) }
    }

    // MARK: - Reading

    /// A map with its players.
    ///
    /// - Parameters:
    ///   - call: The request.
    ///   - mapID: The map.
    ///   - countsTypes: Whether the entities of each type are counted.
    /// - Returns: No players when the map does not run or does not answer in time.
    /// - Throws: ``GatewayError`` with status 404.
    func detail(_ call: PanelCall, of mapID: Int, countsTypes: Bool) async throws(GatewayError) -> MapDetailAnswer {
        guard let answer = overview.answer(mapID, call) else { throw .notFound("the game has no map \(mapID)") }
        let question = MapCensus.Question(player: call.query("player"), countsTypes: countsTypes)
        let census = await census(of: mapID, question) ?? MapCensus()
        return MapDetailAnswer(
            map: answer,
            players: census.players.map { player in
                .init(
                    key: "\(EntityKey(.players, player.id))", login: player.login, x: player.x, y: player.y,
                    ping: player.ping, idle: player.idle, bytes: player.bytes, sentBytes: player.sentBytes,
                    receivedBytes: player.receivedBytes)
            },
            matching: census.matching,
            types: countsTypes
                ? census.types.map { .init(kind: $0.kind.name, prefab: $0.prefab, count: $0.count) } : nil)
    }

    private func census(of mapID: Int, _ question: MapCensus.Question) async -> MapCensus? {
        // A map that hangs would make each look at it wait.
        guard let map = overview.maps.handle(mapID), map.lateness <= MapActor.longestLateness else { return nil }
        return await Simulation.answer(within: patience) { await map.census(question) }
    }

    private func history(_ call: PanelCall) throws(GatewayError) -> MapHistoryAnswer {
        let mapID = try call.number("map_id")
        guard let map = overview.answer(mapID, call) else { throw .notFound("the game has no map \(mapID)") }
        var since = -Double.infinity
        if let text = call.query("since") {
            guard let time = Double(text), time.isFinite else {
                throw .badRequest("since is \"\(text.prefix(20))\"; give a Unix time in seconds", field: "since")
            }
            since = time
        }
        var answer = MapHistoryAnswer(interval: MapHistory.interval, targetFps: map.figures?.targetFps ?? 0)
        for sample in overview.histories.samples(of: mapID, since: since, at: overview.time.unix()) {
            answer.time.append(sample.time)
            answer.fps.append(Double(sample.fps))
            answer.tickMs.append(Double(sample.tickMs))
            answer.tickP95Ms.append(Double(sample.tickP95Ms))
            answer.players.append(Int(sample.players))
            answer.entities.append(Int(sample.entities))
            answer.luaBytes.append(sample.luaBytes)
            answer.sentPerSecond.append(Double(sample.sentPerSecond))
            answer.receivedPerSecond.append(Double(sample.receivedPerSecond))
        }
        return answer
    }

    // MARK: - Stopping and starting

    private func change(
        _ call: PanelCall, _ change: (any MapControl, Int) async throws(MapControlError) -> Void
    ) async throws -> Response {
        let mapID = try call.number("map_id")
        guard let control else { throw GatewayError.notFound("the maps of this server can't be stopped") }
        let before = overview.answer(mapID, call)
        call.note.write { note in
            note.target = "map \(mapID)"
            note.before = before.map(Self.audited)
        }
        do throws(MapControlError) {
            try await change(control, mapID)
        } catch {
            throw GatewayError(error)
        }
        guard let after = overview.answer(mapID, call) else { throw GatewayError(MapControlError.unknown(mapID)) }
        call.note.write { $0.after = Self.audited(after) }
        return Response(operatorJSON: after)
    }

    private static func audited(_ map: MapAnswer) -> JSON {
        var object: JSONObject = ["state": .string(map.state.rawValue)]
        if let figures = map.figures { object["players"] = .number(Double(figures.players)) }
        return .object(object)
    }

    // MARK: - Players

    private func kick(_ call: PanelCall) async throws -> Response {
        let request = try await call.body(KickRequest.self)
        let map = try running(call)
        let reason = try Self.text(
            request.reason ?? "", "reason", limit: Self.maxReasonBytes, else: "an operator ended your session")
        call.note.write { note in
            // Never the login, which the audit log must not keep when the player is erased.
            note.target = "map \(map.mapID)"
            note.after = .object(["reason": .string(reason)])
        }
        let question = MapCensus.Question(player: request.player, isExact: true)
        guard let census = await census(of: map.mapID, question) else { throw Self.hangs(map) }
        // Another player's login may look like a key; the key counts first.
        let byKey = census.players.first { "\(EntityKey(.players, $0.id))" == request.player }
        guard let player = byKey ?? census.players.first else {
            call.note.write { $0.refusal = "nobody with the given login or key is connected to map \(map.mapID)" }
            var error = GatewayError.notFound(
                "nobody with the login or key \"\(request.player.prefix(80))\" is connected to map \(map.mapID)")
            error.field = "player"
            throw error
        }
        let key = EntityKey(.players, player.id)
        call.note.write { $0.target = "\(key) on map \(map.mapID)" }
        try Self.post(.kick(player: player.id, reason: reason), to: map)
        return Response(json: .object(["kicked": .string("\(key)"), "login": .string(player.login)]))
    }

    private func announceOnMap(_ call: PanelCall) async throws -> Response {
        let text = try Self.text(try await call.body(MessageRequest.self).text, "text", limit: Self.maxMessageBytes)
        let map = try running(call)
        call.note.write { note in
            note.target = "map \(map.mapID)"
            note.after = .object(["text": .string(text)])
        }
        try Self.post(.announce(text: text), to: map)
        return Response(json: .object(["players": .number(Double(map.status.players))]))
    }

    private func announce(_ call: PanelCall) async throws -> Response {
        let text = try Self.text(try await call.body(MessageRequest.self).text, "text", limit: Self.maxMessageBytes)
        call.note.write { note in
            note.target = "all maps"
            note.after = .object(["text": .string(text)])
        }
        let told = overview.maps.handles.filter { $0.post(.operate(.announce(text: text))) }
        return Response(json: .object(["players": .number(Double(told.reduce(0) { $0 + $1.status.players }))]))
    }

    /// A text of an operator without the white space around it.
    ///
    /// - Throws: ``GatewayError`` for one that is empty while there is no `fallback`, or too long.
    private static func text(
        _ given: String, _ field: String, limit: Int, else fallback: String? = nil
    ) throws(GatewayError) -> String {
        let text = given.trimmingCharacters(in: .whitespacesAndNewlines)
        guard text.utf8.count <= limit else {
            throw .badRequest("\(field) has \(text.utf8.count) bytes; at most \(limit) are allowed", field: field)
        }
        guard text.isEmpty else { return text }
        guard let fallback else {
            throw .badRequest("\(field) is empty; write what the players are to read", field: field)
        }
        return fallback
    }

    // MARK: - Spawn hooks

    private func rerunSpawnHooks(_ call: PanelCall) async throws -> Response {
        let request = try await call.body(SpawnHooksRequest.self)
        let map = try running(call)
        var choice = OperatorAction.EntityChoice(prefab: request.prefab.flatMap { $0.isEmpty ? nil : $0 })
        if let name = request.kind, !name.isEmpty {
            guard let kind = EntityKind(name: name) else {
                let kinds = EntityKind.allCases.map(\.name).joined(separator: ", ")
                throw GatewayError.badRequest(
                    "\"\(name.prefix(40))\" is no kind of entity; there are: \(kinds)", field: "kind")
            }
            choice.kind = kind
        }
        call.note.write { note in
            note.target = "map \(map.mapID)"
            note.after = .object([
                "kind": choice.kind.map { JSON.string($0.name) } ?? .null,
                "prefab": choice.prefab.map { JSON.string($0) } ?? .null,
            ])
        }
        let question = MapCensus.Question(countsTypes: true, choice: choice)
        guard let census = await census(of: map.mapID, question) else { throw Self.hangs(map) }
        guard census.chosen > 0 else {
            let types = census.types.prefix(10).map { "\($0.kind.name) \($0.prefab)" }.joined(separator: ", ")
            throw GatewayError.notFound(
                "no such entity is on map \(map.mapID); there are: \(types.isEmpty ? "none" : types)")
        }
        try Self.post(.rerunSpawnHooks(choice), to: map)
        return Response(json: .object(["entities": .number(Double(census.chosen))]))
    }

    // MARK: - Maps

    /// The map that the path names.
    ///
    /// - Throws: ``GatewayError`` with status 404, or 409 for one that does not run.
    private func running(_ call: PanelCall) throws(GatewayError) -> any MapHandle {
        let mapID = try call.number("map_id")
        if let map = overview.maps.handle(mapID) { return map }
        guard let reason = overview.maps.closedReason(mapID) else { throw .notFound("the game has no map \(mapID)") }
        throw GatewayError(.conflict, "not_running", "map \(mapID) does not run (\(reason))")
    }

    private static func post(_ action: OperatorAction, to map: any MapHandle) throws(GatewayError) {
        guard map.post(.operate(action)) else {
            throw GatewayError(.conflict, "not_running", "map \(map.mapID) has just stopped")
        }
    }

    private static func hangs(_ map: any MapHandle) -> GatewayError {
        GatewayError(.serviceUnavailable, "map_hangs", MapRoutes.silence(of: map).message, retry: 10)
    }
}

extension GatewayError {
    fileprivate init(_ error: MapControlError) {
        switch error {
        case .unknown: self = .notFound("\(error)")
        case .running: self.init(.conflict, "running", "\(error)")
        case .stopped: self.init(.conflict, "stopped", "\(error)")
        case .closed: self.init(.conflict, "closed", "\(error)")
        case .hangs: self.init(.serviceUnavailable, "map_hangs", "\(error)", retry: 10)
        case .failed: self.init(.internalServerError, "not_started", "\(error)")
        }
    }
}
