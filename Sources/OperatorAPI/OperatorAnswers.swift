package import Storage

/// An operator's account, in answers.
package struct OperatorAnswer: Codable, Sendable, Equatable {
    /// The number.
    package var id: Int
    /// The login.
    package var login: String
    /// What the operator may do.
    package var role: OperatorRole
    /// When the account was made, Unix time in seconds.
    package var created: Double
    /// Since when the account can't be used, Unix time in seconds; `nil` for an account that can be used.
    package var disabled: Double?

    /// Makes an answer.
    ///
    /// - Parameter account: The stored account.
    package init(_ account: OperatorAccount) {
        id = account.id
        login = account.login
        role = account.role
        created = account.created
        disabled = account.disabled
    }
}

/// The body of ``Endpoint/createOperator``.
package struct NewOperatorRequest: Codable, Sendable, Equatable {
    /// The login.
    package var login: String
    /// The password.
    package var password: String
    /// What the operator may do.
    package var role: OperatorRole

    /// Makes a request.
    ///
    /// - Parameters:
    ///   - login: The login.
    ///   - password: The password.
    ///   - role: What the operator may do.
    package init(login: String, password: String, role: OperatorRole) {
        self.login = login
        self.password = password
        self.role = role
    }
}

/// The body of ``Endpoint/changeOperator``; what is absent stays.
package struct OperatorChangeRequest: Codable, Sendable, Equatable {
    /// The new role.
    package var role: OperatorRole?
    /// Whether the account is disabled from now on.
    package var disabled: Bool?

    /// Makes a request.
    ///
    /// - Parameters:
    ///   - role: The new role.
    ///   - disabled: Whether the account is disabled from now on.
    package init(role: OperatorRole? = nil, disabled: Bool? = nil) {
        self.role = role
        self.disabled = disabled
    }
}

/// The body of ``Endpoint/resetPassword``.
package struct PasswordRequest: Codable, Sendable, Equatable {
    /// The new password.
    package var password: String

    /// Makes a request.
    ///
    /// - Parameter password: The new password.
    package init(password: String) { self.password = password }
}

/// The key of a program, in answers.
package struct APIKeyAnswer: Codable, Sendable, Equatable {
    /// The number.
    package var id: Int
    /// What the key is for.
    package var name: String
    /// What the program may do.
    package var role: OperatorRole
    /// The login of the operator who made it, or who made the key with which it was made; `nil` for the key file.
    package var createdBy: String?
    /// When the key was made, Unix time in seconds.
    package var created: Double
    /// When the key was last used, Unix time in seconds; `nil` before its first use.
    package var lastUsed: Double?
    /// The secret, for `Authorization: Bearer`; only in the answer of ``Endpoint/createKey``.
    package var secret: String?

    /// Makes an answer.
    ///
    /// - Parameters:
    ///   - key: The stored key.
    ///   - logins: The logins of operators by their numbers.
    ///   - secret: Its secret, if this is the answer that tells it.
    package init(_ key: APIKey, logins: [Int: String], secret: String? = nil) {
        id = key.id
        name = key.name
        role = key.role
        createdBy = key.createdBy.flatMap { logins[$0] }
        created = key.created
        lastUsed = key.lastUsed
        self.secret = secret
    }
}

/// The body of ``Endpoint/createKey``.
package struct NewKeyRequest: Codable, Sendable, Equatable {
    /// What the key is for: 1 to 64 characters.
    package var name: String
    /// What the program may do.
    package var role: OperatorRole

    /// Makes a request.
    ///
    /// - Parameters:
    ///   - name: What the key is for.
    ///   - role: What the program may do.
    package init(name: String, role: OperatorRole) {
        self.name = name
        self.role = role
    }
}
