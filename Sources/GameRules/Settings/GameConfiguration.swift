/// The settings in `game.yaml`; every value has a default, so the file may be absent. ``Setting/all`` has the allowed
/// values of each key.
package struct GameConfiguration: Sendable, Equatable {
    /// `name`: the game's name, for players and operators.
    package var name = ""
    /// `start_map`: the id of the map where new players appear; `nil` means the lowest.
    package var startMap: Int?
    /// `port`: the TCP port of a server that is started without one.
    package var port = 0
    /// `tick_rate`: ticks per second (Hz).
    package var tickRate = 0
    /// `send_rate`: deltas per second (Hz).
    package var sendRate = 0
    /// `event_time_limit_ms`: CPU time of one call of an event, trigger or hook.
    package var eventTimeLimit = Duration.zero
    /// `timeout_time_limit_ms`: CPU time of one call of a timeout formula.
    package var timeoutTimeLimit = Duration.zero
    /// `tick_limit_ms`: CPU time of all events of one tick; events that don't fit wait for the next tick.
    package var tickLimit = Duration.zero
    /// `memory_limit_mb`: memory of one map's scripts in bytes.
    package var memoryLimitBytes = 0
    /// `max_entities`: entities on one map.
    package var maxEntities = 0
    /// `world_limit_mb`: how many bytes the texts, json components and data of pending events of one map may take
    /// together; also how many bytes its scripts may send in a tick.
    package var worldLimitBytes = 0
    /// `max_message_bytes`: the longest message that a client may send.
    package var maxMessageBytes = 0
    /// `command_rate`: commands per second that a client may send.
    package var commandRate = 0
    /// `command_burst`: commands that a client may send at once.
    package var commandBurst = 0
    /// `send_buffer_bytes`: unsent bytes at which a client counts as slow.
    package var sendBufferBytes = 0
    /// `linger_seconds`: how long a player whose connection is gone stays on the map.
    package var lingerSeconds = 0
    /// `view_distance`: how far around its own entity a client gets other entities, in tiles; 0 for the whole map.
    package var viewDistance = 0
    /// `border_view`: how far beyond an edge clients get the entities of the neighbouring map, in tiles; 0 to get
    /// none.
    package var borderView = 0
    /// `position_decimals`: how many decimals of coordinates clients get; `nil` for all.
    package var positionDecimals: Int?
    /// `allowed_origins`: pages that browsers may connect from, `*` for all; empty means the server's own pages.
    package var allowedOrigins: [String] = []
    /// `trusted_proxies`: the proxies that the server trusts to report a client's address and scheme; empty means
    /// none.
    package var trustedProxies: [AddressRange] = []
    /// `socket_guests`: whether clients of Socket.IO without an account may connect to the socket events.
    package var takesSocketGuests = false
    /// `socket_recovery_seconds`: how long a client of Socket.IO that lost its connection may come back to its socket;
    /// 0 for not at all.
    package var socketRecoverySeconds = 0
    /// `metrics`: whether everybody may read `/metrics`, instead of this machine and the operator alone.
    package var metricsArePublic = false
    /// The keys about connections and logins.
    package var connections: ConnectionSettings
    /// The keys about players over WebRTC.
    package var webRTC = WebRTCSettings()
    /// The keys about virtual UDP sockets.
    package var peerNetwork = PeerNetworkSettings()

    /// The longest `game.yaml`, in bytes.
    package static let maxBytes = 64 << 10

    /// Makes a configuration with the defaults in ``Setting/all``.
    package init() { self = Self.defaults }

    private static let defaults: GameConfiguration = {
        var configuration = GameConfiguration(connections: ConnectionSettings())
        for setting in Setting.all { setting.reset(&configuration) }
        return configuration
    }()

    /// Makes a configuration in which no key has its default yet; ``defaults`` sets them.
    private init(connections: ConnectionSettings) { self.connections = connections }
}
