import Foundation
import Gateway
import HTTPTypes
import Hummingbird
import JSONValues
import NIOCore
import OperatorAPI

/// One request to the panel that passed the checks of its endpoint.
struct PanelCall {
    /// The longest body, in bytes; endpoints that take files read the request themselves.
    static let maxBodyBytes = 64 << 10

    let request: Request
    let context: GatewayRequestContext
    let endpoint: Endpoint
    /// The operator or the program that sent the request; `nil` only for endpoints that everybody may use.
    let caller: Caller?
    /// What the audit log says about the change.
    let note = AuditNote()

    var origin: ClientOrigin { context.origin }

    /// The caller of an endpoint that needs a role.
    ///
    /// - Throws: ``GatewayError`` with status 401 for a caller who is not known.
    func requireCaller() throws(GatewayError) -> Caller {
        guard let caller else { throw .notLoggedIn }
        return caller
    }

    /// The text in the place of a part of the path with a colon.
    func parameter(_ name: String) -> String { context.parameters.get(name) ?? "" }

    /// The number in the place of a part of the path with a colon.
    ///
    /// - Throws: ``GatewayError`` with status 404 for a text that is no number.
    func number(_ name: String) throws(GatewayError) -> Int {
        let text = parameter(name)
        guard let number = Int(text), "\(number)" == text else {
            throw .notFound("there is nothing with the number \"\(text.prefix(40))\"")
        }
        return number
    }

    /// A value of the query; `nil` when it is absent or empty. As browsers send forms, `+` stands for a space.
    func query(_ name: String) -> String? {
        for pair in (request.uri.query ?? "").split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map { part in
                let text = String(part).replacing("+", with: " ")
                return text.removingPercentEncoding ?? text
            }
            if parts.count == 2, parts[0] == name { return parts[1].isEmpty ? nil : parts[1] }
        }
        return nil
    }

    /// Reads the body, which must be JSON.
    ///
    /// - Throws: ``GatewayError`` with status 400, 413 or 415, and the field that is wrong.
    func body<Value: Decodable>(_ type: Value.Type, maxBytes: Int = PanelCall.maxBodyBytes) async throws -> Value {
        let bytes = try await bodyBytes(upTo: maxBytes)
        do throws(OperatorJSON.Mistake) {
            return try OperatorJSON.read(type, bytes)
        } catch {
            throw GatewayError.badRequest(error.description, field: error.field)
        }
    }

    /// Reads the body, which must be a JSON object; for bodies whose keys are names that the game declares.
    ///
    /// - Parameter names: The fields that it may have; `nil` for any.
    /// - Returns: The object.
    /// - Throws: ``GatewayError`` with status 400 or 415, and the field that is wrong.
    func object(of names: [String]? = nil) async throws -> JSONObject {
        let body: JSON
        do {
            body = try JSON(parsing: try await bodyBytes())
        } catch let error as JSONError {
            throw GatewayError.badRequest("the body is not JSON: \(error)")
        }
        guard let object = body.object else { throw GatewayError.badRequest("the body must be a JSON object") }
        if let names, let unknown = object.keys.first(where: { !names.contains($0) }) {
            throw GatewayError.badRequest(
                "there is no field \"\(unknown.prefix(80))\" here; there are \(names.joined(separator: ", "))")
        }
        return object
    }

    /// The bytes of the body, which must say that it is JSON.
    ///
    /// - Throws: ``GatewayError`` with status 413 or 415.
    func bodyBytes(upTo maxBytes: Int = PanelCall.maxBodyBytes) async throws -> [UInt8] {
        let media = (request.headers[.contentType] ?? "").prefix { $0 != ";" }.filter { $0 != " " }.lowercased()
        guard media == "application/json" else {
            throw GatewayError(
                .unsupportedMediaType, "bad_request",
                "the body is \(media.isEmpty ? "of no type" : String(media.prefix(80))); send application/json")
        }
        return Array(try await request.body.collect(upTo: maxBytes).readableBytesView)
    }
}

extension GatewayError {
    /// The refusal of a password that was right when it was checked, but is not any more.
    static let badCredentials = GatewayError(.unauthorized, "bad_credentials", "wrong login or password")

    /// The refusal of an address that sent too many wrong keys.
    ///
    /// - Parameter wait: The seconds until it may try again.
    /// - Returns: The refusal.
    static func tooManyKeys(wait: Int) -> GatewayError {
        GatewayError(
            .tooManyRequests, "rate_limited", "too many attempts with a wrong key; try again in \(wait) s", retry: wait)
    }

    /// The refusal of a caller who is not known.
    static let notLoggedIn = GatewayError(
        .unauthorized, "unauthorized",
        "log in under /admin/, or send Authorization: Bearer with an API key or the key in operator.key of the data folder"
    )
}

extension Response {
    /// A JSON answer of the operators' API.
    init(operatorJSON value: some Encodable, status: HTTPResponse.Status = .ok) {
        self.init(
            status: status, headers: [.contentType: "application/json", .cacheControl: "no-store"],
            body: .init(byteBuffer: ByteBuffer(bytes: OperatorJSON.bytes(value))))
    }

    /// The answer to a change that has nothing to tell.
    static var done: Response { Response(json: .object(["ok": .bool(true)])) }
}

extension JSON {
    /// A value as the operators' API writes it, for the audit log.
    static func audited(_ value: some Encodable) -> JSON { (try? JSON(parsing: OperatorJSON.bytes(value))) ?? .null }
}
