/// An account as operators see it: without the password.
package struct PlayerAccount: Sendable, Equatable {
    /// The number, which is the player's number too.
    package var id: Int
    /// The user name as it was registered.
    package var login: String
    /// When the account was made, Unix time in seconds.
    package var created: Double
    /// When the player last logged in with the password, Unix time in seconds; `nil` before the first login since the
    /// server notes it.
    package var lastLogin: Double?

    /// Describes an account.
    ///
    /// - Parameters:
    ///   - id: The number.
    ///   - login: The user name.
    ///   - created: When it was made, Unix time in seconds.
    ///   - lastLogin: When the player last logged in, Unix time in seconds.
    package init(id: Int, login: String, created: Double, lastLogin: Double? = nil) {
        self.id = id
        self.login = login
        self.created = created
        self.lastLogin = lastLogin
    }
}

/// Which accounts are wanted.
package struct PlayerSearch: Sendable, Equatable {
    /// A part of the login, in any spelling that counts as the same; empty for all.
    package var part: String
    /// At which time an account must be banned, Unix time in seconds; `nil` for accounts with and without a ban.
    package var bannedAt: Double?
    /// The last account of the page before this one; `nil` for the first page.
    package var after: Int?
    /// The most accounts, from 1.
    package var limit: Int

    /// Describes the wanted accounts.
    ///
    /// - Parameters:
    ///   - part: A part of the login.
    ///   - bannedAt: At which time an account must be banned.
    ///   - after: The last account of the page before.
    ///   - limit: The most accounts, from 1.
    package init(part: String = "", bannedAt: Double? = nil, after: Int? = nil, limit: Int = 50) {
        self.part = part
        self.bannedAt = bannedAt
        self.after = after
        self.limit = limit
    }
}

/// What keeps a player, or all players of some addresses, out of the game.
package struct Ban: Sendable, Equatable {
    /// The number, from 1; 0 for a ban that is not stored yet.
    package var id: Int
    /// The player whose account is banned; `nil` for a ban of addresses alone.
    package var playerID: Int?
    /// An address or a range of addresses such as `192.0.2.0/24`; `nil` for a ban of an account alone.
    package var addresses: String?
    /// The reason, which the player is told.
    package var reason: String
    /// The operator who made it.
    package var madeBy: String
    /// When it was made, Unix time in seconds.
    package var created: Double
    /// When it ends, Unix time in seconds; `nil` for one that does not end.
    package var expires: Double?

    /// Describes a ban.
    ///
    /// - Parameters:
    ///   - id: The number; 0 for a ban that is not stored yet.
    ///   - playerID: The player whose account is banned.
    ///   - addresses: An address or a range.
    ///   - reason: The reason.
    ///   - madeBy: The operator who made it.
    ///   - created: When it was made, Unix time in seconds.
    ///   - expires: When it ends, Unix time in seconds.
    package init(
        id: Int = 0, playerID: Int? = nil, addresses: String? = nil, reason: String, madeBy: String, created: Double,
        expires: Double? = nil
    ) {
        self.id = id
        self.playerID = playerID
        self.addresses = addresses
        self.reason = reason
        self.madeBy = madeBy
        self.created = created
        self.expires = expires
    }

    /// Whether it is in force.
    ///
    /// - Parameter now: Unix time in seconds.
    /// - Returns: `false` from its end on.
    package func isInForce(at now: Double) -> Bool { expires.map { $0 > now } ?? true }
}

/// A player who may not talk: scripts read it as `object.muted`.
package struct Mute: Sendable, Equatable {
    /// The player.
    package var playerID: Int
    /// The reason, for operators.
    package var reason: String
    /// The operator who muted the player.
    package var madeBy: String
    /// When, Unix time in seconds.
    package var created: Double
    /// When it ends, Unix time in seconds; `nil` for one that does not end.
    package var expires: Double?

    /// Describes a mute.
    ///
    /// - Parameters:
    ///   - playerID: The player.
    ///   - reason: The reason.
    ///   - madeBy: The operator.
    ///   - created: When it was made, Unix time in seconds.
    ///   - expires: When it ends, Unix time in seconds.
    package init(playerID: Int, reason: String, madeBy: String, created: Double, expires: Double? = nil) {
        self.playerID = playerID
        self.reason = reason
        self.madeBy = madeBy
        self.created = created
        self.expires = expires
    }

    /// Whether it is in force.
    ///
    /// - Parameter now: Unix time in seconds.
    /// - Returns: `false` from its end on.
    package func isInForce(at now: Double) -> Bool { expires.map { $0 > now } ?? true }
}
