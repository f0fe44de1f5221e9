package import Storage

/// A player, in answers.
package struct PlayerAnswer: Codable, Sendable, Equatable {
    /// The number.
    package var id: Int
    /// The login.
    package var login: String
    /// When the account was made, Unix time in seconds.
    package var created: Double
    /// When the player last logged in with the password, Unix time in seconds; `nil` when that is not known.
    package var lastLogin: Double?
    /// The connection; `nil` for a player who is not connected.
    package var online: OnlineAnswer?
    /// The bans of the account that are in force.
    package var bans: [BanAnswer]
    /// The mute that is in force.
    package var mute: MuteAnswer?

    /// Makes an answer.
    ///
    /// - Parameters:
    ///   - account: The account.
    ///   - online: The connection.
    ///   - bans: The bans that are in force.
    ///   - mute: The mute that is in force.
    package init(_ account: PlayerAccount, online: OnlineAnswer?, bans: [BanAnswer], mute: MuteAnswer?) {
        id = account.id
        login = account.login
        created = account.created
        lastLogin = account.lastLogin
        self.online = online
        self.bans = bans
        self.mute = mute
    }
}

/// A player's connection, in answers.
package struct OnlineAnswer: Codable, Sendable, Equatable {
    /// The map.
    package var mapId: Int
    /// Since when the player is connected to that map or waits for it, Unix time in seconds.
    package var since: Double
    /// The address of the client; `nil` when it has none.
    package var address: String?
    /// `true` when the player waits for the map, which takes no players now; `nil` when the player is on it.
    package var waiting: Bool?

    /// Makes an answer.
    ///
    /// - Parameters:
    ///   - mapID: The map.
    ///   - since: Since when, Unix time in seconds.
    ///   - address: The address of the client.
    ///   - isWaiting: Whether the player waits for the map.
    package init(mapID: Int, since: Double, address: String?, isWaiting: Bool) {
        mapId = mapID
        waiting = isWaiting ? true : nil
        self.since = since
        self.address = address
    }
}

/// A page of the search for players.
package struct PlayersAnswer: Codable, Sendable, Equatable {
    /// The players.
    package var players: [PlayerAnswer]
    /// The `after` of the next page; `nil` on the last one.
    package var next: Int?

    /// Makes an answer.
    package init(players: [PlayerAnswer], next: Int?) {
        self.players = players
        self.next = next
    }
}

/// A bearer session of a player, in answers; only the hash of its secret is kept.
package struct PlayerSessionAnswer: Codable, Sendable, Equatable {
    /// The beginning of the hash, in hexadecimal digits.
    package var id: String
    /// When it began, Unix time in seconds; `nil` when that is not known.
    package var created: Double?
    /// When it ends, Unix time in seconds.
    package var expires: Double
    /// The address from which it began; `nil` when that is not known.
    package var address: String?

    /// Makes an answer.
    ///
    /// - Parameters:
    ///   - session: The stored session.
    ///   - id: The beginning of its hash, in hexadecimal digits.
    package init(_ session: HTTPSession, id: String) {
        self.id = id
        created = session.created
        expires = session.expires
        address = session.address
    }
}

/// A ban, in answers.
package struct BanAnswer: Codable, Sendable, Equatable {
    /// The number.
    package var id: Int
    /// The player; `nil` for a ban of addresses alone.
    package var player: Int?
    /// The player's login.
    package var login: String?
    /// The address or the range; `nil` for a ban of an account alone.
    package var addresses: String?
    /// The reason, which the player is told.
    package var reason: String
    /// Who made it.
    package var madeBy: String
    /// When, Unix time in seconds.
    package var created: Double
    /// When it ends, Unix time in seconds; `nil` for one that does not end.
    package var expires: Double?

    /// Makes an answer.
    ///
    /// - Parameters:
    ///   - ban: The ban.
    ///   - login: The player's login.
    package init(_ ban: Ban, login: String? = nil) {
        id = ban.id
        player = ban.playerID
        self.login = login
        addresses = ban.addresses
        reason = ban.reason
        madeBy = ban.madeBy
        created = ban.created
        expires = ban.expires
    }
}

/// The body of ``Endpoint/createBan``.
package struct BanRequest: Codable, Sendable, Equatable {
    /// The player's number; `nil` for a ban of addresses alone.
    package var player: Int?
    /// The address or the range; `nil` for a ban of an account alone.
    package var addresses: String?
    /// The reason.
    package var reason: String
    /// When it ends, Unix time in seconds; `nil` for ever.
    package var until: Double?
}

/// A mute, in answers.
package struct MuteAnswer: Codable, Sendable, Equatable {
    /// The reason.
    package var reason: String
    /// Who muted the player.
    package var madeBy: String
    /// When, Unix time in seconds.
    package var created: Double
    /// When it ends, Unix time in seconds; `nil` for one that does not end.
    package var expires: Double?

    /// Makes an answer.
    ///
    /// - Parameter mute: The mute.
    package init(_ mute: Mute) {
        reason = mute.reason
        madeBy = mute.madeBy
        created = mute.created
        expires = mute.expires
    }
}

/// The body of ``Endpoint/mutePlayer``.
package struct MuteRequest: Codable, Sendable, Equatable {
    /// The reason, for operators; may be absent.
    package var reason: String?
    /// When it ends, Unix time in seconds; `nil` for ever.
    package var until: Double?
}

/// The body of ``Endpoint/createPlayer``.
package struct NewPlayerRequest: Codable, Sendable, Equatable {
    /// The login.
    package var login: String
    /// The password.
    package var password: String
}

/// The body of ``Endpoint/movePlayer``.
package struct MoveRequest: Codable, Sendable, Equatable {
    /// The map.
    package var mapId: Int
}

/// The body of ``Endpoint/erasePlayer``.
package struct EraseRequest: Codable, Sendable, Equatable {
    /// The player's login, to confirm it.
    package var login: String
}
