import Gateway
import HTTPTypes
import Hummingbird
import Storage

/// Finds out who sent a request, and begins sessions. Any task may call it.
final class AccessControl: Sendable {
    /// How long a session lasts, in seconds: twelve hours.
    static let sessionLifetime = 12.0 * 3600
    /// The most sessions of one operator; the oldest gives way to a new one.
    static let maxSessions = 20
    /// What the secrets of API keys begin with.
    static let keyPrefix = "perigee_"

    /// The secret in the key file.
    let key: OperatorKey
    private let storage: any OperatorStorage
    private let time: TimeSource

    init(key: OperatorKey, storage: any OperatorStorage, time: TimeSource) {
        self.key = key
        self.storage = storage
        self.time = time
    }

    /// Who sent a request.
    ///
    /// A request with a key in its `Authorization` field is that key's, whatever cookie it has.
    ///
    /// - Parameters:
    ///   - request: The request.
    ///   - origin: Where it comes from.
    /// - Returns: The caller, or why there is none.
    /// - Throws: ``StorageError`` when the store fails.
    func identify(_ request: Request, from origin: ClientOrigin) async throws(StorageError) -> Identity {
        if let bearer = Self.bearer(of: request) { return try await identify(bearer: bearer) }
        guard let secret = SessionCookie.secret(of: request, from: origin) else { return .nobody }
        return try await identify(secret: secret, agent: Self.agent(of: request), origin)
    }

    private static func bearer(of request: Request) -> String? {
        let parts = (request.headers[.authorization] ?? "").split(separator: " ", maxSplits: 1)
        guard parts.count == 2, parts[0].lowercased() == "bearer" else { return nil }
        return String(parts[1].prefix(256))
    }

    /// The browser, as it names itself.
    private static func agent(of request: Request) -> String { String((request.headers[.userAgent] ?? "").prefix(200)) }

    private func identify(bearer: String) async throws(StorageError) -> Identity {
        if key.matches(bearer) { return .caller(.keyFile()) }
        guard bearer.hasPrefix(Self.keyPrefix), let found = try await storage.apiKey(hash: Sodium.hash(bearer.utf8))
        else { return .invalid("an unknown key") }
        if isWorthNoting(found.lastUsed) { try await storage.noteUse(ofAPIKey: found.id, at: time.unix()) }
        return .caller(.apiKey(found))
    }

    private func identify(
        secret: String, agent: String, _ origin: ClientOrigin
    ) async throws(StorageError) -> Identity {
        guard SessionCookie.isSecret(secret),
            let session = try await storage.operatorSession(hash: Sodium.hash(secret.utf8))
        else { return .invalid("a cookie of no session") }
        guard session.expires > time.unix() else { return .nobody }
        // One of the two changes when an operator travels or updates the browser. Both change when somebody copied the
        // cookie.
        guard session.address == origin.key || session.agent == agent else {
            _ = try await storage.deleteOperatorSession(id: session.id, of: nil)
            return .invalid("the cookie of a session that began at another address in another browser")
        }
        let open = Caller.OpenSession(stored: session, token: SessionCookie.token(ofSecret: secret))
        switch session.holder {
        case .keyFile(let hash):
            guard Sodium.equal(hash, key.hash) else { return .invalid("a session of a former key file") }
            try await noteUse(of: session)
            return .caller(.keyFile(session: open))
        case .account(let id):
            guard let account = try await storage.operatorAccount(id: id), account.disabled == nil else {
                return .invalid("a session of an account that is disabled or gone")
            }
            try await noteUse(of: session)
            return .caller(.account(account, session: open))
        }
    }

    private func noteUse(of session: OperatorSession) async throws(StorageError) {
        if isWorthNoting(session.lastUsed) { try await storage.noteUse(ofOperatorSession: session.id, at: time.unix()) }
    }

    /// Whether a use is noted: at most once a minute, so that requests need not wait for the disk.
    private func isWorthNoting(_ last: Double?) -> Bool { time.unix() - (last ?? 0) >= 60 }

    /// Begins a session with a new secret, and ends the session that the browser had before. So nobody can give an
    /// operator a session whose secret he knows.
    ///
    /// - Parameters:
    ///   - holder: Whose session.
    ///   - request: The request that logs in.
    ///   - origin: Where it comes from.
    /// - Returns: The session and its secret.
    /// - Throws: ``StorageError`` when the store fails.
    func beginSession(
        of holder: OperatorSession.Holder, _ request: Request, from origin: ClientOrigin
    ) async throws(StorageError) -> (session: OperatorSession, secret: String) {
        if let old = SessionCookie.secret(of: request, from: origin),
            let session = try await storage.operatorSession(hash: Sodium.hash(old.utf8))
        {
            _ = try await storage.deleteOperatorSession(id: session.id, of: nil)
        }
        let secret = SessionCookie.makeSecret()
        let now = time.unix()
        let session = OperatorSession(
            hash: Sodium.hash(secret.utf8), holder: holder, created: now, expires: now + Self.sessionLifetime,
            lastUsed: now, address: origin.key, agent: Self.agent(of: request))
        return (try await storage.createOperatorSession(session, limit: Self.maxSessions), secret)
    }

    /// A new secret for a program.
    static func makeKeySecret() -> String { keyPrefix + hex(Sodium.randomBytes(24)) }
}
