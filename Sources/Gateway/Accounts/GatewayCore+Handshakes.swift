import HTTPTypes
import NIOHTTP1
import Transport

/// Which clients may open a connection for a player [M2.4, 1-protocol 2].
extension GatewayCore {
    /// Decides about the first request of a connection.
    ///
    /// An accepted handshake uses up its token.
    ///
    /// - Parameters:
    ///   - head: The request's head.
    ///   - origin: The origin of the request.
    ///   - mapID: The map whose own port accepted the connection; `nil` for the server's port.
    /// - Returns: The decision.
    func decide(_ head: HTTPRequestHead, from origin: ClientOrigin, mapID: Int? = nil) -> HandshakeDecision {
        guard head.asksForWebSocket, head.uri.prefix(while: { $0 != "?" }) == "/" else {
            guard let mapID else { return decideSignalling(head, from: origin) ?? .http }
            return .refuse(
                .misdirectedRequest, code: "wrong_port",
                message: "this port is for the WebSockets of map \(mapID); everything else is at port \(boundPort)")
        }
        let decision = decideHandshake(head, origin, mapID)
        if case .refuse(_, let code, _) = decision { metrics.handshakesRefused.increment(code) }
        return decision
    }

    private func decideHandshake(_ head: HTTPRequestHead, _ origin: ClientOrigin, _ mapID: Int?) -> HandshakeDecision {
        if let problem = head.handshakeProblem {
            return .refuse(problem.status, code: "bad_request", message: problem.description)
        }
        do throws(GatewayError) {
            let options = try handshakeOptions(of: head, from: origin)
            guard places.hasPlace(among: configuration.maxSessions) else { throw .full }
            let credentials = HandshakeCredentials(head)
            if let mapID, let other = credentials.flatMap({ owner(of: $0) })?.mapID, other != mapID {
                // The token stays valid: the client may use it at the right port.
                let right = port(ofMap: other) ?? boundPort
                throw GatewayError(
                    .misdirectedRequest, "wrong_port",
                    "this is the port of map \(mapID); map \(other) is at port \(right)")
            }
            let admission = try redeem(credentials)
            let address = PublicAddress(
                host: head.headers.first(name: "host"), isSecure: origin.isSecure, boundPort: boundPort)
            return .accept { self.makeSession($0, admission, origin, address, options) }
        } catch {
            return .refuse(
                HTTPResponseStatus(statusCode: error.status.code), code: error.code, message: error.message)
        }
    }

    /// The checks that come before the token, the same for WebSockets and WebRTC.
    ///
    /// - Parameters:
    ///   - head: The head of the request that asks for a connection.
    ///   - origin: The origin of the request.
    /// - Returns: What the client chose.
    /// - Throws: ``GatewayError`` with code `banned`, `bad_request` or `bad_origin`.
    func handshakeOptions(
        of head: HTTPRequestHead, from origin: ClientOrigin
    ) throws(GatewayError) -> HandshakeOptions {
        // Before the token is looked at, so that a stranger at a banned address learns nothing about it.
        try refuseBanned(from: origin)
        let options: HandshakeOptions
        do throws(HandshakeOptions.Problem) {
            options = try HandshakeOptions(head)
        } catch {
            throw .badRequest(error.description)
        }
        guard allowsPages(of: head.headers["origin"], host: head.headers.first(name: "host")) else {
            throw GatewayError(
                .forbidden, "bad_origin", "pages of this origin may not connect; the operator can allow it")
        }
        return options
    }

    /// The player that a token is for, which stays valid.
    ///
    /// - Parameter credentials: What the client showed.
    /// - Returns: The player and its map; `nil` for an invalid token.
    func owner(of credentials: HandshakeCredentials) -> Admission? {
        tokens.admission(credentials.token, playerID: credentials.playerID)
            ?? resumes.admission(credentials.token, playerID: credentials.playerID)
    }

    /// Makes the session of an accepted handshake.
    func makeSession(
        _ connection: any ClientConnection, _ admission: Admission, _ origin: ClientOrigin, _ address: PublicAddress,
        _ options: HandshakeOptions
    ) -> Session {
        Session(
            id: nextSession(), admission: admission,
            clientAddress: origin.address, address: address, takesPatches: options.takesPatches,
            limits: configuration.session, connection: connection, metrics: metrics, delegate: self, logger: logger)
    }
}

extension GatewayError {
    /// The one-time token is of no use.
    static let badToken = GatewayError(
        .unauthorized, "bad_token", "the token is missing, wrong, used or older than 60 s; log in again for a new one")
    /// All sessions that the server may have are open.
    static let full = GatewayError(
        .serviceUnavailable, "full", "the server has no room for another player")
}
