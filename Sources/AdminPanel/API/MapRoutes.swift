import Foundation
import GameFolder
import Gateway
import HTTPTypes
import Hummingbird
import JSONValues
import NIOCore
import OperatorAPI
import Simulation
import Storage

/// What operators ask of running maps: figures, a profile; reloading the game folder, resuming scripts.
struct MapRoutes: Sendable {
    let maps: any RunningMaps
    /// How long to wait for the answer of a map.
    let patience: Duration
    /// Reloads the game folder; `nil` for a game without one.
    let reload: AdminPanel.Reload?

    func add(to routes: inout PanelRoutes) {
        for endpoint in [Endpoint.showPerformance, .showPerfomance] {
            routes.on(endpoint) { try await performance($0) }
        }
        routes.on(.profile) { try await profile($0) }
        routes.on(.reload) { try await reload($0) }
        routes.on(.resume) { try await resume($0) }
    }

    /// The error entry for a map that does not answer.
    static func silence(of map: any MapHandle) -> MapDiagnostics.ErrorEntry {
        .init(
            time: 0, tick: map.status.tick, script: nil, line: nil, kind: "hangs",
            message: "map \(map.mapID) does not answer: its tick does not end. A restart of the server ends it",
            traceback: nil, entity: nil)
    }

    /// The diagnostics of a map.
    ///
    /// - Throws: ``GatewayError`` with status 503 when the map does not answer in time.
    private func diagnostics(of map: any MapHandle) async throws -> MapDiagnostics {
        if let diagnostics = await Simulation.answer(within: patience, { await map.diagnostics() }) {
            return diagnostics
        }
        throw hangs(map)
    }

    /// The answer of the map that the path of a request names.
    ///
    /// - Throws: ``GatewayError`` with status 404 for an unknown map, 503 when it does not answer in time.
    func answer<Value: Sendable>(
        _ call: PanelCall, _ ask: @escaping @Sendable (any MapHandle) async -> Value
    ) async throws -> Value {
        let map = try map(call)
        if let value = await Simulation.answer(within: patience, { await ask(map) }) { return value }
        throw hangs(map)
    }

    /// The refusal of a map that does not answer.
    func hangs(_ map: any MapHandle) -> GatewayError {
        GatewayError(.serviceUnavailable, "map_hangs", Self.silence(of: map).message, retry: 10)
    }

    /// The map that the path names.
    func map(_ call: PanelCall) throws(GatewayError) -> any MapHandle {
        let id = call.parameter("map_id")
        guard let map = Int(id).flatMap(maps.handle), "\(map.mapID)" == id else {
            throw .notFound("the game has no map \(id.prefix(40))")
        }
        return map
    }

    private func performance(_ call: PanelCall) async throws -> Response {
        let diagnostics = try await diagnostics(of: map(call))
        guard call.request.headers[.accept]?.contains("application/json") == true else {
            return .html(DiagnosticsView.html(diagnostics, mayChange: call.mayChange))
        }
        return Response(operatorJSON: diagnostics)
    }

    private func profile(_ call: PanelCall) async throws -> Response {
        let samples = try await samples(call, usual: 5).samples
        let lines = samples.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { "\($0.key) \($0.value)\n" }
        return Response(
            status: .ok, headers: [.contentType: "text/plain; charset=utf-8", .cacheControl: "no-store"],
            body: .init(byteBuffer: ByteBuffer(string: lines.joined())))
    }

    /// Samples the scripts of the map that the path names, for the `seconds` of the query.
    ///
    /// - Parameters:
    ///   - call: The request.
    ///   - usual: How long without `seconds` in the query.
    /// - Returns: How long, and the samples by collapsed stack.
    /// - Throws: ``GatewayError`` with status 400, 404, 409 or 503.
    func samples(_ call: PanelCall, usual: Int) async throws -> (seconds: Int, samples: [String: Int]) {
        let map = try map(call)
        let given = call.request.uri.queryParameters["seconds"].map(String.init) ?? "\(usual)"
        guard let seconds = Int(given), (1...30).contains(seconds) else {
            throw GatewayError(
                .badRequest, "bad_request", "seconds is \"\(given.prefix(20))\"; give a whole number from 1 to 30")
        }
        guard
            let answered = await Simulation.answer(
                within: .seconds(seconds) + patience, { await map.profile(seconds: seconds) })
        else { throw hangs(map) }
        guard let samples = answered else {
            throw GatewayError(.conflict, "busy", "map \(map.mapID) is being profiled already; ask again in a moment")
        }
        return (seconds, samples)
    }

    // MARK: - Changes

    private func reload(_ call: PanelCall) async throws -> Response {
        guard let reload else { throw GatewayError.notFound("this server has no game folder to reload") }
        let answer = ReloadAnswer(await reload())
        call.note.write { note in
            note.target = "game folder"
            note.after = .object([
                "changes": .array(answer.changes.map(JSON.string)),
                "problems": .number(Double(answer.problems.count)),
            ])
        }
        return Response(json: answer.json)
    }

    private func resume(_ call: PanelCall) async throws -> Response {
        let map = try map(call)
        let script = call.query("script") ?? ""
        call.note.write { $0.target = "\(script) on map \(map.mapID)" }
        guard let timing = try await diagnostics(of: map).scripts.first(where: { $0.script == script }) else {
            throw GatewayError.notFound("map \(map.mapID) has no script \"\(script.prefix(120))\"; name its file")
        }
        guard timing.isSuspended || timing.keptEvents > 0 else {
            throw GatewayError(
                .conflict, "not_suspended",
                "\(script) is not suspended on map \(map.mapID), and no event waits for it")
        }
        _ = map.post(.resume(script: script))
        return Response(json: .object(["resumed": .string(script)]))
    }
}

extension ReloadAnswer {
    /// The answer to programs, made from a report.
    init(_ report: ReloadReport) {
        self.init(
            changes: report.changes, effects: report.effects,
            problems: report.problems.map {
                Problem(file: $0.file, line: $0.line, column: $0.column, message: $0.message)
            })
    }
}
