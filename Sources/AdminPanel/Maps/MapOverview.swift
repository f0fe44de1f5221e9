import Gateway
import HTTPTypes
import Hummingbird
import OperatorAPI
import Simulation

/// The maps as servers [M7.1]: addresses, states and figures. It reads what maps publish, and asks nothing of their
/// threads.
struct MapOverview: Sendable {
    let maps: any RunningMaps
    let histories: MapHistories
    let ports: ListeningPorts
    let time: TimeSource

    /// For how long a map's published status counts as fresh, in seconds. A map that ticks renews it four times a
    /// second.
    private static let freshness = 1.5

    /// All maps of the game, by number.
    ///
    /// - Parameter call: The request, which tells how the caller reaches the server.
    /// - Returns: Their answers.
    func answers(_ call: PanelCall) -> [MapAnswer] {
        // In this order: a map that opens runs before the reason why it was closed goes.
        let (closed, stopped) = (maps.closedReasons, maps.stoppedMaps)
        let running = maps.handles
        let ids = Set(running.map(\.mapID))
        let answers =
            running.map { answer($0, isStopped: stopped.contains($0.mapID), call) }
            + closed.filter { !ids.contains($0.key) }.map { mapID, reason in
                self.answer(mapID, closed: reason, isStopped: stopped.contains(mapID), call)
            }
        return answers.sorted { $0.id < $1.id }
    }

    /// One map.
    ///
    /// - Parameters:
    ///   - mapID: Its number.
    ///   - call: The request.
    /// - Returns: `nil` for a map that the game does not have.
    func answer(_ mapID: Int, _ call: PanelCall) -> MapAnswer? {
        let (closed, isStopped) = (maps.closedReason(mapID), maps.stoppedMaps.contains(mapID))
        if let map = maps.handle(mapID) { return answer(map, isStopped: isStopped, call) }
        return closed.map { answer(mapID, closed: $0, isStopped: isStopped, call) }
    }

    private func answer(_ map: any MapHandle, isStopped: Bool, _ call: PanelCall) -> MapAnswer {
        let status = map.status
        let state = state(of: map, status, isStopped: isStopped)
        let latest = histories.latest(of: map.mapID)
        let isFresh = state == .running
        return MapAnswer(
            id: map.mapID, name: status.name, state: state,
            reason: state == .hanging ? "it has not ticked for \(map.lateness.components.seconds) s" : nil,
            address: address(of: map.mapID, call), hasOwnPort: ports.port(ofMap: map.mapID) != nil,
            figures: MapAnswer.Figures(
                players: status.players, entities: status.entities, fps: isFresh ? status.tickRateHz : 0,
                targetFps: status.targetTickRateHz,
                possibleFps: status.tickNowP95Ms > 0 ? 1000 / status.tickNowP95Ms : nil,
                tickMs: status.tickNowMeanMs, tickP95Ms: status.tickNowP95Ms, luaBytes: status.luaBytes,
                luaLimitBytes: status.luaLimitBytes, worldBytes: status.worldBytes,
                sentBytes: map.traffic?.sent ?? status.sentBytes,
                receivedBytes: map.traffic?.received ?? status.receivedBytes,
                sentPerSecond: Double(latest?.sentPerSecond ?? 0),
                receivedPerSecond: Double(latest?.receivedPerSecond ?? 0), errors: status.errorCount))
    }

    private func answer(_ mapID: Int, closed reason: String, isStopped: Bool, _ call: PanelCall) -> MapAnswer {
        MapAnswer(
            id: mapID, state: isStopped ? .stopped : .closed, reason: reason, address: address(of: mapID, call),
            hasOwnPort: ports.port(ofMap: mapID) != nil)
    }

    private func state(of map: any MapHandle, _ status: MapStatus, isStopped: Bool) -> MapAnswer.State {
        if map.lateness > MapActor.longestLateness { return .hanging }
        guard map.isReady, !isStopped else { return .starting }
        return time.unix() - status.time > Self.freshness ? .asleep : .running
    }

    private func address(of mapID: Int, _ call: PanelCall) -> String {
        let reached = PublicAddress(
            host: call.request.head.authority, isSecure: call.origin.isSecure, boundPort: ports.shared)
        return ports.port(ofMap: mapID).map { reached.withPort($0).host } ?? reached.host
    }
}
