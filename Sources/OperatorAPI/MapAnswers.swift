/// A map as a server, in answers.
package struct MapAnswer: Codable, Sendable, Equatable {
    /// What a map does.
    package enum State: String, Codable, Sendable {
        /// It ticks.
        case running
        /// Nothing is to be done on it; the next player or event wakes it.
        case asleep
        /// Its entities are being read or saved.
        case starting
        /// Its tick does not end.
        case hanging
        /// It can't be opened; `reason` says why.
        case closed
        /// An operator stopped it.
        case stopped
    }

    /// The map's number.
    package var id: Int
    /// Its name; `nil` for a map that does not run.
    package var name: String?
    /// What it does.
    package var state: State
    /// Why it does not run; for a map that hangs, since when.
    package var reason: String?
    /// Where clients connect, as `host:port`.
    package var address: String
    /// Whether the map has this port for itself.
    package var hasOwnPort: Bool
    /// The figures; `nil` for a map that does not run.
    package var figures: Figures?

    /// What a map does, in numbers.
    package struct Figures: Codable, Sendable, Equatable {
        /// Connected players.
        package var players: Int
        /// Entities of all kinds.
        package var entities: Int
        /// Ticks a second now; 0 for a map that sleeps.
        package var fps: Double
        /// Ticks a second that it should run.
        package var targetFps: Double
        /// Ticks a second that it could run if nothing else had to be done: 1,000 / `tickP95Ms`; `nil` without recent
        /// ticks.
        package var possibleFps: Double?
        /// The mean of the latest ticks, in milliseconds.
        package var tickMs: Double
        /// What 19 of 20 of them don't exceed, in milliseconds.
        package var tickP95Ms: Double
        /// Memory of the map's scripts, garbage included, in bytes.
        package var luaBytes: Int
        /// The most that it may be, in bytes.
        package var luaLimitBytes: Int
        /// What the texts and tables of its entities weigh, in bytes.
        package var worldBytes: Int
        /// Bytes to its players since the map was made.
        package var sentBytes: UInt64
        /// Bytes from its players since the map was made.
        package var receivedBytes: UInt64
        /// Bytes a second to its players, of the latest sample of the history.
        package var sentPerSecond: Double
        /// Bytes a second from its players, of the latest sample of the history.
        package var receivedPerSecond: Double
        /// Errors since the map was made.
        package var errors: Int

        /// Makes figures from their parts.
        package init(
            players: Int, entities: Int, fps: Double, targetFps: Double, possibleFps: Double?, tickMs: Double,
            tickP95Ms: Double, luaBytes: Int, luaLimitBytes: Int, worldBytes: Int, sentBytes: UInt64,
            receivedBytes: UInt64, sentPerSecond: Double, receivedPerSecond: Double, errors: Int
        ) {
            self.players = players
            self.entities = entities
            self.fps = fps
            self.targetFps = targetFps
            self.possibleFps = possibleFps
            self.tickMs = tickMs
            self.tickP95Ms = tickP95Ms
            self.luaBytes = luaBytes
            self.luaLimitBytes = luaLimitBytes
            self.worldBytes = worldBytes
            self.sentBytes = sentBytes
            self.receivedBytes = receivedBytes
            self.sentPerSecond = sentPerSecond
            self.receivedPerSecond = receivedPerSecond
            self.errors = errors
        }
    }

    /// Makes an answer from its parts.
    package init(
        id: Int, name: String? = nil, state: State, reason: String? = nil, address: String, hasOwnPort: Bool,
        figures: Figures? = nil
    ) {
        self.id = id
        self.name = name
        self.state = state
        self.reason = reason
        self.address = address
        self.hasOwnPort = hasOwnPort
        self.figures = figures
    }
}

/// One map with its players, in answers.
package struct MapDetailAnswer: Codable, Sendable, Equatable {
    /// A player who is connected to the map.
    package struct Player: Codable, Sendable, Equatable {
        /// `players_24`.
        package var key: String
        /// The login.
        package var login: String
        /// Where the player is, in tiles.
        package var x, y: Double
        /// The round trip that the client measured, in seconds; a client can forge it.
        package var ping: Double?
        /// Seconds since the last command, or since the connection began.
        package var idle: Double
        /// What the player's texts and tables weigh, in bytes.
        package var bytes: Int
        /// Bytes to the client since the connection began.
        package var sentBytes: UInt64
        /// Bytes from the client since the connection began.
        package var receivedBytes: UInt64

        /// Makes a player from its parts.
        package init(
            key: String, login: String, x: Double, y: Double, ping: Double?, idle: Double, bytes: Int,
            sentBytes: UInt64, receivedBytes: UInt64
        ) {
            self.key = key
            self.login = login
            self.x = x
            self.y = y
            self.ping = ping
            self.idle = idle
            self.bytes = bytes
            self.sentBytes = sentBytes
            self.receivedBytes = receivedBytes
        }
    }

    /// The entities of a kind and a prefab.
    package struct EntityType: Codable, Sendable, Equatable {
        /// The kind's name.
        package var kind: String
        /// The prefab.
        package var prefab: String
        /// How many there are.
        package var count: Int

        /// Makes a type from its parts.
        package init(kind: String, prefab: String, count: Int) {
            self.kind = kind
            self.prefab = prefab
            self.count = count
        }
    }

    /// The map.
    package var map: MapAnswer
    /// The first 100 players by login.
    package var players: [Player]
    /// How many players there are that were asked for.
    package var matching: Int
    /// The most numerous types; `nil` if they were not asked for.
    package var types: [EntityType]?

    /// Makes an answer from its parts.
    package init(map: MapAnswer, players: [Player], matching: Int, types: [EntityType]?) {
        self.map = map
        self.players = players
        self.matching = matching
        self.types = types
    }
}

/// The last hour of a map, in answers: lists of equal length, oldest first.
package struct MapHistoryAnswer: Codable, Sendable, Equatable {
    /// Seconds between two samples; more lie between them where the map did not run.
    package var interval: Double
    /// Ticks a second that the map should run now.
    package var targetFps: Double
    /// Unix times in seconds.
    package var time: [Double] = []
    /// Ticks a second since the sample before.
    package var fps: [Double] = []
    /// Mean of the ticks of about the last 4 s, in milliseconds.
    package var tickMs: [Double] = []
    /// What 19 of 20 of them don't exceed, in milliseconds.
    package var tickP95Ms: [Double] = []
    /// Connected players.
    package var players: [Int] = []
    /// Entities.
    package var entities: [Int] = []
    /// Memory of the scripts, in bytes.
    package var luaBytes: [Int] = []
    /// Bytes a second to the players.
    package var sentPerSecond: [Double] = []
    /// Bytes a second from the players.
    package var receivedPerSecond: [Double] = []

    /// Makes an answer without samples.
    package init(interval: Double, targetFps: Double) {
        self.interval = interval
        self.targetFps = targetFps
    }
}

/// The body of ``Endpoint/kickPlayer``.
package struct KickRequest: Codable, Sendable, Equatable {
    /// The player's key or login.
    package var player: String
    /// What the player is told; absent or empty for a plain sentence.
    package var reason: String?
}

/// The body of ``Endpoint/announce`` and ``Endpoint/announceOnMap``.
package struct MessageRequest: Codable, Sendable, Equatable {
    /// What the players are told.
    package var text: String
}

/// The body of ``Endpoint/rerunSpawnHooks``.
package struct SpawnHooksRequest: Codable, Sendable, Equatable {
    /// Only entities of this kind; absent or empty for all.
    package var kind: String?
    /// Only entities of this prefab; absent or empty for all.
    package var prefab: String?
}
