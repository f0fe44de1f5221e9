import Gateway
import HTTPTypes
import Hummingbird
import NIOCore
import OperatorAPI
import Simulation
import Storage

/// The pages under `/admin/`.
struct PageRoutes: Sendable {
    let storage: any OperatorStorage
    let sessions: SessionRoutes
    let keys: KeyRoutes
    let maps: MapRoutes
    let mapControl: MapControlRoutes
    let audit: AuditTrail
    let logs: LogRoutes

    func add(to routes: inout PanelRoutes) {
        routes.on(.mapsPage) { try await mapsPage($0) }
        routes.on(.logsPage) { try await logsPage($0) }
        routes.on(.performancePage) { try await performancePage($0) }
        routes.on(.operatorsPage) { try await operatorsPage($0) }
        routes.on(.auditPage) { try await auditPage($0) }
        routes.on(.loginPage) { call in
            // An operator who is logged in needs no login form.
            guard call.caller == nil else { return .redirect(to: "/admin/", type: .normal) }
            return .page(EntryPages.login(hasOperators: try await hasOperators()))
        }
        routes.on(.setupPage) { _ in .page(EntryPages.setup(hasOperators: try await hasOperators())) }
        routes.on(.panelFile) { try PanelFile.response(to: $0) }
        routes.on(.libraryFile) { try PanelFile.response(to: $0, from: PanelLibrary.installed) }
    }

    private func hasOperators() async throws -> Bool { try await !storage.operators().isEmpty }

    private func mapsPage(_ call: PanelCall) async throws -> Response {
        let caller = try call.requireCaller()
        let answers = mapControl.overview.answers(call)
        let wanted = call.query("map").flatMap { Int($0) }
        let id = (answers.first { $0.id == wanted } ?? answers.first { $0.figures != nil } ?? answers.first)?.id
        var selected: MapDetailAnswer?
        var diagnostics: MapDiagnostics?
        if let id {
            selected = try await mapControl.detail(call, of: id, countsTypes: caller.role >= .editor)
            if let map = maps.maps.handle(id) {
                diagnostics =
                    await answer(within: maps.patience) { await map.diagnostics() }
                    ?? MapDiagnostics(status: map.status, errors: [MapRoutes.silence(of: map)])
            }
        }
        let page = MapsPage(
            maps: answers, statuses: maps.maps.handles.map(\.status), selected: selected, diagnostics: diagnostics,
            caller: caller, mayReload: maps.reload != nil)
        return .page(page.page, for: caller)
    }

    private func logsPage(_ call: PanelCall) async throws -> Response {
        let map = try LogFilter.map(of: call)
        return .page(
            LogsPage.page(
                maps.maps.handles.map(\.status), map: map, groups: await logs.groups(map: map), call,
                hasFiles: logs.logs.directory != nil),
            for: try call.requireCaller())
    }

    private func performancePage(_ call: PanelCall) async throws -> Response {
        let caller = try call.requireCaller()
        let window = try PerformanceView.Window(call)
        let wanted = call.query("map").flatMap { Int($0) }
        let handles = maps.maps.handles
        let map = handles.first { $0.mapID == wanted } ?? handles.first
        var performance: MapPerformance?
        var ticks: [SlowTick] = []
        if let map {
            performance = await answer(within: maps.patience) { await map.performance() }
            if performance != nil { ticks = await answer(within: maps.patience) { await map.slowestTicks() } ?? [] }
        }
        return .page(
            PerformancePage.page(
                handles.map(\.status), performance, selected: map?.mapID, ticks: ticks, window), for: caller)
    }

    private func operatorsPage(_ call: PanelCall) async throws -> Response {
        let caller = try call.requireCaller()
        var administration: OperatorsPage.Administration?
        if caller.role == .owner {
            administration = .init(
                operators: try await storage.operators().map(OperatorAnswer.init),
                keys: try await keys.answers())
        }
        return .page(
            OperatorsPage.page(
                for: caller, sessions: try await sessions.sessions(for: caller), administration: administration),
            for: caller)
    }

    private func auditPage(_ call: PanelCall) async throws -> Response {
        var filter = try AuditRoutes.filter(call, limit: AuditPage.size)
        filter.limit = AuditPage.size + 1
        return .page(
            AuditPage.page(try await storage.auditEntries(filter), filter, lost: audit.lost),
            for: try call.requireCaller())
    }
}
