import HTTPTypes
import NIOHTTP1
import Transport

extension GatewayCore {
    /// Decides about a handshake for signalling, `/net/signal`.
    ///
    /// - Parameters:
    ///   - head: The first request of a connection.
    ///   - origin: The origin of the request.
    /// - Returns: The decision; `nil` for another request.
    func decideSignalling(_ head: HTTPRequestHead, from origin: ClientOrigin) -> HandshakeDecision? {
        guard head.asksForWebSocket, head.uri.prefix(while: { $0 != "?" }) == PeerNetworkRoutes.signalPath else {
            return nil
        }
        if let refusal = signallingRefusal(head, origin) {
            metrics.handshakesRefused.increment(refusal.code)
            return .refuse(
                HTTPResponseStatus(statusCode: refusal.status.code), code: refusal.code, message: refusal.message)
        }
        let (network, key, limits) = (peerNetwork, origin.key, configuration.session)
        return .serve(
            WebSocketTerms(extensions: .none, options: .init(maxMessageBytes: SignalLimits.maxMessageBytes)) {
                SignalSession($0, network: network, address: key, limits: limits, pausedTime: { self.pausedTime })
            })
    }

    /// Why a peer may not connect; `nil` when it may.
    ///
    /// Whether there is room for it is decided when it joins: a peer that comes back with its key takes its own place.
    private func signallingRefusal(_ head: HTTPRequestHead, _ origin: ClientOrigin) -> GatewayError? {
        if let problem = head.upgradeProblem {
            return GatewayError(.init(code: Int(problem.status.code)), "bad_request", problem.description)
        }
        guard peerNetwork.isOn else { return PeerNetworkRoutes.off }
        if let refusal = standings.refusal(of: nil, at: origin.address, now: time.unix()) { return refusal }
        guard allowsPages(of: head.headers["origin"], host: head.headers.first(name: "host")) else {
            return GatewayError(
                .forbidden, "bad_origin", "pages of this origin may not connect; the operator can allow it")
        }
        return nil
    }
}
