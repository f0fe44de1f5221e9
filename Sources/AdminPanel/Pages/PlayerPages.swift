import Gateway
import HTTPTypes
import Hummingbird
import OperatorAPI
import Simulation
import Storage

/// The pages about players.
struct PlayerPages: Sendable {
    let players: PlayerService
    let routes: PlayerRoutes
    let bans: BanRoutes
    let maps: any RunningMaps

    func add(to routes: inout PanelRoutes) {
        routes.on(.playersPage) { try await list($0) }
        routes.on(.playerPage) { try await show($0) }
        routes.on(.bansPage) { call in
            let before = try call.wholeNumber("before", from: 0, to: .max)
            let bans = try await bans.answers(before: before, limit: BansPage.size + 1)
            return .page(BansPage.page(bans, now: players.now, for: try call.requireCaller()), for: call.caller)
        }
    }

    private func list(_ call: PanelCall) async throws -> Response {
        let found = try await routes.search(call, size: PlayersPage.size)
        let search = PlayersPage.Search(text: call.query("q") ?? "", state: call.query("state") ?? "")
        return .page(
            PlayersPage.page(
                found, search, online: players.registry.count, maps: mapNames, for: try call.requireCaller()),
            for: call.caller)
    }

    private func show(_ call: PanelCall) async throws -> Response {
        let player = try await players.player(try call.number("id"))
        let id = player.account.id
        var current: Int?
        var unknown: String?
        do throws(GatewayError) {
            current = try await players.currentMap(of: id)
        } catch {
            // A map that hangs may have the entity; the page shows the rest all the same.
            unknown = error.message
        }
        let content = PlayerPage.Content(
            player: PlayerAnswer(player), sessions: try await routes.sessions(of: id),
            entity: try await players.savedEntity(id), components: await players.components(), currentMap: current,
            unknownMap: unknown, maps: mapNames)
        return .page(PlayerPage.page(content, for: try call.requireCaller()), for: call.caller)
    }

    private var mapNames: [(id: Int, name: String)] { maps.handles.map { ($0.mapID, $0.status.name) } }
}
