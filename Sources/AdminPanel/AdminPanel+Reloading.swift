import GameFolder
import Gateway
import HTTPTypes
import Hummingbird
import JSONValues
import OperatorAPI
import Simulation

/// Reloading the game folder and resuming suspended scripts, for browsers and for programs.
extension AdminPanel {
    /// `POST /server/api/reload`: reloads the game folder and answers with the changes, their effects and all problems.
    func reload(_ request: Request) async throws -> Response {
        try requireOperator(request)
        return Response(json: ReloadAnswer(try await report()).json)
    }

    /// The same from the panel's button.
    func reloadPage(_ request: Request) async throws -> Response {
        try requireOperator(request)
        return page(AdminPages.reloaded(try await report()))
    }

    private func report() async throws -> ReloadReport {
        guard let reload else { throw GatewayError.notFound("this server has no game folder to reload") }
        return await reload()
    }

    /// `POST /server/api/resume/MAP?script=events/move/to.lua`: lets a suspended script run again.
    func resume(_ request: Request, _ id: String) async throws -> Response {
        let map = try map(id, for: request)
        let script = request.uri.queryParameters["script"].map(String.init) ?? ""
        try await resume(script, on: map)
        return Response(json: .object(["resumed": .string(script)]))
    }

    /// The same from the panel's button.
    func resumePage(_ request: Request) async throws -> Response {
        try requireOperator(request)
        let fields = try await form(request)
        let map = try map(fields["map"] ?? "", for: request)
        try await resume(fields["script"] ?? "", on: map)
        return .redirect(to: "/admin/?map=\(map.mapID)", type: .normal)
    }

    private func resume(_ script: String, on map: any MapHandle) async throws {
        guard let timing = try await diagnostics(of: map).scripts.first(where: { $0.script == script }) else {
            throw GatewayError.notFound("map \(map.mapID) has no script \"\(script.prefix(120))\"; name its file")
        }
        guard timing.isSuspended || timing.keptEvents > 0 else {
            throw GatewayError(
                .conflict, "not_suspended",
                "\(script) is not suspended on map \(map.mapID), and no event waits for it")
        }
        _ = map.post(.resume(script: script))
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
