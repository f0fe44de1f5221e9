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
        routes.on(.listKeys) { _ in
            Response(operatorJSON: try await storage.apiKeys().map { APIKeyAnswer($0) })
        }
        routes.on(.createKey) { try await create($0) }
        routes.on(.revokeKey) { try await revoke($0) }
    }

    private func create(_ call: PanelCall) async throws -> Response {
        let given = try await call.body(NewKeyRequest.self)
        let name = given.name.visible
        call.note.write { $0.target = name }
        guard (1...Self.maxName).contains(name.count) else {
            throw GatewayError.badRequest("a key's name has 1 to \(Self.maxName) characters", field: "name")
        }
        guard try await storage.apiKeys().count < Self.maxKeys else {
            throw GatewayError(.conflict, "full", "there are \(Self.maxKeys) keys; revoke one first")
        }
        let secret = AccessControl.makeKeySecret()
        let key = try await storage.createAPIKey(
            name: name, hash: Sodium.hash(secret.utf8), role: given.role, created: time.unix())
        call.note.write { $0.after = .audited(APIKeyAnswer(key)) }
        return Response(operatorJSON: APIKeyAnswer(key, secret: secret))
    }

    private func revoke(_ call: PanelCall) async throws -> Response {
        let id = try call.number("id")
        guard let key = try await storage.deleteAPIKey(id: id) else {
            throw GatewayError.notFound("there is no key with the number \(id)")
        }
        call.note.write { note in
            note.target = key.name
            note.before = .audited(APIKeyAnswer(key))
        }
        return .done
    }
}
