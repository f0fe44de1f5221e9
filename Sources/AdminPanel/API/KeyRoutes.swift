import Gateway
import HTTPTypes
import Hummingbird
import JSONValues
import OperatorAPI
import Storage

/// Keys of programs, for owners.
struct KeyRoutes: Sendable {
    /// The most keys.
    static let maxKeys = 100
    /// The longest name of a key, in characters.
    static let maxName = 64

    let storage: any OperatorStorage
    let time: TimeSource

    func add(to routes: inout PanelRoutes) {
        routes.on(.listKeys) { _ in Response(operatorJSON: try await answers()) }
        routes.on(.createKey) { try await create($0) }
        routes.on(.revokeKey) { try await revoke($0) }
    }

    /// All keys by ascending number.
    func answers() async throws(StorageError) -> [APIKeyAnswer] {
        let logins = try await storage.logins()
        return try await storage.apiKeys().map { APIKeyAnswer($0, logins: logins) }
    }

    private func create(_ call: PanelCall) async throws -> Response {
        let given = try await call.body(NewKeyRequest.self)
        let name = given.name.visible
        call.note.write { $0.target = name }
        guard (1...Self.maxName).contains(name.count), name.utf8.count <= 4 * Self.maxName else {
            throw GatewayError.badRequest("a key's name has 1 to \(Self.maxName) characters", field: "name")
        }
        guard try await storage.apiKeys().count < Self.maxKeys else {
            throw GatewayError(.conflict, "full", "there are \(Self.maxKeys) keys; revoke one first")
        }
        let secret = AccessControl.makeKeySecret()
        // `nil` when the caller was disabled, deleted or given another role meanwhile.
        guard
            let key = try await storage.createAPIKey(
                name: name, hash: Sodium.hash(secret.utf8), role: given.role,
                createdBy: try call.requireCaller().accountID, created: time.unix())
        else { throw GatewayError.notLoggedIn }
        let logins = try await storage.logins()
        call.note.write { $0.after = .audited(APIKeyAnswer(key, logins: logins)) }
        return Response(operatorJSON: APIKeyAnswer(key, logins: logins, secret: secret))
    }

    private func revoke(_ call: PanelCall) async throws -> Response {
        let id = try call.number("id")
        guard let key = try await storage.deleteAPIKey(id: id) else {
            throw GatewayError.notFound("there is no key with the number \(id)")
        }
        let logins = try await storage.logins()
        call.note.write { note in
            note.target = key.name
            note.before = .audited(APIKeyAnswer(key, logins: logins))
        }
        return .done
    }
}
