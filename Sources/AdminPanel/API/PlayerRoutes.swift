import Gateway
import HTTPTypes
import Hummingbird
import JSONValues
import NIOCore
import OperatorAPI
import Storage

/// Players: search, accounts, mutes, moves, saved values, sessions, export and erasing.
struct PlayerRoutes: Sendable {
    /// The most players of one answer.
    static let maxPage = 200

    let players: PlayerService
    let passwords: PasswordGate

    func add(to routes: inout PanelRoutes) {
        routes.on(.searchPlayers) { Response(operatorJSON: try await search($0, size: 50)) }
        routes.on(.showPlayer) { try await show($0) }
        routes.on(.createPlayer) { try await create($0) }
        routes.on(.resetPlayerPassword) { try await resetPassword($0) }
        routes.on(.mutePlayer) { try await mute($0) }
        routes.on(.unmutePlayer) { call in
            let mute = try await players.removeMute(of: try id(call))
            call.note.write { $0.before = .audited(MuteAnswer(mute)) }
            return .done
        }
        routes.on(.movePlayer) { try await move($0) }
        routes.on(.editPlayer) { try await edit($0) }
        routes.on(.endPlayerSession) { try await endSession($0) }
        routes.on(.endPlayerSessions) { call in
            let player = try await players.player(id(call))
            let (sessions, wasOnline) = try await players.endSessions(of: player.account.id)
            call.note.write { note in
                note.before = .object([
                    "sessions": .number(Double(sessions)), "connected": .bool(wasOnline),
                ])
            }
            return .done
        }
        routes.on(.exportPlayer) { try await export($0) }
        routes.on(.erasePlayer) { try await erase($0) }
    }

    /// The player's number in the path, which becomes the target in the audit log for what the log has.
    private func id(_ call: PanelCall) throws(GatewayError) -> Int {
        let id = try call.number("id")
        if call.endpoint.isChange || call.endpoint == .exportPlayer {
            call.note.write { $0.target = PlayerService.auditName(id) }
        }
        return id
    }

    // MARK: - Reading

    /// Searches as the query of a request says.
    ///
    /// - Parameters:
    ///   - call: The request.
    ///   - size: How many players a page has, unless the query says it.
    /// - Returns: The page.
    /// - Throws: ``GatewayError`` for a query that can't be read; ``StorageError`` when the store fails.
    func search(_ call: PanelCall, size: Int) async throws -> PlayersAnswer {
        let state = try call.query("state").map { text throws(GatewayError) in
            guard let state = PlayerService.State(rawValue: text) else {
                let known = PlayerService.State.allCases.map(\.rawValue).joined(separator: ", ")
                throw .badRequest("state is \"\(text.prefix(20))\"; it must be one of \(known)", field: "state")
            }
            return state
        }
        let after = try call.wholeNumber("after", from: 0, to: .max)
        let limit = try call.wholeNumber("limit", from: 1, to: Self.maxPage) ?? size
        let (found, next) = try await players.search(
            String((call.query("q") ?? "").prefix(80)), state, after: after, limit: limit)
        return PlayersAnswer(players: found.map(PlayerAnswer.init), next: next)
    }

    /// The sessions of a player.
    func sessions(of id: Int) async throws(StorageError) -> [PlayerSessionAnswer] {
        try await players.sessions(of: id).map { PlayerSessionAnswer($0, id: Self.name($0)) }
    }

    /// What a session is called: enough of the hash to be the only one, and too little to be of use.
    private static func name(_ session: HTTPSession) -> String { String(hex(session.hash).prefix(16)) }

    private func show(_ call: PanelCall) async throws -> Response {
        let player = try await players.player(id(call))
        let account = player.account
        var answer = JSON.audited(PlayerAnswer(player)).object ?? [:]
        answer["sessions"] = .audited(try await sessions(of: account.id))
        if let entity = try await players.savedEntity(account.id) { answer["entity"] = entity.exported }
        return Response(json: .object(answer))
    }

    private func export(_ call: PanelCall) async throws -> Response {
        let id = try id(call)
        let export = try await players.export(id)
        call.note.write { $0.isDisclosure = true }
        return Response(
            status: .ok,
            headers: [
                .contentType: "application/json", .cacheControl: "no-store",
                .contentDisposition: "attachment; filename=\"player-\(id).json\"",
            ], body: .init(byteBuffer: ByteBuffer(bytes: export.bytes)))
    }

    // MARK: - Changes

    private func create(_ call: PanelCall) async throws -> Response {
        let given = try await call.body(NewPlayerRequest.self)
        let form = try LoginForm(login: given.login, password: given.password)
        try form.checkRegistration()
        let hash = try await passwords.hash(form, from: call.origin)
        let account: PlayerAccount
        do throws(StorageError) {
            account = try await players.create(login: form.login, hash: hash)
        } catch {
            if case .loginTaken = error { call.note.write { $0.refusal = "the login is taken" } }
            throw error
        }
        let answer = PlayerAnswer(account, online: nil, bans: [], mute: nil)
        call.note.write { note in
            note.target = PlayerService.auditName(account.id)
            note.after = .object(["login": .string(account.login)])
        }
        return Response(operatorJSON: answer)
    }

    private func resetPassword(_ call: PanelCall) async throws -> Response {
        let account = try await players.player(id(call)).account
        let form = try LoginForm(login: account.login, password: try await call.body(PasswordRequest.self).password)
        try form.checkRegistration()
        try await players.resetPassword(of: account.id, hash: try await passwords.hash(form, from: call.origin))
        return .done
    }

    private func mute(_ call: PanelCall) async throws -> Response {
        let player = try await players.player(id(call))
        let given = try await call.body(MuteRequest.self)
        let mute = Mute(
            playerID: player.account.id, reason: given.reason ?? "", madeBy: try call.requireCaller().name,
            created: players.now, expires: given.until)
        try await players.set(mute)
        call.note.write { note in
            note.before = player.mute.map { .audited(MuteAnswer($0)) }
            note.after = .audited(MuteAnswer(mute))
        }
        return .done
    }

    private func move(_ call: PanelCall) async throws -> Response {
        let id = try await players.player(id(call)).account.id
        let mapID = try await call.body(MoveRequest.self).mapId
        let before = try await players.move(id, to: mapID)
        call.note.write { note in
            note.before = .object(["map_id": .number(Double(before))])
            note.after = .object(["map_id": .number(Double(mapID))])
        }
        return .done
    }

    private func edit(_ call: PanelCall) async throws -> Response {
        let id = try await players.player(id(call)).account.id
        let (before, after) = try await players.edit(id, SavedEdit(try await call.object()))
        call.note.write { note in
            note.before = .object(before)
            note.after = .object(after)
        }
        return Response(json: .object(after))
    }

    private func endSession(_ call: PanelCall) async throws -> Response {
        let account = try await players.player(id(call)).account
        let name = call.parameter("session")
        if name == "connection" {
            let online = players.registry[account.id]
            guard players.disconnect(account.id) else {
                throw GatewayError.notFound("player \(account.id) is not connected")
            }
            // A player who has only sockets of scripts is not online.
            if let online { call.note.write { $0.before = .audited(OnlineAnswer(online)) } }
            return .done
        }
        guard let session = try await players.sessions(of: account.id).first(where: { Self.name($0) == name }) else {
            throw GatewayError.notFound("player \(account.id) has no session \"\(name.prefix(40))\"")
        }
        try await players.end(session)
        call.note.write { $0.before = .audited(PlayerSessionAnswer(session, id: name)) }
        return .done
    }

    private func erase(_ call: PanelCall) async throws -> Response {
        let account = try await players.player(id(call)).account
        guard try await call.body(EraseRequest.self).login == account.login else {
            throw GatewayError.badRequest("that is not the login of this player; type it exactly", field: "login")
        }
        try await players.erase(account.id)
        return .done
    }
}

extension PlayerAnswer {
    init(_ player: PlayerService.Player) {
        self.init(
            player.account, online: player.online.map(OnlineAnswer.init),
            bans: player.bans.map { BanAnswer($0, login: player.account.login) },
            mute: player.mute.map(MuteAnswer.init))
    }
}

extension OnlineAnswer {
    init(_ online: OnlinePlayer) {
        self.init(
            mapID: online.mapID, since: online.since, address: online.address.map { "\($0)" },
            isWaiting: online.isWaiting)
    }
}
