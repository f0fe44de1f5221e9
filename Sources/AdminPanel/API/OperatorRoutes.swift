import Gateway
import HTTPTypes
import Hummingbird
import JSONValues
import OperatorAPI
import Storage

/// Operators' accounts, for owners.
struct OperatorRoutes: Sendable {
    /// The most accounts.
    static let maxOperators = 200

    let storage: any OperatorStorage
    let passwords: PasswordGate
    let time: TimeSource

    func add(to routes: inout PanelRoutes) {
        routes.on(.listOperators) { _ in
            Response(operatorJSON: try await storage.operators().map(OperatorAnswer.init))
        }
        routes.on(.createOperator) { try await create($0) }
        routes.on(.changeOperator) { try await change($0) }
        routes.on(.resetPassword) { try await resetPassword($0) }
        routes.on(.deleteOperator) { try await delete($0) }
    }

    private func create(_ call: PanelCall) async throws -> Response {
        let given = try await call.body(NewOperatorRequest.self)
        let form = try LoginForm(login: given.login, password: given.password)
        call.note.write { $0.target = form.login }
        try form.checkNewOperator()
        guard try await storage.operators().count < Self.maxOperators else {
            throw GatewayError(.conflict, "full", "there are \(Self.maxOperators) operators; delete one first")
        }
        let hash = try await passwords.hash(form, from: call.origin)
        let answer = OperatorAnswer(
            try await storage.createOperator(
                login: form.login, passwordHash: hash, role: given.role, created: time.unix()))
        call.note.write { $0.after = .audited(answer) }
        return Response(operatorJSON: answer)
    }

    private func change(_ call: PanelCall) async throws -> Response {
        let given = try await call.body(OperatorChangeRequest.self)
        var changes: [OperatorChange] = []
        if let role = given.role { changes.append(.role(role)) }
        if let isDisabled = given.disabled { changes.append(.disabled(since: isDisabled ? time.unix() : nil)) }
        guard !changes.isEmpty else { throw GatewayError.badRequest("give role or disabled") }
        return try await apply(changes, call)
    }

    private func resetPassword(_ call: PanelCall) async throws -> Response {
        let account = try await account(call)
        let form = try LoginForm(login: account.login, password: try await call.body(PasswordRequest.self).password)
        try form.checkRegistration(minCharacters: SessionRoutes.minPasswordCharacters)
        return try await apply([.passwordHash(try await passwords.hash(form, from: call.origin))], call)
    }

    private func apply(_ changes: [OperatorChange], _ call: PanelCall) async throws -> Response {
        let account = try await account(call)
        guard let (before, after, revoked) = try await storage.changeOperator(id: account.id, changes) else {
            throw Self.unknown(account.id)
        }
        let answer = OperatorAnswer(after)
        // A new password changes nothing that the log may show.
        if OperatorAnswer(before) != answer {
            call.note.write { note in
                note.before = .audited(OperatorAnswer(before), revoking: revoked)
                note.after = .audited(answer)
            }
        }
        return Response(operatorJSON: answer)
    }

    private func delete(_ call: PanelCall) async throws -> Response {
        let account = try await account(call)
        guard let (deleted, revoked) = try await storage.deleteOperator(id: account.id) else {
            throw Self.unknown(account.id)
        }
        call.note.write { $0.before = .audited(OperatorAnswer(deleted), revoking: revoked) }
        return .done
    }

    /// The account that the path names, which becomes the target in the audit log.
    private func account(_ call: PanelCall) async throws -> OperatorAccount {
        let id = try call.number("id")
        guard let account = try await storage.operatorAccount(id: id) else { throw Self.unknown(id) }
        call.note.write { $0.target = account.login }
        return account
    }

    private static func unknown(_ id: Int) -> GatewayError { .notFound("there is no operator with the number \(id)") }
}

extension LoginForm {
    /// Checks the rules for accounts of operators.
    ///
    /// - Throws: ``GatewayError`` with code `bad_request`.
    func checkNewOperator() throws(GatewayError) {
        try checkRegistration(minCharacters: SessionRoutes.minPasswordCharacters)
        let key = loginKey(login)
        // The audit log names other callers so.
        guard key != loginKey("nobody"), !login.lowercased().hasPrefix("key ") else {
            throw .badRequest("\(login) is a name that the audit log gives to others; choose another", field: "login")
        }
    }
}

extension JSON {
    /// An account before its change, for the audit log, with the names of the keys that were revoked by the change.
    fileprivate static func audited(_ account: OperatorAnswer, revoking keys: [String]) -> JSON {
        let shown = JSON.audited(account)
        guard !keys.isEmpty, var object = shown.object else { return shown }
        object["revoked_keys"] = .array(keys.map { .string($0) })
        return .object(object)
    }
}
