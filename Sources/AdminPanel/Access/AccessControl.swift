import Gateway
import HTTPTypes
import Hummingbird
import JSONValues
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
    /// Attempts with a wrong key, by address.
    let keyAttempts: Throttle
    private let storage: any OperatorStorage
    private let time: TimeSource

    init(key: OperatorKey, storage: any OperatorStorage, time: TimeSource) {
        self.key = key
        self.storage = storage
        self.time = time
        keyAttempts = Throttle(RateLimit(burst: 10, perSecond: 0.2), time: time)
    }

    /// Finds the operator or the program that sent a request.
    ///
    /// A request with a key in its `Authorization` field is that key's, whatever cookie it has.
    ///
    /// - Parameters:
    ///   - request: The request.
    ///   - origin: Where it comes from.
    /// - Returns: The caller; for a request without a valid key or session, the reason.
    /// - Throws: ``StorageError`` when the store fails.
    func identify(_ request: Request, from origin: ClientOrigin) async throws(StorageError) -> Identity {
        if let bearer = Self.bearer(of: request) { return try await identify(bearer: bearer, origin) }
        guard let secret = SessionCookie.secret(of: request, from: origin) else { return .nobody }
        return try await identify(secret: secret, agent: Self.agent(of: request), origin)
    }

    private static func bearer(of request: Request) -> String? {
        let parts = (request.headers[.authorization] ?? "").split(separator: " ", maxSplits: 1)
        guard parts.count == 2, parts[0].lowercased() == "bearer" else { return nil }
        return String(parts[1].prefix(1024))
    }

    /// The browser, as it names itself.
    private static func agent(of request: Request) -> String { (request.headers[.userAgent] ?? "").clipped(to: 200) }

    private func identify(bearer: String, _ origin: ClientOrigin) async throws(StorageError) -> Identity {
        if key.matches(bearer) { return .caller(.keyFile()) }
        guard bearer.hasPrefix(Self.keyPrefix), let found = try await storage.apiKey(hash: Sodium.hash(bearer.utf8))
        else {
            // Only failures count: a program with a former key must not lock out the others at its address, nor may
            // requests with a right key that are under way together.
            return .invalid("an unknown key", wait: keyAttempts.attempt(origin.key))
        }
        if isWorthNoting(found.lastUsed) { await noteUse { try await storage.noteUse(ofAPIKey: found.id, at: $0) } }
        return .caller(.apiKey(found))
    }

    private func identify(
        secret: String, agent: String, _ origin: ClientOrigin
    ) async throws(StorageError) -> Identity {
        guard SessionCookie.isSecret(secret),
            let session = try await storage.operatorSession(hash: Sodium.hash(secret.utf8))
        else { return .invalid("a cookie of no session") }
        guard session.expires > time.unix() else { return .nobody }
        // An operator's address changes on a journey, and the browser's description with an update. When both differ,
        // somebody else has copied the cookie.
        guard session.address == origin.key || session.agent == agent else {
            _ = try await storage.deleteOperatorSession(id: session.id, of: nil)
            return .invalid("the cookie of a session that began at another address in another browser")
        }
        let open = Caller.OpenSession(stored: session, token: SessionCookie.token(ofSecret: secret))
        switch session.holder {
        case .keyFile(let hash):
            guard Sodium.equal(hash, key.hash) else { return .invalid("a session of a former key file") }
            await noteUse(of: session)
            return .caller(.keyFile(session: open))
        case .account(let id):
            guard let account = try await storage.operatorAccount(id: id), account.disabled == nil else {
                return .invalid("a session of an account that is disabled or gone")
            }
            await noteUse(of: session)
            return .caller(.account(account, session: open))
        }
    }

    private func noteUse(of session: OperatorSession) async {
        guard isWorthNoting(session.lastUsed) else { return }
        await noteUse { try await storage.noteUse(ofOperatorSession: session.id, at: $0) }
    }

    /// Notes a use at the present time.
    ///
    /// An error is ignored: when the database can't be written, operators must still be able to look at the server, and
    /// the time of the last use is only shown.
    private func noteUse(_ write: (_ now: Double) async throws -> Void) async { try? await write(time.unix()) }

    /// Whether a use is noted: at most once a minute, so that requests need not wait for the disk.
    private func isWorthNoting(_ last: Double?) -> Bool { time.unix() - (last ?? 0) >= 60 }

    /// Begins a session with a new secret, and ends the session that the browser had before. So nobody can give an
    /// operator a session whose secret he knows.
    ///
    /// - Parameters:
    ///   - holder: Whose session.
    ///   - passwordHash: The hash against which the password of the holder's account was checked.
    ///   - request: The request that logs in.
    ///   - origin: Where it comes from.
    /// - Returns: The session and its secret; `nil` when the account is disabled or gone, or has another password by
    ///   now.
    /// - Throws: ``StorageError`` when the store fails.
    func beginSession(
        of holder: OperatorSession.Holder, checked passwordHash: String?, _ request: Request,
        from origin: ClientOrigin
    ) async throws(StorageError) -> (session: OperatorSession, secret: String)? {
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
        return try await storage.createOperatorSession(session, checked: passwordHash, limit: Self.maxSessions)
            .map { ($0, secret) }
    }

    /// A new secret for a program.
    static func makeKeySecret() -> String { keyPrefix + hex(Sodium.randomBytes(24)) }
}
