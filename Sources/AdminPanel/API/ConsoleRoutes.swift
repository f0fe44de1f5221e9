import Foundation
import Gateway
import Hummingbird
import JSONValues
import OperatorAPI
import Simulation
import Synchronization
import World

/// The console: Lua that an operator types, tried out on a copy of a map and then run on the map.
struct ConsoleRoutes: Sendable {
    /// The longest text of an entry in the audit log, in bytes: what an operator ran must be there to its end. A
    /// snippet is not longer than the body of a request; escapes can make it longer.
    private static let maxAudited = 2 * PanelCall.maxBodyBytes

    let world: WorldRoutes
    private let trials = Trials()

    init(world: WorldRoutes) { self.world = world }

    func add(to routes: inout PanelRoutes) {
        routes.on(.tryConsole) { try await tryOut($0) }
        routes.on(.runConsole) { try await run($0) }
    }

    private func snippet(_ call: PanelCall, on mapID: Int) async throws -> ConsoleSnippet {
        let body = try await call.object(of: ["source", "object"])
        guard let source = body["source"]?.string, source.contains(where: { !$0.isWhitespace }) else {
            throw GatewayError.badRequest("source must be Lua, and not empty", field: "source")
        }
        var object: EntityKey?
        switch body["object"] {
        case nil, .null?, .string("")?: break
        case .string(let text)?:
            object = EntityKey(text)
            if object == nil { fallthrough }
        default: throw GatewayError.badRequest("object must be an entity's key, such as players_7", field: "object")
        }
        call.note.write { note in
            note.target = object.map { "map \(mapID), object \($0)" } ?? "map \(mapID)"
            note.after = .object(["source": .string(source)])
            note.maxText = Self.maxAudited
        }
        return ConsoleSnippet(source: source, object: object)
    }

    private func tryOut(_ call: PanelCall) async throws -> Response {
        let (map, _) = try world.map(call)
        let snippet = try await snippet(call, on: map.mapID)
        guard trials.begin() else {
            throw GatewayError(.conflict, "busy", "another dry run goes on; try again in a moment", retry: 1)
        }
        defer { trials.end() }
        guard let copy = try await world.ask(map, { await $0.copy(limit: DryRun.maxEntities) }) else {
            throw GatewayError(
                .conflict, "too_large",
                "map \(map.mapID) has more than \(DryRun.maxEntities) entities, too many for a copy; run the snippet without a dry run"
            )
        }
        do {
            return Response(json: .dryRun(try await trials.run(snippet, on: copy)))
        } catch let refusal as OperatorRefusal {
            throw GatewayError(refusal)
        }
    }

    private func run(_ call: PanelCall) async throws -> Response {
        let (map, _) = try world.map(call)
        let snippet = try await snippet(call, on: map.mapID)
        switch await world.edit(map, .run(snippet)) {
        case .ran(let result):
            call.note.write { note in
                var shown = JSONObject()
                if let failure = result.failure { shown["error"] = .string(failure.message) }
                shown["source"] = .string(snippet.source)
                note.after = .object(shown)
            }
            return Response(json: .console(result))
        case .refused(let refusal): throw GatewayError(refusal)
        case .closed, .done: throw WorldRoutes.closed(map.mapID)
        case .withdrawn: throw world.late(map)
        case .unknown: return WorldRoutes.unknown(map.mapID, call)
        }
    }
}

/// Runs dry runs one at a time, each on a thread of its own: the copy of a map takes memory, and scripts need a deep
/// stack. Any thread.
private final class Trials: Sendable {
    private let isBusy = Atomic<Bool>(false)

    /// Takes the one place.
    ///
    /// - Returns: `false` when a dry run goes on.
    func begin() -> Bool {
        isBusy.compareExchange(expected: false, desired: true, ordering: .acquiringAndReleasing).exchanged
    }

    /// Gives the place back.
    func end() { isBusy.store(false, ordering: .releasing) }

    func run(_ snippet: ConsoleSnippet, on copy: MapCopy) async throws -> DryRun {
        try await withCheckedThrowingContinuation { continuation in
            let thread = Thread { continuation.resume(with: Result { try DryRun(snippet, on: copy) }) }
            thread.stackSize = 8 << 20
            thread.start()
        }
    }
}
