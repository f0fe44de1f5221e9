/// How a WebSocket is served after its handshake was accepted.
package struct WebSocketTerms: Sendable {
    /// What the client may choose in its handshake.
    package enum Extensions: Sendable {
        /// The compression of the port, and MessagePack: the game's protocol.
        case game
        /// Compression of this kind only.
        case deflate(DeflateAgreement.Policy)
        /// Nothing.
        case none
    }

    /// What the client may choose in its handshake.
    package let extensions: Extensions
    /// The limits of what the client may send; `nil` for those of the port.
    package let options: WebSocketConnection.Options?
    /// Makes the session.
    package let makeSession: SessionMaker

    /// Makes terms.
    ///
    /// - Parameters:
    ///   - extensions: What the client may choose in its handshake.
    ///   - options: The limits of what the client may send; `nil` for those of the port.
    ///   - makeSession: Makes the session.
    package init(
        extensions: Extensions = .game, options: WebSocketConnection.Options? = nil, makeSession: @escaping SessionMaker
    ) {
        self.extensions = extensions
        self.options = options
        self.makeSession = makeSession
    }
}
