import Gateway
import HTTPTypes
import Hummingbird
import JSONValues
import NIOCore
import NIOPosix
import OperatorAPI
import Simulation
import Storage
import Synchronization

/// Reading and following the maps' logs, and clearing their errors [M7.3].
struct LogRoutes: Sendable {
    let logs: LogHub
    let maps: any RunningMaps
    let access: AccessControl
    let time: TimeSource
    /// The clock of the streams' signs of life.
    let clock: any Clock<Duration>
    private let mending = MendingCheck()

    init(logs: LogHub, maps: any RunningMaps, access: AccessControl, time: TimeSource, clock: any Clock<Duration>) {
        self.logs = logs
        self.maps = maps
        self.access = access
        self.time = time
        self.clock = clock
    }

    func add(to routes: inout PanelRoutes) {
        routes.on(.listLogs) { call in
            let limit = try call.wholeNumber("limit", from: 1, to: LogRing.maxEntries) ?? 200
            return Response(operatorJSON: logs.entries(try LogFilter(call), limit: limit))
        }
        routes.on(.streamLogs) { try stream($0) }
        routes.on(.downloadLog) { try await LogDownload(directory: logs.directory).response(to: $0) }
        routes.on(.listErrors) { try await listErrors($0) }
        routes.on(.clearError) { try clear($0) }
        routes.on(.clearErrors) { try clearAll($0) }
    }

    // MARK: - Following

    private func stream(_ call: PanelCall) throws -> Response {
        let filter = try LogFilter(call)
        let caller = try call.requireCaller()
        let headers: HTTPFields = [.contentType: "text/event-stream", .cacheControl: "no-store"]
        if call.request.method == .head { return Response(status: .ok, headers: headers) }
        guard let stream = logs.open(owner: caller.name, filter, after: LogEvents.last(of: call.request, run: logs.run))
        else {
            throw GatewayError(
                .serviceUnavailable, "busy",
                "\(LogHub.maxStreams) readers follow the log already; close one of them, or read \(Endpoint.listLogs.path)",
                retry: 10)
        }
        let events = LogEvents(stream: stream, filter: filter, run: logs.run, clock: clock) {
            [access, request = call.request, origin = call.origin] in
            // An error of the store is no reason to end a stream that was allowed.
            guard let identity = try? await access.identify(request, from: origin) else { return true }
            return identity.caller != nil
        }
        return Response(status: .ok, headers: headers, body: events.body(of: call.request))
    }

    // MARK: - Errors

    private func listErrors(_ call: PanelCall) async throws -> Response {
        let map = try LogFilter.map(of: call)
        let answer = await groups(map: map)
        if call.query("version") == answer.version {
            return Response(status: .noContent, headers: [.cacheControl: "no-store"])
        }
        guard call.wantsHTML else { return Response(operatorJSON: answer) }
        return .html(ErrorGroupsView.html(answer, map: map, mayChange: call.mayChange))
    }

    /// The groups of errors as they are now; first marks those that are mended.
    func groups(map: Int?) async -> ErrorGroupsAnswer {
        if logs.hasUnmended, mending.isDue(at: time.monotonic()) {
            let handles = maps.handles
            let states = await withTaskGroup(of: (Int, ScriptStates?).self) { group in
                for handle in handles {
                    group.addTask { (handle.mapID, await answer(within: .seconds(1)) { await handle.scriptStates() }) }
                }
                return await group.reduce(into: [Int: ScriptStates]()) { $0[$1.0] = $1.1 }
            }
            logs.markMended(by: states)
        }
        return logs.groups(map: map)
    }

    private func clear(_ call: PanelCall) throws -> Response {
        let id = call.parameter("id")
        guard let group = logs.removeGroup(id) else {
            throw GatewayError.notFound("there is no group of errors \"\(id.prefix(40))\"; it may be cleared already")
        }
        call.note.write { note in
            note.target = [group.script, group.line.map(String.init)].compactMap(\.self).joined(separator: ":")
            note.before = .object([
                "message": .string(group.message), "count": .number(Double(group.count)),
            ])
        }
        return .done
    }

    private func clearAll(_ call: PanelCall) throws -> Response {
        let map = try LogFilter.map(of: call)
        let isMendedOnly = call.query("mended") == "true"
        let count = logs.removeGroups { group in
            (map == nil || group.maps.contains { $0.map == map }) && (!isMendedOnly || group.mended != nil)
        }
        call.note.write { note in
            note.target = (isMendedOnly ? "mended errors" : "errors") + (map.map { " of map \($0)" } ?? "")
            note.before = .object(["groups": .number(Double(count))])
        }
        return .done
    }
}

/// Limits how often maps are asked which versions run: many pages may look at the errors. Any thread may call it.
private final class MendingCheck: Sendable {
    /// How long an answer is good enough.
    private static let pause = Duration.milliseconds(500)

    private let last = Mutex<Duration?>(nil)

    /// Whether to ask the maps now.
    func isDue(at time: Duration) -> Bool {
        last.withLock { last in
            if let last, time - last < Self.pause { return false }
            last = time
            return true
        }
    }
}
