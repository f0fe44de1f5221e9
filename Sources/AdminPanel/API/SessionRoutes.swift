import Gateway
import HTTPTypes
import Hummingbird
import JSONValues
import OperatorAPI
import Storage

/// The caller's own session: logging in and out, the first account, the own password.
struct SessionRoutes: Sendable {
    /// The least length of an operator's password.
    static let minPasswordCharacters = 10

    let access: AccessControl
    let storage: any OperatorStorage
    let passwords: PasswordGate
    let link: SetupLink
    let time: TimeSource

    func add(to routes: inout PanelRoutes) {
        routes.on(.showSession) { call in Response(operatorJSON: Self.answer(try call.requireCaller())) }
        routes.on(.beginSession) { try await logIn($0) }
        routes.on(.endSession) { try await logOut($0) }
        routes.on(.setUp) { try await setUp($0) }
        routes.on(.changePassword) { try await changePassword($0) }
        routes.on(.listSessions) { try await list($0) }
        routes.on(.revokeSession) { try await revoke($0) }
        routes.on(.endSessions) { try await endAll($0) }
    }

    static func answer(_ caller: Caller) -> SessionAnswer {
        SessionAnswer(
            login: caller.name, role: caller.role, kind: caller.kind, expires: caller.session?.stored.expires,
            token: caller.session?.token)
    }

    // MARK: - Logging in

    private func logIn(_ call: PanelCall) async throws -> Response {
        let given = try await call.body(LoginRequest.self)
        if let key = given.key { return try await logIn(withKey: key, call) }
        let form = try LoginForm(login: given.login ?? "", password: given.password ?? "")
        var account: OperatorAccount?
        _ = try await passwords.check(form, from: call.origin) {
            let found = try await storage.operatorAccount(login: form.login)
            // People type passwords into the field for the name, so only names of accounts are written down.
            call.note.write { $0.target = found?.login ?? "an unknown name" }
            // For a disabled account the password counts as wrong, so that nobody learns about the account.
            account = found?.disabled == nil ? found : nil
            return account?.passwordHash
        }
        guard let account else { throw GatewayError.notLoggedIn }
        return try await begin(account, call)
    }

    private func logIn(withKey key: String, _ call: PanelCall) async throws -> Response {
        call.note.write { $0.target = "key file" }
        if let wait = access.keyAttempts.attempt(call.origin.key) { throw GatewayError.tooManyKeys(wait: wait) }
        guard access.key.matches(key.filter { !$0.isWhitespace }) else {
            throw GatewayError(.unauthorized, "bad_credentials", "that is not the key in operator.key")
        }
        access.keyAttempts.forgive(call.origin.key)
        guard
            let (session, secret) = try await access.beginSession(
                of: .keyFile(hash: access.key.hash), checked: nil, call.request, from: call.origin)
        else { throw GatewayError.notLoggedIn }
        return begun(
            .keyFile(session: .init(stored: session, token: SessionCookie.token(ofSecret: secret))), secret, call)
    }

    /// Begins a session of an account whose password was checked, or set, as it stands in `account`.
    private func begin(_ account: OperatorAccount, _ call: PanelCall) async throws -> Response {
        guard
            let (session, secret) = try await access.beginSession(
                of: .account(account.id), checked: account.passwordHash, call.request, from: call.origin)
        else { throw GatewayError.badCredentials }
        let open = Caller.OpenSession(stored: session, token: SessionCookie.token(ofSecret: secret))
        return begun(.account(account, session: open), secret, call)
    }

    private func begun(_ caller: Caller, _ secret: String, _ call: PanelCall) -> Response {
        call.note.write { note in
            note.actor = caller.name
            note.after = .object(["role": .string(caller.role.rawValue)])
        }
        var response = Response(operatorJSON: Self.answer(caller))
        SessionCookie.set(secret, lifetime: Int(AccessControl.sessionLifetime), in: &response, for: call.origin)
        return response
    }

    private func setUp(_ call: PanelCall) async throws -> Response {
        let given = try await call.body(SetupRequest.self)
        guard link.accepts(given.secret) else {
            throw GatewayError(
                .forbidden, "bad_link",
                "this link was used already or is older than an hour; restart the server for a new one, or log in with the key"
            )
        }
        let form = try LoginForm(login: given.login, password: given.password)
        try form.checkNewOperator()
        call.note.write { $0.target = form.login }
        let hash = try await passwords.hash(form, from: call.origin)
        guard
            let account = try await storage.createFirstOperator(
                login: form.login, passwordHash: hash, created: time.unix())
        else {
            link.end()
            throw GatewayError(.conflict, "set_up", "there is an operator's account already; log in with it")
        }
        link.end()
        passwords.remember(login: account.login, address: call.origin.key)
        return try await begin(account, call)
    }

    // MARK: - Logging out

    private func logOut(_ call: PanelCall) async throws -> Response {
        guard let session = try call.requireCaller().session else {
            throw GatewayError(.conflict, "no_session", "this caller has no session that could end")
        }
        _ = try await storage.deleteOperatorSession(id: session.stored.id, of: nil)
        return ended(call)
    }

    private func endAll(_ call: PanelCall) async throws -> Response {
        let holder = try holder(of: call)
        let count = try await storage.deleteOperatorSessions(of: holder)
        call.note.write { $0.before = .object(["sessions": .number(Double(count))]) }
        return ended(call)
    }

    private func ended(_ call: PanelCall) -> Response {
        var response = Response.done
        SessionCookie.set(nil, lifetime: 0, in: &response, for: call.origin)
        return response
    }

    // MARK: - The own password

    private func changePassword(_ call: PanelCall) async throws -> Response {
        guard let account = try call.requireCaller().account else {
            throw GatewayError(.conflict, "no_account", "only an operator with an account has a password")
        }
        let given = try await call.body(PasswordChangeRequest.self)
        call.note.write { $0.target = account.login }
        let form = try LoginForm(login: account.login, password: given.new)
        try form.checkRegistration(minCharacters: Self.minPasswordCharacters)
        let old = try LoginForm(login: account.login, password: given.old)
        _ = try await passwords.check(old, from: call.origin) { account.passwordHash }
        let hash = try await passwords.hash(form, from: call.origin)
        let change = OperatorChange.passwordHash(hash, replacing: account.passwordHash)
        guard let changed = try await storage.changeOperator(id: account.id, [change]) else {
            throw GatewayError.badCredentials
        }
        return try await begin(changed.after, call)
    }

    // MARK: - Sessions

    private func holder(of call: PanelCall) throws(GatewayError) -> OperatorSession.Holder {
        let caller = try call.requireCaller()
        if let account = caller.account { return .account(account.id) }
        guard caller.kind == .keyFile else {
            throw GatewayError(.conflict, "no_sessions", "a program with an API key has no sessions")
        }
        return .keyFile(hash: access.key.hash)
    }

    private func list(_ call: PanelCall) async throws -> Response {
        Response(operatorJSON: try await sessions(for: try call.requireCaller()))
    }

    /// The sessions that a caller may see and end, the latest first.
    func sessions(for caller: Caller) async throws -> [OperatorSessionAnswer] {
        let holder = caller.role == .owner ? nil : caller.account.map { OperatorSession.Holder.account($0.id) }
        guard caller.role == .owner || holder != nil else { return [] }
        let logins = try await storage.logins()
        return try await storage.operatorSessions(of: holder, at: time.unix()).map { session in
            var login: String?
            if case .account(let id) = session.holder { login = logins[id] }
            return OperatorSessionAnswer(
                session, login: login, isCurrent: session.id == caller.session?.stored.id)
        }
    }

    private func revoke(_ call: PanelCall) async throws -> Response {
        let caller = try call.requireCaller()
        let id = try call.number("id")
        call.note.write { $0.target = "session \(id)" }
        let holder = caller.role == .owner ? nil : try holder(of: call)
        guard let session = try await storage.deleteOperatorSession(id: id, of: holder) else {
            throw GatewayError.notFound("there is no session \(id) that \(caller.name) may end")
        }
        call.note.write { note in
            note.before = .object(["address": .string(session.address), "agent": .string(session.agent)])
        }
        return .done
    }
}
