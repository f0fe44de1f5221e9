import CPanelFiles
import GameRules
import HTTPTypes
import Hummingbird
import JSONValues
import NIOCore

/// `/net/`: the list of servers as a page and as JSON [T9], and the client library of virtual UDP sockets.
struct PeerNetworkRoutes: Sendable {
    /// Where peers connect for signalling.
    static let signalPath = "/net/signal"
    private static let base = "/net"
    /// The longest body of a publication.
    private static let maxBodyBytes = 4096
    /// Everything that the page of the list loads comes from this server.
    static let policy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        + "base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
    /// The files by name.
    static let files = EmbeddedFile.table(net_file_count, net_file_at)
    /// The files of `game-connection.js`, which players' pages need while the network is turned off, too.
    private static let playersFiles: Set = ["game-connection.js", "lanes.js", "positions.js"]
    /// The answer while the network is turned off.
    static let off = GatewayError.notFound("the peer network is off; net_peers in game.yaml turns it on")

    let core: GatewayCore

    func add(to router: some RouterMethods<GatewayRequestContext>) {
        router.endpoint(
            RouterPath(Self.base),
            [
                .get: { request, _ in
                    guard request.uri.path.hasSuffix("/") else {
                        return .redirect(to: Self.base + "/", type: .temporary)
                    }
                    return try self.file("index.html", request)
                }
            ])
        for name in Self.files.keys.sorted() {
            router.endpoint(
                RouterPath("\(Self.base)/\(name)"), [.get: { request, _ in try self.file(name, request) }])
        }
        router.endpoint(
            RouterPath(Self.signalPath),
            [
                .get: { _, _ in
                    throw GatewayError(.upgradeRequired, "bad_request", "this is for WebSockets; docs/net.md says how")
                }
            ])
        router.endpoint(
            RouterPath(Self.base + "/servers"),
            [
                .get: { request, _ in try self.servers(request) },
                .post: { try await self.publish($0, $1) },
                .delete: { try await self.withdraw($0, $1) },
            ])
    }

    private func file(_ name: String, _ request: Request) throws -> Response {
        guard core.peerNetwork.isOn || Self.playersFiles.contains(name) else { throw Self.off }
        guard let file = Self.files[name] else { throw GatewayError.notFound("there is no file \(name)") }
        var response = file.response(to: request)
        if name.hasSuffix(".html") { response.headers[.contentSecurityPolicy] = Self.policy }
        return response
    }

    // MARK: - The list

    private func servers(_ request: Request) throws -> Response {
        guard core.peerNetwork.isOn else { throw Self.off }
        let page = core.peerNetwork.servers(of: try Self.room(request.uri.queryParameters["room"].map { String($0) }))
        var headers: HTTPFields = [.eTag: page.tag, .cacheControl: "no-cache"]
        if request.knows(page.tag) { return Response(status: .notModified, headers: headers) }
        headers[.contentType] = "application/json"
        return Response(status: .ok, headers: headers, body: .init(byteBuffer: ByteBuffer(bytes: page.bytes)))
    }

    private func publish(_ request: Request, _ context: GatewayRequestContext) async throws -> Response {
        let (members, room) = try await body(of: request, context)
        do throws(SignalError) {
            let entry = try ServerEntry(members)
            let former = try SignalReader(members).claim()
            let claim = try core.peerNetwork.publish(entry, claim: former, room: room, from: context.origin)
            let answer: JSONObject = [
                "key": .string(claim.key), "secret": .string(claim.secret),
                "address": .string(context.origin.address?.description ?? ""),
                "expires": .number(ServerList.lifetime.seconds),
            ]
            return Response(json: .object(answer), status: former == nil ? .created : .ok)
        } catch {
            throw refused(error)
        }
    }

    private func withdraw(_ request: Request, _ context: GatewayRequestContext) async throws -> Response {
        let (members, room) = try await body(of: request, context)
        do throws(SignalError) {
            guard let claim = try SignalReader(members).claim() else {
                throw .badMessage("key and secret must be those of the first publication")
            }
            try core.peerNetwork.withdraw(claim, room: room, from: context.origin)
        } catch {
            throw refused(error)
        }
        return Response(json: .object(["ok": .bool(true)]))
    }

    /// Reads the body of a publication, and refuses those who may not publish.
    private func body(
        of request: Request, _ context: GatewayRequestContext
    ) async throws -> (JSONObject, room: String) {
        guard core.peerNetwork.isOn else { throw Self.off }
        try core.refuseBanned(from: context.origin)
        // A page of any origin can send a POST without a preflight, on behalf of its visitor.
        guard core.allowsPages(of: request.headers[values: .origin], host: request.head.authority) else {
            throw GatewayError.badOrigin
        }
        let bytes = try await request.body.collect(upTo: Self.maxBodyBytes)
        guard
            let members = try? JSON(parsing: Array(bytes.readableBytesView), maxDepth: SignalLimits.maxDepth).object
        else { throw refused(SignalError(.badJSON, "the body must be a JSON object such as {\"name\":\"…\",…}")) }
        do throws(SignalError) {
            return (members, try SignalReader(members).room())
        } catch {
            throw refused(error)
        }
    }

    private static func room(_ text: String?) throws(GatewayError) -> String {
        guard let text else { return "" }
        guard RoomName.isValid(text) else { throw .badRequest(RoomName.allowed("room"), field: "room") }
        return text
    }

    private func refused(_ error: SignalError) -> GatewayError {
        core.peerNetwork.metrics.refusals.increment(error.code.rawValue)
        let status: HTTPResponse.Status =
            switch error.code {
            case .rateLimited: .tooManyRequests
            case .listFull: .serviceUnavailable
            case .badSecret: .forbidden
            default: .badRequest
            }
        return GatewayError(status, error.code.rawValue, error.message, retry: error.retry)
    }
}
