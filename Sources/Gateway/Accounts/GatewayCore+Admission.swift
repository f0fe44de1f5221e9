import CoreMetrics
import HTTPTypes
import Storage

/// Which player a client may be, by what it shows.
extension GatewayCore {
    /// Uses up the one-time token of a login or of a resume [M2.4, 1-protocol 1].
    ///
    /// - Parameter credentials: What the client showed; `nil` for nothing.
    /// - Returns: The player and its map.
    /// - Throws: ``GatewayError`` with code `bad_token` or `banned`.
    func redeem(_ credentials: HandshakeCredentials?) throws(GatewayError) -> Admission {
        guard let credentials,
            let admission = tokens.redeem(credentials.token, playerID: credentials.playerID)
                ?? resumes.redeem(credentials.token, playerID: credentials.playerID),
            !standings.isErased(admission.playerID)
        else { throw .badToken }
        if let error = standings.refusal(of: admission.playerID, at: nil, now: time.unix()) { throw error }
        return admission
    }

    /// The account of an HTTP session that is still valid.
    ///
    /// - Parameter secret: What the login gave; `nil` for nothing.
    /// - Returns: The session.
    /// - Throws: ``GatewayError`` with code `unauthorized`; ``StorageError`` when the store fails.
    func session(_ secret: String?) async throws -> HTTPSession {
        guard let secret, let session = try await storage.httpSession(hash: Sodium.hash(secret.utf8)),
            session.expires > time.unix(), !standings.isErased(session.playerID)
        else { throw Self.noSession }
        return session
    }

    /// The account of an HTTP session, for a login without a password; counts against the limits of logins.
    ///
    /// - Parameters:
    ///   - session: A valid session.
    ///   - origin: The origin of the request.
    /// - Returns: The account.
    /// - Throws: ``GatewayError`` with code `unauthorized`, `banned` or `rate_limited`; ``StorageError``.
    func renewedAccount(of session: HTTPSession, from origin: ClientOrigin) async throws -> Account {
        guard let account = try await storage.account(id: session.playerID) else { throw Self.noSession }
        try refuseBanned(account.id, from: origin)
        try accounts.renew(account, from: origin)
        return account
    }

    /// The admission of a player to its map.
    ///
    /// - Parameter account: The player's account, proved.
    /// - Returns: The player and its map.
    /// - Throws: ``GatewayError`` with code `map_starting` when the map takes no players now; ``StorageError``.
    func admission(of account: Account) async throws -> Admission {
        let mapID = try await mapID(ofPlayer: account.id)
        guard maps.handle(mapID)?.isReady == true else { throw mapStarting(mapID) }
        return Admission(playerID: account.id, login: account.login, mapID: mapID)
    }

    /// The player that the client of a Socket.IO namespace may be.
    ///
    /// - Parameters:
    ///   - credentials: What the client showed.
    ///   - origin: The origin of its handshake.
    ///   - isScripted: Whether the client asks for scripts. They run on the start map, so it does not matter whether
    ///     the player's own map takes players now; the map of the admission means nothing.
    /// - Returns: The player and its map.
    /// - Throws: ``GatewayError`` as the functions above and ``AccountService/authenticate(_:from:)`` do;
    ///   ``StorageError``.
    func admission(
        showing credentials: SocketCredentials, from origin: ClientOrigin, toScripts isScripted: Bool
    ) async throws -> Admission {
        let account: Account
        switch credentials {
        case .token(let token): return try redeem(token)
        case .session(let secret): account = try await renewedAccount(of: session(secret), from: origin)
        case .password(let form):
            account = try await accounts.authenticate(form, from: origin)
            // After the password: without it, a client learns nothing about bans.
            try refuseBanned(account.id, from: origin)
            metrics.logins.increment()
        case .guest: throw SocketCredentials.missing
        }
        guard isScripted else { return try await admission(of: account) }
        return Admission(playerID: account.id, login: account.login, mapID: startMap)
    }

    private static let noSession = GatewayError(
        .unauthorized, "unauthorized", "send Authorization: Bearer with the session of a login not older than 24 h")
}
