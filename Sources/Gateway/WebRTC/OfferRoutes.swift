import HTTPTypes
import Hummingbird
import JSONValues
import NIOCore
import NIOHTTP1
import NIOHTTPTypesHTTP1
import Transport
import WebRTC
import World

/// `POST /rtc/offer`: a player's WebRTC client sends its offer with a one-time token, and gets the answer
/// (`docs/webrtc.md`).
struct OfferRoutes: Sendable {
    private static let path = "/rtc/offer"
    /// The answer while WebRTC is turned off.
    static let off = GatewayError.notFound(
        "WebRTC is off; webrtc: true in game.yaml turns it on from the server's next start on")

    let core: GatewayCore
    /// The connections of addresses, of all kinds.
    let connections: ConnectionLimit

    func add(to router: some RouterMethods<GatewayRequestContext>) {
        router.endpoint(RouterPath(Self.path), [.post: { try await self.answer($0, $1) }])
    }

    private func answer(_ request: Request, _ context: GatewayRequestContext) async throws -> Response {
        guard let port = core.webRTC.port else { throw Self.off }
        do {
            return try await connect(request, from: context.origin, to: port)
        } catch {
            core.metrics.handshakesRefused.increment(GatewayError(answering: error, at: Self.path)?.code)
            throw error
        }
    }

    /// Makes the checks of a WebSocket's handshake in the same order, then answers the offer.
    private func connect(_ request: Request, from origin: ClientOrigin, to port: RTCPort) async throws -> Response {
        let head = try HTTPRequestHead(request.head)
        let options = try core.handshakeOptions(of: head, from: origin)
        if let wait = core.offers.attempt(origin.key) {
            throw GatewayError.rateLimited("offers from this address", wait: wait)
        }
        let maxSessions = core.configuration.maxSessions
        guard core.places.hasPlace(among: maxSessions) else { throw GatewayError.full }
        // The body is read only for a client whose token is valid.
        guard let credentials = HandshakeCredentials(head), let owner = core.owner(of: credentials) else {
            throw GatewayError.badToken
        }
        let offer = try await Self.offer(in: request)
        let address = PublicAddress(
            host: request.head.authority, isSecure: origin.isSecure, boundPort: core.boundPort, servesAllMaps: true)
        let place = try OfferedPlace(core.places, among: maxSessions, connections, address: origin.key)
        do {
            let (core, surroundings) = (core, surroundings)
            let sdp = try await port.answer(offer, source: origin.key) { peer in
                // Not before there is room for the client: an offer that is refused keeps its token.
                let admission = try core.redeem(credentials)
                return RTCConnection(peer, surroundings, whenEnded: { place.release() }) { connection in
                    // In the next turn of its event loop, the session is counted.
                    connection.eventLoop.execute { place.becameSession() }
                    return core.makeSession(connection, admission, origin, address, options)
                }
            }.get()
            return Response(json: answer(sdp, to: owner))
        } catch {
            place.release()
            throw (error as? RTCRefusal).map(GatewayError.init) ?? error
        }
    }

    private var surroundings: RTCConnection.Surroundings {
        let configuration = core.configuration
        var surroundings = RTCConnection.Surroundings(
            sendMemory: core.sendMemory, metrics: core.metrics.transport)
        surroundings.maxMessageBytes = configuration.session.maxMessageBytes
        surroundings.openingTime = configuration.offerTimeout
        let pauses = core.pauses
        surroundings.pausedTime = { pauses.total }
        return surroundings
    }

    private static func offer(in request: Request) async throws -> SDPOffer {
        do {
            let body = try await request.body.collect(upTo: OfferBody.maxBytes)
            return try OfferBody.offer(in: Array(body.readableBytesView))
        } catch let error as SDPError {
            throw GatewayError(badOffer: error)
        } catch let error as any HTTPResponseError where error.status == .contentTooLarge {
            throw GatewayError(badOffer: .tooLong(SDPOffer.maxBytes))
        }
    }

    /// `{"type":"answer","sdp":…,"token":…}`, with the STUN and TURN servers of the game if it names any.
    ///
    /// The offer has used up its token. The new one is for a WebSocket, if UDP does not come through; it becomes
    /// invalid when the player joins a map.
    private func answer(_ sdp: String, to player: Admission) -> JSON {
        var answer: JSONObject = [
            "type": .string("answer"), "sdp": .string(sdp),
            "token": .string(core.tokens.issue(player, isMove: true)),
        ]
        let servers = core.peerNetwork.ice(for: "\(EntityKey(.players, player.playerID))")["ice_servers"]
        if servers?.array?.isEmpty == false { answer["ice_servers"] = servers }
        return .object(answer)
    }
}

extension GatewayError {
    /// An offer that can't be answered.
    fileprivate init(badOffer error: SDPError) {
        let isTooLong = if case .tooLong = error { true } else { false }
        self.init(isTooLong ? .contentTooLarge : .badRequest, "bad_offer", error.description)
    }

    /// The UDP port takes no further client.
    fileprivate init(_ refusal: RTCRefusal) {
        switch refusal {
        case .full: self = .full
        case .tooManyOffers: self.init(.serviceUnavailable, "busy", refusal.description, retry: 2)
        case .stopping: self.init(.serviceUnavailable, "stopping", refusal.description, retry: 2)
        }
    }
}
