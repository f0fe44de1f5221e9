package import NIOCore
package import NIOHTTP1
import NIOWebSocket

/// Answers a WebSocket handshake as NIO's upgrader does, but adds only a ``WebSocketConnection`` to the pipeline.
package struct WebSocketUpgrader<Upgraded: Sendable>: NIOTypedHTTPServerProtocolUpgrader {
    package typealias UpgradeResult = Upgraded

    /// The protocol that clients name in `Upgrade`.
    package let supportedProtocol = "websocket"
    /// Required fields of a handshake beside those that NIO's upgrader checks.
    package let requiredUpgradeHeaders: [String] = []

    private let terms: @Sendable (HTTPRequestHead) -> WebSocketTerms?
    private let compression: DeflateAgreement.Policy?
    private let makeConnection:
        @Sendable (any EventLoop, DeflateAgreement?, WebSocketConnection.Options?) -> WebSocketConnection
    private let upgraded: @Sendable (any Channel) -> Upgraded
    /// NIO's upgrader, for its checks and the `Sec-WebSocket-Accept` field; its handlers are not used.
    private let headers: NIOTypedWebSocketServerUpgrader<Void>

    /// Makes an upgrader.
    ///
    /// - Parameters:
    ///   - compression: How messages of the game's protocol are compressed when a client offers it; `nil` for never.
    ///   - terms: Returns how a handshake's WebSocket is served; `nil` refuses the handshake.
    ///   - makeConnection: Makes the connection, with the limits of its terms; called on its event loop, as is `terms`.
    ///   - upgraded: Makes the result of the upgrade from the channel.
    package init(
        compression: DeflateAgreement.Policy?, terms: @escaping @Sendable (HTTPRequestHead) -> WebSocketTerms?,
        makeConnection:
            @escaping @Sendable (any EventLoop, DeflateAgreement?, WebSocketConnection.Options?) -> WebSocketConnection,
        upgraded: @escaping @Sendable (any Channel) -> Upgraded
    ) {
        self.terms = terms
        self.compression = compression
        self.makeConnection = makeConnection
        self.upgraded = upgraded
        headers = NIOTypedWebSocketServerUpgrader<Void>(
            shouldUpgrade: { channel, head in
                channel.eventLoop.makeSucceededFuture(terms(head) == nil ? nil : [:])
            },
            upgradePipelineHandler: { channel, _ in channel.eventLoop.makeSucceededVoidFuture() })
    }

    private func agreement(_ request: HTTPRequestHead, _ extensions: WebSocketTerms.Extensions) -> DeflateAgreement? {
        let compression: DeflateAgreement.Policy? =
            switch extensions {
            case .game: self.compression
            case .deflate(let policy): policy
            case .none: nil
            }
        guard let compression else { return nil }
        return DeflateAgreement(offers: request.headers["sec-websocket-extensions"], policy: compression)
    }

    /// Makes the fields of the answer.
    ///
    /// - Parameters:
    ///   - channel: The connection.
    ///   - upgradeRequest: The handshake.
    ///   - initialResponseHeaders: The fields that every answer has.
    /// - Returns: All fields; the future fails for a refused handshake.
    package func buildUpgradeResponse(
        channel: any Channel, upgradeRequest: HTTPRequestHead, initialResponseHeaders: HTTPHeaders
    ) -> EventLoopFuture<HTTPHeaders> {
        let extensions = terms(upgradeRequest)?.extensions ?? .none
        let agreed = agreement(upgradeRequest, extensions)
        let answer = headers.buildUpgradeResponse(
            channel: channel, upgradeRequest: upgradeRequest, initialResponseHeaders: initialResponseHeaders)
        let isCompact = Self.isCompact(upgradeRequest, extensions)
        return answer.map { fields in
            var fields = fields
            if let agreed { fields.add(name: "Sec-WebSocket-Extensions", value: agreed.header) }
            if isCompact { fields.add(name: "Sec-WebSocket-Protocol", value: HTTPRequestHead.compactSubprotocol) }
            return fields
        }
    }

    private static func isCompact(_ request: HTTPRequestHead, _ extensions: WebSocketTerms.Extensions) -> Bool {
        if case .game = extensions { request.wantsCompact } else { false }
    }

    /// Adds the connection to the pipeline, with its session.
    ///
    /// - Parameters:
    ///   - channel: The connection.
    ///   - upgradeRequest: The handshake.
    /// - Returns: The result of the upgrade.
    package func upgrade(channel: any Channel, upgradeRequest: HTTPRequestHead) -> EventLoopFuture<Upgraded> {
        channel.eventLoop.makeCompletedFuture {
            guard let terms = terms(upgradeRequest) else {
                throw NIOWebSocketUpgradeError.unsupportedWebSocketTarget
            }
            let connection = makeConnection(
                channel.eventLoop, agreement(upgradeRequest, terms.extensions), terms.options)
            if Self.isCompact(upgradeRequest, terms.extensions) { connection.useMessagePack() }
            connection.serve(terms.makeSession(connection))
            try channel.pipeline.syncOperations.addHandler(connection)
            return upgraded(channel)
        }
    }
}
