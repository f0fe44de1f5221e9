package import Storage

/// Who a caller is: the answer of ``Endpoint/showSession``, ``Endpoint/beginSession`` and ``Endpoint/setUp``.
package struct SessionAnswer: Codable, Sendable, Equatable {
    /// How a caller is known.
    package enum Kind: String, Codable, Sendable {
        /// An operator with an account, in a session.
        case account
        /// Somebody who has the key file.
        case keyFile = "key_file"
        /// A program with a key of its own.
        case apiKey = "api_key"
    }

    /// The operator's login, or the name of the key.
    package var login: String
    /// What the caller may do.
    package var role: OperatorRole
    /// How the caller is known.
    package var kind: Kind
    /// When the session ends, Unix time in seconds; `nil` without a session.
    package var expires: Double?
    /// The token that changes in this session need in their field `X-Perigee-Token`; `nil` without a session.
    package var token: String?

    /// Makes an answer.
    ///
    /// - Parameters:
    ///   - login: The operator's login, or the name of the key.
    ///   - role: What the caller may do.
    ///   - kind: How the caller is known.
    ///   - expires: When the session ends, Unix time in seconds.
    ///   - token: The session's token.
    package init(login: String, role: OperatorRole, kind: Kind, expires: Double?, token: String?) {
        self.login = login
        self.role = role
        self.kind = kind
        self.expires = expires
        self.token = token
    }
}

/// The body of ``Endpoint/beginSession``: login and password, or the key.
package struct LoginRequest: Codable, Sendable, Equatable {
    /// The operator's login.
    package var login: String?
    /// The operator's password.
    package var password: String?
    /// The key in `operator.key`, in the place of login and password.
    package var key: String?
}

/// The body of ``Endpoint/setUp``.
package struct SetupRequest: Codable, Sendable, Equatable {
    /// The part after `#` of the link that the server printed.
    package var secret: String
    /// The login of the new account.
    package var login: String
    /// The password of the new account.
    package var password: String
}

/// The body of ``Endpoint/changePassword``.
package struct PasswordChangeRequest: Codable, Sendable, Equatable {
    /// The current password.
    package var old: String
    /// The new password.
    package var new: String
}

/// A session in the answer of ``Endpoint/listSessions``.
package struct OperatorSessionAnswer: Codable, Sendable, Equatable {
    /// The number.
    package var id: Int
    /// The operator's login; `nil` for a session that began with the key file.
    package var login: String?
    /// When it began, Unix time in seconds.
    package var created: Double
    /// When it was last used, Unix time in seconds; up to a minute old.
    package var lastUsed: Double
    /// When it ends, Unix time in seconds.
    package var expires: Double
    /// The address from which it began.
    package var address: String
    /// The browser in which it began.
    package var agent: String
    /// Whether this request belongs to it.
    package var isCurrent: Bool

    /// Makes an answer.
    ///
    /// - Parameters:
    ///   - session: The stored session.
    ///   - login: The login of its operator.
    ///   - isCurrent: Whether this request belongs to it.
    package init(_ session: OperatorSession, login: String?, isCurrent: Bool) {
        id = session.id
        self.login = login
        created = session.created
        lastUsed = session.lastUsed
        expires = session.expires
        address = session.address
        agent = session.agent
        self.isCurrent = isCurrent
    }
}
