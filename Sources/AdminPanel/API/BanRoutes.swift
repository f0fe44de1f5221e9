import Gateway
import HTTPTypes
import Hummingbird
import JSONValues
import OperatorAPI
import Storage

/// Bans of players and addresses.
struct BanRoutes: Sendable {
    let players: PlayerService

    func add(to routes: inout PanelRoutes) {
        routes.on(.listBans) { call in
            let limit = try call.wholeNumber("limit", from: 1, to: 500) ?? 100
            return Response(
                operatorJSON: try await answers(before: call.wholeNumber("before", from: 0, to: .max), limit: limit))
        }
        routes.on(.createBan) { try await create($0) }
        routes.on(.deleteBan) { call in
            let id = try call.number("id")
            call.note.write { $0.target = "ban \(id)" }
            let ban = try await players.bans.remove(id)
            call.note.write { note in
                note.target = ban.playerID.map(PlayerService.auditName) ?? ban.addresses ?? ""
                note.before = .audited(BanAnswer(ban))
            }
            return .done
        }
    }

    /// The bans, the latest first.
    func answers(before: Int?, limit: Int) async throws(StorageError) -> [BanAnswer] {
        let bans = try await players.bans.list(before: before, limit: limit)
        let logins = try await players.logins(of: bans.compactMap(\.playerID))
        return bans.map { BanAnswer($0, login: $0.playerID.flatMap { logins[$0] }) }
    }

    private func create(_ call: PanelCall) async throws -> Response {
        let given = try await call.body(BanRequest.self)
        call.note.write { $0.target = given.player.map(PlayerService.auditName) ?? given.addresses ?? "" }
        let (ban, closed) = try await players.bans.add(
            Ban(
                playerID: given.player, addresses: given.addresses, reason: given.reason,
                madeBy: try call.requireCaller().name, created: players.now, expires: given.until))
        let answer = BanAnswer(ban)
        call.note.write { $0.after = .audited(answer) }
        var json = JSON.audited(answer).object ?? [:]
        json["closed"] = .number(Double(closed))
        return Response(json: .object(json))
    }
}
