import Gateway
import HTTPTypes
import Hummingbird
import OperatorAPI
import Storage

/// Checks each request before its handler runs: where it comes from, who sends it, and what this caller may do. What it
/// refuses stands in the audit log.
struct PanelGate: Sendable {
    /// The field with the token of a session.
    static let tokenField = "X-Perigee-Token"

    let access: AccessControl
    let audit: AuditTrail

    /// Finds the operator or the program that sends a request.
    ///
    /// - Parameters:
    ///   - request: The request.
    ///   - endpoint: Its endpoint.
    ///   - origin: Where it comes from.
    /// - Returns: The sender.
    /// - Throws: ``StorageError`` when the store fails.
    func identify(_ request: Request, to endpoint: Endpoint, from origin: ClientOrigin) async throws -> Identity {
        // The files of the pages are the same for everybody, and a page loads several of them.
        guard endpoint != .panelFile, endpoint != .libraryFile else { return .nobody }
        return try await access.identify(request, from: origin)
    }

    /// Admits a request.
    ///
    /// - Parameters:
    ///   - identity: The sender, from ``identify(_:to:from:)``.
    ///   - request: The request.
    ///   - endpoint: Its endpoint.
    ///   - origin: Where it comes from.
    /// - Returns: The caller; `nil` when nobody is logged in and the endpoint is for everybody.
    /// - Throws: ``GatewayError`` with status 401, 403 or 429.
    func admit(
        _ identity: Identity, _ request: Request, to endpoint: Endpoint, from origin: ClientOrigin
    ) async throws(GatewayError) -> Caller? {
        do throws(GatewayError) {
            if endpoint.needsToken, !SameOrigin.isOwn(request) { throw SameOrigin.refusal }
            let caller = try check(identity, request, endpoint)
            if case .invalid = identity { await record(identity, request, endpoint, origin, nil) }
            return caller
        } catch {
            // A stranger without a key or cookie is told to log in; that needs no entry.
            if case .nobody = identity, error.status == .unauthorized { throw error }
            await record(identity, request, endpoint, origin, error)
            throw error
        }
    }

    /// Writes down a refused request; with `nil` for the error, one whose key or cookie was ignored.
    private func record(
        _ identity: Identity, _ request: Request, _ endpoint: Endpoint, _ origin: ClientOrigin, _ error: GatewayError?
    ) async {
        var note = AuditNote.Content()
        note.target = request.uri.path
        var reason = error?.message ?? "it was ignored"
        if case .invalid(let shown, _) = identity { reason = "\(shown): \(reason)" }
        await audit.record(endpoint.name, by: identity.caller?.name ?? "nobody", from: origin, note, refusal: reason)
    }

    private func check(
        _ identity: Identity, _ request: Request, _ endpoint: Endpoint
    ) throws(GatewayError) -> Caller? {
        if case .invalid(_, let wait?) = identity { throw .tooManyKeys(wait: wait) }
        guard let role = endpoint.role else { return identity.caller }
        guard let caller = identity.caller else { throw .notLoggedIn }
        guard caller.role >= role else {
            throw GatewayError(
                .forbidden, "forbidden",
                "\(caller.name) is \(caller.role.withArticle); this needs the role \(role.rawValue), which an owner can give"
            )
        }
        if endpoint.needsToken, let session = caller.session {
            guard let field = HTTPField.Name(Self.tokenField), let given = request.headers[field],
                Sodium.equal(Array(given.utf8), Array(session.token.utf8))
            else {
                throw GatewayError(
                    .forbidden, "bad_token",
                    "a change in a session needs its token in the field \(Self.tokenField); load the page again")
            }
        }
        return caller
    }
}

extension OperatorRole {
    /// `a viewer`, `an editor`, `an owner`.
    var withArticle: String { self == .viewer ? "a viewer" : "an \(rawValue)" }
}
