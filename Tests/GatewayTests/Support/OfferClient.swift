import GameRules
import JSONValues
import Testing

@testable import Gateway

/// Sends offers to a server over one connection. Nothing sends the datagrams that would follow, so its clients never
/// open.
final class OfferClient {
    /// An offer as browsers make it, without candidates.
    static let sdp =
        [
            "v=0", "o=- 1 2 IN IP4 127.0.0.1", "s=-", "t=0 0", "a=group:BUNDLE 0",
            "m=application 9 UDP/DTLS/SCTP webrtc-datachannel", "c=IN IP4 0.0.0.0", "a=ice-ufrag:abcd",
            "a=ice-pwd:abcdefghijklmnopqrstuvwx",
            "a=fingerprint:sha-256 " + Array(repeating: "AB", count: 32).joined(separator: ":"), "a=setup:actpass",
            "a=mid:0", "a=sctp-port:5000", "a=max-message-size:262144",
        ].map { $0 + "\r\n" }.joined()

    static let body = JSON.object(["type": .string("offer"), "sdp": .string(sdp)]).text

    private let client: TestClient

    init(_ server: TestServer) async throws { client = try await server.client() }

    init(port: Int) async throws { client = try await TestClient(port: port) }

    /// Sends an offer.
    ///
    /// - Parameters:
    ///   - login: The answer of a login, whose token is shown; `nil` for no token.
    ///   - body: The body.
    ///   - query: What the query has beside the token.
    ///   - headers: More header fields.
    /// - Returns: The answer.
    /// - Throws: What `TestClient` throws.
    func offer(
        _ login: JSONObject?, _ body: String = body, query: String = "", headers: [String: String] = [:]
    ) async throws -> TestClient.Reply {
        let token = login.map { TestServer.query($0) } ?? ""
        return try await client.request("POST", "/rtc/offer?\(token)\(query)", headers: headers, body: body)
    }
}

extension TestServer {
    /// Runs a body against a server that takes players over WebRTC.
    static func runWebRTC(
        players: (PlayerService) -> Void = { _ in }, configure: (inout GatewayConfiguration) throws -> Void = { _ in },
        _ body: (TestServer) async throws -> Void
    ) async throws {
        try await run(
            configure: { configuration, _ in
                configuration.webRTC.isOn = true
                configuration.webRTC.port = 0
                try configure(&configuration)
            }, players: players, body)
    }
}
