package import JSONValues

/// Decides which sockets a client may have. It is one object for all clients, or one for each client that knows the
/// client's handshake.
package protocol SocketServer: AnyObject {
    /// A client asks for a namespace; called on the client's event loop.
    ///
    /// - Parameters:
    ///   - link: The socket-to-be. When ``SocketLink/isRecovered`` is true, it is a socket that had lost its connection,
    ///     and has its former id.
    ///   - auth: What the client says about itself, if it says something.
    ///   - answer: Call it once, on the link's event loop, at once or later. The link's client may be gone by then: the
    ///     session of an accepted link that has ended is told so at once.
    func connect(_ link: SocketLink, auth: JSONObject?, answer: @escaping (SocketDecision) -> Void)
}

/// The answer to a client that asks for a namespace.
package enum SocketDecision {
    /// The client gets a socket, which this session serves.
    ///
    /// With a ``RecoveryStore`` the client may come back to it, unless `mayReturn` is false: then its events have no
    /// offsets.
    case accept(any SocketSession, mayReturn: Bool = true)
    /// The client does not get one; it hears why. Stock clients do not ask again by themselves.
    case refuse(SocketRefusal)
    /// The client does not get one now, and should ask again. Its connection ends, for this reason, because that is
    /// what makes stock clients connect anew. A client with further namespaces keeps those; it is refused.
    case retry(reason: String)
}

/// Why a client does not get a socket, as it hears it.
package struct SocketRefusal: Sendable, Equatable {
    /// The reason, for people and programs.
    package var message: String
    /// Details for programs; `nil` for none.
    package var data: JSON?

    /// Makes a refusal.
    ///
    /// - Parameters:
    ///   - message: The reason.
    ///   - data: Details for programs.
    package init(_ message: String, data: JSON? = nil) {
        self.message = message
        self.data = data
    }

    /// The refusal of a namespace that the server does not have; all servers use this text.
    package static let unknownNamespace = SocketRefusal("Invalid namespace")

    /// The refusal as the client gets it.
    var json: JSON {
        var object: JSONObject = ["message": .string(message)]
        if let data { object["data"] = data }
        return .object(object)
    }
}
