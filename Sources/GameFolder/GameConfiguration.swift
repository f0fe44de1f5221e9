/// What `game.yaml` says; every value has a default, so the file may be absent.
package struct GameConfiguration: Sendable, Equatable {
    /// `name`: the game's name, for players and operators.
    package var name: String
    /// `start_map`: the id of the map where new players appear; `nil` means the lowest.
    package var startMap: Int?
    /// `tick_rate`: ticks per second (Hz), 1 to 240.
    package var tickRate: Int
    /// `send_rate`: deltas per second (Hz), 1 to the tick rate.
    package var sendRate: Int
    /// `event_time_limit_ms`: CPU time of one call of an event, trigger or spawn hook, 1 to 10,000 ms.
    package var eventTimeLimit: Duration
    /// `timeout_time_limit_ms`: CPU time of one call of a timeout formula, 1 to 10,000 ms.
    package var timeoutTimeLimit: Duration
    /// `tick_limit_ms`: CPU time of all events of one tick, 1 to 10,000 ms; what is left over waits for the next tick.
    package var tickLimit: Duration
    /// `memory_limit_mb`: memory of one map's scripts in bytes; in the file 1 to 4,096, units of 1,048,576 bytes.
    package var memoryLimitBytes: Int
    /// `max_entities`: entities on one map, 1 to 1,000,000.
    package var maxEntities: Int
    /// `world_limit_mb`: what texts, json components and data of pending events of one map may weigh, and what its scripts may
    /// send in a tick, in bytes; in the file 1 to 1,024, units of 1,048,576 bytes.
    package var worldLimitBytes: Int
    /// `max_message_bytes`: the longest message that a client may send, 256 to 1,048,576.
    package var maxMessageBytes: Int
    /// `command_rate`: commands per second that a client may send, 1 to 10,000.
    package var commandRate: Int
    /// `command_burst`: commands that a client may send at once, 1 to 100,000.
    package var commandBurst: Int
    /// `send_buffer_bytes`: unsent bytes at which a client counts as slow, 16,384 to 67,108,864.
    package var sendBufferBytes: Int
    /// `linger_seconds`: how long a player whose connection is gone stays on the map, 0 to 3,600 s.
    package var lingerSeconds: Int
    /// `view_distance`: how far from its own entity a client is told of others, in tiles, 1 to 4,096; 0 for the whole map.
    package var viewDistance: Int
    /// `border_view`: how far beyond an edge clients are told of the neighbouring map's entities, in tiles, 1 to 64; 0 for
    /// not at all.
    package var borderView: Int
    /// `allowed_origins`: pages that browsers may connect from, `*` for all; empty means the server's own pages.
    package var allowedOrigins: [String]
    /// `trusted_proxies`: the proxies whose word on a client's address and scheme counts; empty means none.
    package var trustedProxies: [AddressRange]
    /// The keys about connections and logins.
    package var connections: ConnectionSettings

    /// The longest `game.yaml`, in bytes.
    static let maxBytes = 64 << 10

    /// Makes a configuration; what is not given takes its default.
    package init(
        name: String = "Perigee", startMap: Int? = nil, tickRate: Int = 60, sendRate: Int? = nil,
        eventTimeLimit: Duration = .milliseconds(50),
        timeoutTimeLimit: Duration = .milliseconds(5), tickLimit: Duration = .milliseconds(100),
        memoryLimitBytes: Int = 64 << 20, maxEntities: Int = 10_000,
        worldLimitBytes: Int = 16 << 20,
        maxMessageBytes: Int = 16 << 10, commandRate: Int = 60, commandBurst: Int = 120,
        sendBufferBytes: Int = 256 << 10, lingerSeconds: Int = 0, viewDistance: Int = 0, borderView: Int = 0,
        allowedOrigins: [String] = [], trustedProxies: [AddressRange] = [],
        connections: ConnectionSettings = ConnectionSettings()
    ) {
        self.name = name
        self.startMap = startMap
        self.tickRate = tickRate
        self.sendRate = sendRate ?? min(30, tickRate)
        self.eventTimeLimit = eventTimeLimit
        self.timeoutTimeLimit = timeoutTimeLimit
        self.tickLimit = tickLimit
        self.memoryLimitBytes = memoryLimitBytes
        self.maxEntities = maxEntities
        self.worldLimitBytes = worldLimitBytes
        self.maxMessageBytes = maxMessageBytes
        self.commandRate = commandRate
        self.commandBurst = commandBurst
        self.sendBufferBytes = sendBufferBytes
        self.lingerSeconds = lingerSeconds
        self.viewDistance = viewDistance
        self.borderView = borderView
        self.allowedOrigins = allowedOrigins
        self.trustedProxies = trustedProxies
        self.connections = connections
    }
}
