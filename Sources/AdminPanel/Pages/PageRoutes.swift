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

    func add(to routes: inout PanelRoutes) {
        routes.on(.mapsPage) { try await mapsPage($0) }
        routes.on(.operatorsPage) { try await operatorsPage($0) }
        routes.on(.auditPage) { try await auditPage($0) }
        routes.on(.helpPage) { call in .page(HelpPage.page, for: call.caller) }
        routes.on(.loginPage) { call in
            // Whoever is logged in already has nothing to do here.
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
        let wanted = call.query("map").flatMap { Int($0) }
        let handles = maps.maps.handles
        let closed = maps.maps.closedReasons
        guard let map = handles.first(where: { $0.mapID == wanted }) ?? handles.first else {
            return .page(
                MapsPage.page([], closed: closed, selected: nil, for: caller, mayReload: maps.reload != nil),
                for: caller)
        }
        let selected = await answer(within: maps.patience) { await map.diagnostics() }
        return .page(
            MapsPage.page(
                handles.map(\.status), closed: closed,
                selected: selected ?? MapDiagnostics(status: map.status, errors: [MapRoutes.silence(of: map)]),
                for: caller, mayReload: maps.reload != nil), for: caller)
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
        return .page(AuditPage.page(try await storage.auditEntries(filter), filter), for: try call.requireCaller())
    }
}
