import HTTPTypes
import JSONValues

/// How a Socket.IO client says who it is: the `auth` payload with which it connects a namespace (`docs/socketio.md`).
enum SocketCredentials: Equatable {
    /// The player id and the one-time token of a login or of a `resume`: `{"id":7,"token":"…"}`.
    case token(HandshakeCredentials)
    /// The session of a login that is not older than 24 h: `{"session":"…"}`.
    case session(String)
    /// `{"login":"ann","password":"…"}`.
    case password(LoginForm)
    /// Nothing; other members are the game's own.
    case guest

    private static let maxSecretBytes = 512

    /// Reads the payload.
    ///
    /// - Parameter auth: The payload; `nil` for none.
    /// - Throws: ``GatewayError`` with code `bad_request`, and the member that is wrong.
    init(_ auth: JSONObject?) throws(GatewayError) {
        let members = auth ?? [:]
        if let token = members["token"] {
            guard let id = Self.playerID(members["id"]) else {
                throw .badRequest(
                    "auth has a token and needs the player's id beside it, as the login gave it", field: "id")
            }
            self = .token(HandshakeCredentials(playerID: id, token: try Self.secret(token, "token")))
        } else if let session = members["session"] {
            self = .session(try Self.secret(session, "session"))
        } else if let login = members["login"] {
            guard let name = login.string, let password = members["password"]?.string else {
                throw .badRequest("auth needs login and password as texts", field: "password")
            }
            self = .password(try LoginForm(login: name, password: password))
        } else {
            self = .guest
        }
    }

    /// The refusal of a client that says nothing of who it is, where that is needed.
    static let missing = GatewayError(.unauthorized, "unauthorized", "auth is missing: \(allowed)")

    /// The payload as a game's scripts and recordings get it.
    ///
    /// - Parameters:
    ///   - auth: The payload.
    ///   - isRecovering: Whether clients come back to their sockets by a secret in it. A client sends its former one
    ///     also when it gets a new socket.
    /// - Returns: The payload without what proves who the client is.
    static func withoutSecrets(_ auth: JSONObject, isRecovering: Bool = false) -> JSONObject {
        var members = auth
        for name in ["token", "session", "password"] { members[name] = nil }
        if isRecovering { for name in ["pid", "offset"] { members[name] = nil } }
        return members
    }

    private static let allowed =
        "send {id, token} or {session} of a login at /server/sign/auth, or {login, password}"

    /// The number of a player, which some clients send as text.
    private static func playerID(_ value: JSON?) -> Int? {
        let id: Int?
        switch value {
        case .number(let number): id = Int(exactly: number)
        case .string(let text): id = Int(text)
        default: id = nil
        }
        return id.flatMap { $0 > 0 ? $0 : nil }
    }

    private static func secret(_ value: JSON, _ name: String) throws(GatewayError) -> String {
        guard let text = value.string, (1...maxSecretBytes).contains(text.utf8.count) else {
            throw .badRequest("\(name) must be a text of 1 to \(maxSecretBytes) bytes", field: name)
        }
        return text
    }
}
