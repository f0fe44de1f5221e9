import Gateway
import HTTPTypes
import Hummingbird
import JSONValues
import NIOCore
import OperatorAPI
import Simulation
import World

/// What operators see and change in the world of a running map [M0.11]. A map collects answers between its ticks, and
/// makes changes at the beginning of a tick.
struct WorldRoutes: Sendable {
    /// The most rows of one answer.
    static let maxRows = 200

    let maps: MapRoutes
    private let geometries = GeometryCache()

    init(maps: MapRoutes) { self.maps = maps }

    func add(to routes: inout PanelRoutes) {
        routes.on(.worldPage) { try await page($0) }
        routes.on(.showPositions) { call in
            let (map, _) = try map(call)
            return Response(json: .positions(try await ask(map) { await $0.positions() }, mapID: map.mapID))
        }
        routes.on(.showGeometry) { try geometry($0) }
        routes.on(.showSchema) { call in
            let (map, _) = try map(call)
            return Response(json: .schema(try await ask(map) { await $0.schema() }))
        }
        routes.on(.listEntities) { try await list($0) }
        routes.on(.showEntity) { call in
            let (map, _) = try map(call)
            let key = try Self.key(call)
            guard let entity = try await ask(map, { await $0.entity(key) }) else {
                throw Self.absent("\(key) is not on map \(map.mapID)")
            }
            return Response(json: .entity(entity))
        }
        routes.on(.addEntity) { try await addEntity($0) }
        routes.on(.changeEntity) { try await changeEntity($0) }
        routes.on(.removeEntity) { call in try await change(call, .remove(try Self.key(call))) }
        routes.on(.queueEvent) { try await queueEvent($0) }
        routes.on(.removeEvent) { call in
            try await change(call, .removeEvent(try Self.key(call), group: call.parameter("group")))
        }
    }

    // MARK: - Maps

    /// The map that the path names.
    ///
    /// - Throws: ``GatewayError`` with status 404.
    func map(_ call: PanelCall) throws(GatewayError) -> (actor: MapActor, handle: any MapHandle) {
        let handle = try maps.map(call)
        guard let actor = handle.actor else { throw .notFound("map \(handle.mapID) has no world to look at") }
        return (actor, handle)
    }

    /// Asks a map.
    ///
    /// - Throws: ``GatewayError`` with status 503 when it does not answer in time.
    func ask<Value: Sendable>(
        _ map: MapActor, _ question: @escaping @Sendable (MapActor) async -> Value
    ) async throws(GatewayError) -> Value {
        guard let value = await answer(within: maps.patience, { await question(map) }) else { throw maps.hangs(map) }
        return value
    }

    /// The entity that the path names.
    static func key(_ call: PanelCall) throws(GatewayError) -> EntityKey {
        let text = call.parameter("key")
        guard let key = EntityKey(text) else {
            throw absent("\"\(text.prefix(80))\" is no key; one is a type, _ and a number, such as players_7")
        }
        return key
    }

    static func absent(_ message: String) -> GatewayError { .notFound(message) }

    // MARK: - Reading

    private func page(_ call: PanelCall) async throws -> Response {
        let caller = try call.requireCaller()
        let handles = maps.maps.handles
        let wanted = call.query("map").flatMap { Int($0) }
        let selected = handles.first { $0.mapID == wanted } ?? handles.first
        return .page(
            WorldPage.page(
                handles.map(\.status), closed: maps.maps.closedReasons, selected: selected?.mapID, for: caller),
            for: caller)
    }

    private func geometry(_ call: PanelCall) throws -> Response {
        let entry = geometries.entry(for: try map(call).handle.geometry)
        let headers: HTTPFields = [.eTag: entry.tag, .cacheControl: "no-cache"]
        if call.request.knows(entry.tag) { return Response(status: .notModified, headers: headers) }
        var response = Response(status: .ok, headers: headers, body: .init(byteBuffer: entry.bytes))
        response.headers[.contentType] = "application/json"
        return response
    }

    private func list(_ call: PanelCall) async throws -> Response {
        let (map, _) = try map(call)
        var kind: EntityKind?
        if let name = call.query("type") {
            kind = EntityKind(name: name)
            guard kind != nil else {
                throw GatewayError.badRequest(
                    "type is \"\(name.prefix(40))\"; give players, enemys, animals or objects", field: "type")
            }
        }
        let offset = try call.wholeNumber("offset", from: 0, to: 1_000_000) ?? 0
        let limit = try call.wholeNumber("limit", from: 1, to: Self.maxRows) ?? 50
        let search = EntitySearch(kind: kind, text: String((call.query("text") ?? "").prefix(200)))
        let found = try await ask(map) { await $0.find(search) }
        let keys = found.dropFirst(offset).prefix(limit)
        let rows = try await ask(map) { await $0.rows(of: keys) }
        return Response(json: .rows(rows, total: found.count, offset: offset))
    }

    // MARK: - Changes

    private func addEntity(_ call: PanelCall) async throws -> Response {
        var data = try await call.object()
        guard let name = data["type"]?.string, let kind = EntityKind(name: name) else {
            throw GatewayError.badRequest("type must be enemys, animals or objects", field: "type")
        }
        data["type"] = nil
        return try await change(call, .add(kind, data))
    }

    private func changeEntity(_ call: PanelCall) async throws -> Response {
        let key = try Self.key(call)
        let body = try await call.object(of: ["fields", "components"])
        return try await change(
            call, .set(key, fields: try body.part("fields"), components: try body.part("components")))
    }

    private func queueEvent(_ call: PanelCall) async throws -> Response {
        let key = try Self.key(call)
        let body = try await call.object(of: ["group", "event", "data"])
        guard let group = body["group"]?.string else {
            throw GatewayError.badRequest("group must be the name of an event group", field: "group")
        }
        let event = body["event"] ?? .string("index")
        guard let event = event.string else {
            throw GatewayError.badRequest("event must be the name of an event of the group", field: "event")
        }
        return try await change(
            call, .queueEvent(key, group: group, event: event, data: try body.part("data")))
    }

    /// Lets the map make a change, and answers with what it concerned.
    private func change(_ call: PanelCall, _ change: OperatorChange) async throws -> Response {
        let (map, _) = try map(call)
        call.note.write { $0.target = change.target(on: map.mapID) }
        switch await edit(map, change) {
        case .done(let key, let before, let after):
            call.note.write { note in
                note.target = "\(key) on map \(map.mapID)"
                note.before = before.isEmpty ? nil : .object(before)
                note.after = after.isEmpty ? nil : .object(after)
            }
            return Response(
                json: .object([
                    "ok": .bool(true), "key": .string(key.description), "before": .object(before),
                    "after": .object(after),
                ]))
        case .refused(let refusal): throw GatewayError(refusal)
        case .closed, .ran: throw Self.closed(map.mapID)
        case .withdrawn: throw late(map)
        case .unknown: return Self.unknown(map.mapID, call)
        }
    }

    /// Lets a map make a change. One that is still waiting when the patience ends is withdrawn, so that a refusal means
    /// that nothing is changed later; a change that has begun gets as much time again for its scripts.
    func edit(_ map: MapActor, _ change: OperatorChange) async -> OperatorOutcome {
        await map.edit(change, within: maps.patience, runtime: maps.patience)
    }

    /// The refusal of a map that did not begin with a change in time.
    func late(_ map: MapActor) -> GatewayError {
        var refusal = maps.hangs(map)
        refusal.message += ". Nothing was changed"
        return refusal
    }

    /// The answer about a change that the map has begun and not ended. It is returned and not thrown: the audit log
    /// must not call the change refused.
    static func unknown(_ mapID: Int, _ call: PanelCall) -> Response {
        call.note.write { note in
            var after: JSONObject = ["outcome": .string("unknown")]
            for (name, value) in note.after?.object?.members ?? [] { after[name] = value }
            note.after = .object(after)
        }
        return Response(
            GatewayError(
                .gatewayTimeout, "unknown_outcome",
                "map \(mapID) has begun the change and does not answer; look whether it was made before you repeat it"))
    }

    /// The refusal of a map that has ended meanwhile, or has its inbox full.
    static func closed(_ mapID: Int) -> GatewayError {
        GatewayError(
            .serviceUnavailable, "map_closed",
            "map \(mapID) has ended or has too much waiting; nothing was changed", retry: 5)
    }
}

extension GatewayError {
    /// The refusal of a map.
    init(_ refusal: OperatorRefusal) {
        switch refusal.kind {
        case .absent: self.init(.notFound, "not_found", refusal.message, field: refusal.field)
        case .wrong: self.init(.badRequest, "bad_request", refusal.message, field: refusal.field)
        case .conflict: self.init(.conflict, "not_possible", refusal.message, field: refusal.field)
        }
    }
}

extension OperatorChange {
    /// What the audit log says that it is about, also when the map refuses it.
    fileprivate func target(on mapID: Int) -> String {
        switch self {
        case .set(let key, _, _), .remove(let key): "\(key) on map \(mapID)"
        case .add(let kind, _): "\(kind.name) on map \(mapID)"
        case .queueEvent(let key, let group, let event, _):
            "\(group.prefix(80))/\(event.prefix(80)) of \(key) on map \(mapID)"
        case .removeEvent(let key, let group): "\(group.prefix(80)) of \(key) on map \(mapID)"
        case .run: "map \(mapID)"
        }
    }
}

extension JSONObject {
    /// The object under a key; empty when it is absent.
    fileprivate func part(_ name: String) throws(GatewayError) -> JSONObject {
        switch self[name] {
        case nil: return [:]
        case .object(let object)?: return object
        case let other?:
            throw .badRequest("\(name) must be an object, got \(other.typeName)", field: name)
        }
    }
}
