/// The account of a person who operates the server.
package struct OperatorAccount: Sendable, Equatable {
    /// The number, from 1; never used again for another account.
    package var id: Int
    /// The user name as it was given.
    package var login: String
    /// The password's hash in the hash function's own text form.
    package var passwordHash: String
    /// What the operator may do.
    package var role: OperatorRole
    /// When the account was made, Unix time in seconds.
    package var created: Double
    /// Since when the account can't be used, Unix time in seconds; `nil` for an account that can be used.
    package var disabled: Double?
}

/// A change of one operator's account.
package enum OperatorChange: Sendable, Equatable {
    /// Gives another role.
    case role(OperatorRole)
    /// Disables the account since a Unix time, which also ends its sessions; `nil` enables it again.
    case disabled(since: Double?)
    /// Replaces the hash of the password, and ends all sessions. With `replacing`, only while the account can be used
    /// and has that hash: a reset or disabling since the check of the old password wins.
    case passwordHash(String, replacing: String? = nil)
}

/// The session of an operator who is logged in; only the hash of its secret is kept.
package struct OperatorSession: Sendable, Equatable {
    /// Whose session it is.
    package enum Holder: Sendable, Equatable, Hashable {
        /// The operator's account with this number.
        case account(Int)
        /// Somebody who had the key file; `hash` is the hash of the key at that time.
        case keyFile(hash: [UInt8])
    }

    /// The number, from 1; 0 for a session that is not stored yet.
    package var id: Int
    /// The hash of the secret.
    package var hash: [UInt8]
    /// Whose session it is.
    package var holder: Holder
    /// When it began, Unix time in seconds.
    package var created: Double
    /// When it ends, Unix time in seconds.
    package var expires: Double
    /// When it was last used, Unix time in seconds; up to a minute old.
    package var lastUsed: Double
    /// The address from which it began.
    package var address: String
    /// The browser in which it began, as the browser names itself.
    package var agent: String

    /// Describes a session.
    ///
    /// - Parameters:
    ///   - id: The number; 0 for a session that is not stored yet.
    ///   - hash: The hash of the secret.
    ///   - holder: Whose session it is.
    ///   - created: When it began, Unix time in seconds.
    ///   - expires: When it ends, Unix time in seconds.
    ///   - lastUsed: When it was last used, Unix time in seconds.
    ///   - address: The address from which it began.
    ///   - agent: The browser in which it began.
    package init(
        id: Int = 0, hash: [UInt8], holder: Holder, created: Double, expires: Double, lastUsed: Double,
        address: String, agent: String
    ) {
        self.id = id
        self.hash = hash
        self.holder = holder
        self.created = created
        self.expires = expires
        self.lastUsed = lastUsed
        self.address = address
        self.agent = agent
    }
}

/// A key for a program that asks the server or changes something; only the hash of its secret is kept.
package struct APIKey: Sendable, Equatable {
    /// The number, from 1; never used again for another key.
    package var id: Int
    /// What the key is for, in its owner's words.
    package var name: String
    /// The hash of the secret.
    package var hash: [UInt8]
    /// What the program may do.
    package var role: OperatorRole
    /// The number of the account that made it, or that made the key with which it was made; `nil` for the key file.
    package var createdBy: Int?
    /// When the key was made, Unix time in seconds.
    package var created: Double
    /// When the key was last used, Unix time in seconds, up to a minute old; `nil` before its first use.
    package var lastUsed: Double?
}
