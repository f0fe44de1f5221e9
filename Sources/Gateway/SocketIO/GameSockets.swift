import CoreMetrics
import HTTPTypes
import JSONValues
import NIOCore
import NIOHTTP1
import Simulation
import Transport

/// Decides which Socket.IO namespaces one client may connect (`docs/socketio.md`).
///
/// `/perigee` is for players, who get what a WebSocket gets. `/` is for the socket scripts of a game that has some, and
/// for players in other games. Used on the client's event loop only.
final class GameSockets: SocketServer {
    /// The namespace of players in every game.
    static let players = "/perigee"

    private let core: GatewayCore
    private let origin: ClientOrigin
    /// The server's address as the client reached it.
    private let address: PublicAddress
    /// What a player chose in the query of the handshake.
    private let options: Result<HandshakeOptions, HandshakeOptions.Problem>
    /// The limits of what the client sends to scripts; `nil` before it first asks for them.
    private var rates: ClientRates?

    /// Makes the server of one client.
    ///
    /// - Parameters:
    ///   - core: The gateway.
    ///   - handshake: The request that opened the client's connection.
    init(_ core: GatewayCore, _ handshake: EngineHandshake) {
        self.core = core
        let head = handshake.head
        origin = core.origin(peer: handshake.peer, head)
        address = PublicAddress(
            host: head.headers.first(name: "host"), isSecure: origin.isSecure, boundPort: core.boundPort,
            servesAllMaps: true)
        options = Result { () throws(HandshakeOptions.Problem) in try HandshakeOptions(head) }
    }

    func connect(_ link: SocketLink, auth: JSONObject?, answer: @escaping (SocketDecision) -> Void) {
        let rules = core.configuration.sockets
        if link.isRecovered { return resume(link, rules, answer) }
        let isScripted = link.namespace == "/" && rules.hasScripts
        guard isScripted || ["/", Self.players].contains(link.namespace) else {
            return answer(.refuse(.unknownNamespace))
        }
        do {
            // First, so that a stranger at an address that was banned meanwhile learns nothing.
            try core.refuseBanned(from: origin)
            try reservePlace(for: link)
            let credentials = try SocketCredentials(auth)
            if credentials == .guest {
                guard isScripted, rules.allowsGuests else { throw SocketCredentials.missing }
                return openScripted(link, nil, auth, answer)
            }
            let (core, origin) = (core, origin)
            link.eventLoop.makeFutureWithTask {
                try await core.admission(showing: credentials, from: origin, toScripts: isScripted)
            }.assumeIsolated().whenComplete { result in
                do {
                    let admission = try result.get()
                    if isScripted { return self.openScripted(link, admission, auth, answer) }
                    answer(.accept(try self.player(link, admission), mayReturn: false))
                } catch {
                    self.refuse(error, answer)
                }
            }
        } catch {
            refuse(error, answer)
        }
    }

    /// Keeps a place among the sessions for the client until it is decided about.
    private func reservePlace(for link: SocketLink) throws(GatewayError) {
        let places = core.places
        guard places.reserve(among: core.configuration.maxSessions) else { throw .full }
        link.whenDecided { places.release() }
    }

    private func refuse(_ error: any Error, _ answer: (SocketDecision) -> Void) {
        let error =
            (error as? HandshakeOptions.Problem).map { GatewayError.badRequest($0.description) }
            ?? GatewayError(answering: error, at: EngineOptions.socketPath)
            ?? GatewayError(.serviceUnavailable, "stopping", "the server is stopping")
        core.metrics.handshakesRefused.increment(error.code)
        answer(.refuse(SocketRefusal(error.message, data: error.json)))
    }

    private func player(_ link: SocketLink, _ admission: Admission) throws(HandshakeOptions.Problem) -> PlayerSocket {
        let options = try options.get()
        let socket = PlayerSocket(link)
        socket.serve(core.makeSession(socket, admission, origin, address, options))
        return socket
    }

    private func openScripted(
        _ link: SocketLink, _ admission: Admission?, _ auth: JSONObject?, _ answer: @escaping (SocketDecision) -> Void
    ) {
        let state = core.state(ofMap: core.startMap)
        guard state.obstacle(toJoining: core.startMap) == nil, let map = state.handle else {
            let error = core.mapStarting(core.startMap)
            core.metrics.handshakesRefused.increment(error.code)
            return answer(.retry(reason: error.message))
        }
        let socket = ScriptSocket(link, map, playerID: admission?.playerID, rates(of: link), core)
        core.scriptSockets.add(socket, at: origin.address)
        do throws(GatewayError) {
            // After that: a ban that comes later finds the socket.
            try core.refuseBanned(admission?.playerID, from: origin)
        } catch {
            socket.presence.ended()
            return refuse(error, answer)
        }
        let opening = SocketOpening(
            login: admission?.login, playerID: admission?.playerID,
            auth: auth.map {
                .object(SocketCredentials.withoutSecrets($0, isRecovering: core.recovery != nil))
            } ?? .null,
            address: origin.address.map { "\($0)" } ?? "")
        socket.open(opening) { decision in
            switch decision {
            case .accept: break
            case .refuse, .retry: self.core.metrics.handshakesRefused.increment("refused")
            }
            answer(decision)
        }
    }

    private func rates(of link: SocketLink) -> ClientRates {
        if let rates { return rates }
        let made = ClientRates(core, on: link.eventLoop)
        rates = made
        return made
    }

    /// Gives a client its former socket, which it proves by the secret that it got with it.
    private func resume(_ link: SocketLink, _ rules: SocketRules, _ answer: @escaping (SocketDecision) -> Void) {
        guard let socket = core.scriptSockets[link.id] else {
            // It has ended just now.
            return answer(.retry(reason: ScriptConnection.endedNotice))
        }
        let player = socket.presence.playerID
        core.scriptSockets.move(link.id, to: origin.address)
        do throws(GatewayError) {
            guard rules.hasScripts, player != nil || rules.allowsGuests else { throw SocketCredentials.missing }
            // After the move: a ban of the new address that comes later finds the socket.
            try core.refuseBanned(player, from: origin)
            try reservePlace(for: link)
        } catch {
            socket.refuseReturn()
            return refuse(error, answer)
        }
        socket.resume(on: link, rates(of: link), answer)
    }
}
