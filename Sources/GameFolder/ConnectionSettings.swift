/// What `game.yaml` says about connections and logins: how long a client may take, and how much of anything it may have.
package struct ConnectionSettings: Sendable, Equatable {
    /// `handshake_seconds`: how long a request may take to arrive, a connection's first one from its accept on.
    package var handshakeSeconds = 10
    /// `http_idle_seconds`: how long an HTTP connection may stay open without a request.
    package var idleHTTPSeconds = 60
    /// `ping_seconds`: the silence after which a WebSocket client is pinged; a third of ``deadAfterSeconds`` at most where
    /// only that is written.
    package var pingSeconds = 20
    /// `dead_after_seconds`: the silence after which a WebSocket client is closed; three times ``pingSeconds`` at least
    /// where only that is written.
    package var deadAfterSeconds = 60
    /// `drain_seconds`: how long a client that does not read may stay.
    package var drainSeconds = 30
    /// `close_seconds`: how long a client may take to answer a close.
    package var closeSeconds = 2
    /// `resume_seconds`: how long a player whose connection broke may come back without a login; 0 turns it off.
    package var resumeSeconds = 30
    /// `max_sessions`: players with a connection at once.
    package var maxSessions = 20_000
    /// `send_memory_mb`: what may wait for all clients together, in units of 1,048,576 bytes.
    package var sendMemoryMB = 256
    /// `load_burst`: snapshots that a client may ask for at once.
    package var loadBurst = 10
    /// `loads_per_minute`: snapshots that a client may ask for in the long run.
    package var loadsPerMinute = 60
    /// `max_connections_per_address`: connections of all kinds that one address may have at once.
    package var maxConnectionsPerAddress = 4096
    /// `max_json_depth`: how deep a client's message may nest.
    package var maxJSONDepth = 16
    /// `max_refusals`: refusals within ``refusalSeconds`` after which a client is closed.
    package var maxRefusals = 20
    /// `refusal_seconds`: see ``maxRefusals``.
    package var refusalSeconds = 10
    /// `max_body_bytes`: the longest body of an HTTP request.
    package var maxBodyBytes = 16 << 10
    /// `login_burst`: failed logins of one name from one address at once.
    package var loginBurst = 10
    /// `logins_per_minute`: failed logins of one name from one address in the long run.
    package var loginsPerMinute = 12
    /// `stranger_burst`: failed logins of one name at once, from all addresses together from which its owner never came.
    package var strangerBurst = 100
    /// `strangers_per_minute`: the same in the long run.
    package var strangersPerMinute = 30
    /// `relogin_burst`: logins of one name from one address at once that succeed.
    package var reloginBurst = 60
    /// `relogins_per_minute`: the same in the long run.
    package var reloginsPerMinute = 30
    /// `address_burst`: failed logins of one address at once.
    package var addressBurst = 60
    /// `address_logins_per_minute`: failed logins of one address in the long run.
    package var addressPerMinute = 60
    /// `registration_burst`: accounts that one address may make at once.
    package var registrationBurst = 20
    /// `registrations_per_minute`: accounts that one address may make in the long run.
    package var registrationsPerMinute = 6
    /// `max_waiting_logins`: logins that may wait for their password's check.
    package var maxWaitingLogins = 64

    /// Makes the defaults.
    package init() {}

    /// A key with the whole numbers that it takes.
    package struct Key: Sendable {
        /// As it stands in the file.
        package let name: String
        /// What is allowed.
        package let range: ClosedRange<Int>
        /// Where it goes.
        package let path: any WritableKeyPath<ConnectionSettings, Int> & Sendable
    }

    /// All keys.
    package static let keys = [
        Key(name: "handshake_seconds", range: 1...300, path: \.handshakeSeconds),
        Key(name: "http_idle_seconds", range: 1...3600, path: \.idleHTTPSeconds),
        Key(name: "ping_seconds", range: 1...600, path: \.pingSeconds),
        Key(name: "dead_after_seconds", range: 2...3600, path: \.deadAfterSeconds),
        Key(name: "drain_seconds", range: 1...600, path: \.drainSeconds),
        Key(name: "close_seconds", range: 1...60, path: \.closeSeconds),
        Key(name: "resume_seconds", range: 0...3600, path: \.resumeSeconds),
        Key(name: "max_sessions", range: 1...1_000_000, path: \.maxSessions),
        Key(name: "send_memory_mb", range: 16...65_536, path: \.sendMemoryMB),
        Key(name: "load_burst", range: 1...10_000, path: \.loadBurst),
        Key(name: "loads_per_minute", range: 1...600_000, path: \.loadsPerMinute),
        Key(name: "max_connections_per_address", range: 1...1_000_000, path: \.maxConnectionsPerAddress),
        Key(name: "max_json_depth", range: 2...64, path: \.maxJSONDepth),
        Key(name: "max_refusals", range: 1...10_000, path: \.maxRefusals),
        Key(name: "refusal_seconds", range: 1...600, path: \.refusalSeconds),
        Key(name: "max_body_bytes", range: 1024...1_048_576, path: \.maxBodyBytes),
        Key(name: "login_burst", range: 1...100_000, path: \.loginBurst),
        Key(name: "logins_per_minute", range: 1...600_000, path: \.loginsPerMinute),
        Key(name: "stranger_burst", range: 1...100_000, path: \.strangerBurst),
        Key(name: "strangers_per_minute", range: 1...600_000, path: \.strangersPerMinute),
        Key(name: "relogin_burst", range: 1...100_000, path: \.reloginBurst),
        Key(name: "relogins_per_minute", range: 1...600_000, path: \.reloginsPerMinute),
        Key(name: "address_burst", range: 1...100_000, path: \.addressBurst),
        Key(name: "address_logins_per_minute", range: 1...600_000, path: \.addressPerMinute),
        Key(name: "registration_burst", range: 1...100_000, path: \.registrationBurst),
        Key(name: "registrations_per_minute", range: 1...600_000, path: \.registrationsPerMinute),
        Key(name: "max_waiting_logins", range: 1...10_000, path: \.maxWaitingLogins),
    ]
}
