/// The settings in `game.yaml` about connections and logins: how long a client may take, and how much of each resource
/// it may use. ``Setting/all`` has the default and the allowed values of each key.
package struct ConnectionSettings: Sendable, Equatable {
    /// `handshake_seconds`: how long a request may take to arrive; for the first request of a connection, the time
    /// since the connection was accepted.
    package var handshakeSeconds = 0
    /// `http_idle_seconds`: how long an HTTP connection may stay open without a request.
    package var idleHTTPSeconds = 0
    /// `ping_seconds`: the silence after which a WebSocket client is pinged; at most a third of ``deadAfterSeconds``
    /// when the file has only `dead_after_seconds`.
    package var pingSeconds = 0
    /// `dead_after_seconds`: the silence after which a WebSocket client is closed; at least three times ``pingSeconds``
    /// when the file has only `ping_seconds`.
    package var deadAfterSeconds = 0
    /// `drain_seconds`: how long a client may leave its send buffer full before it is closed.
    package var drainSeconds = 0
    /// `close_seconds`: how long a client may take to answer a close.
    package var closeSeconds = 0
    /// `resume_seconds`: how long a player whose connection broke may come back without a login; 0 turns it off.
    package var resumeSeconds = 0
    /// `max_sessions`: how many players may be connected at once.
    package var maxSessions = 0
    /// `send_memory_mb`: how much unsent data of all clients together may wait, in units of 1,048,576 bytes.
    package var sendMemoryMB = 0
    /// `load_burst`: snapshots that a client may ask for at once.
    package var loadBurst = 0
    /// `loads_per_minute`: snapshots that a client may ask for in a minute, after the burst.
    package var loadsPerMinute = 0
    /// `max_connections_per_address`: connections of all kinds that one address may have at once.
    package var maxConnectionsPerAddress = 0
    /// `max_json_depth`: how deep a client's message may nest.
    package var maxJSONDepth = 0
    /// `max_refusals`: refusals within ``refusalSeconds`` after which a client is closed.
    package var maxRefusals = 0
    /// `refusal_seconds`: the time within which ``maxRefusals`` are counted.
    package var refusalSeconds = 0
    /// `max_body_bytes`: the longest body of an HTTP request.
    package var maxBodyBytes = 0
    /// `login_burst`: failed logins of one name from one address that are allowed at once.
    package var loginBurst = 0
    /// `logins_per_minute`: failed logins of one name from one address in a minute, after the burst.
    package var loginsPerMinute = 0
    /// `stranger_burst`: failed logins of one name that are allowed at once, from all addresses together from which
    /// this name has never logged in.
    package var strangerBurst = 0
    /// `strangers_per_minute`: the same failed logins in a minute, after ``strangerBurst``.
    package var strangersPerMinute = 0
    /// `relogin_burst`: successful logins of one name from one address that are allowed at once.
    package var reloginBurst = 0
    /// `relogins_per_minute`: the same successful logins in a minute, after ``reloginBurst``.
    package var reloginsPerMinute = 0
    /// `address_burst`: failed logins from one address that are allowed at once, of names that have not logged in from
    /// there before.
    package var addressBurst = 0
    /// `address_logins_per_minute`: the same failed logins in a minute, after ``addressBurst``.
    package var addressPerMinute = 0
    /// `registration_burst`: accounts that one address may create at once.
    package var registrationBurst = 0
    /// `registrations_per_minute`: accounts that one address may create in a minute, after the burst.
    package var registrationsPerMinute = 0
    /// `max_waiting_logins`: logins that may wait until their password is checked.
    package var maxWaitingLogins = 0

    /// Makes settings in which no key has its default yet; ``GameConfiguration`` sets them.
    init() {}
}
