/// What `game.yaml` says about connections and logins: how long a client may take, and how much of anything it may
/// have. What a key may be and its default stand in ``Setting/all``.
package struct ConnectionSettings: Sendable, Equatable {
    /// `handshake_seconds`: how long a request may take to arrive, a connection's first one from its accept on.
    package var handshakeSeconds = 0
    /// `http_idle_seconds`: how long an HTTP connection may stay open without a request.
    package var idleHTTPSeconds = 0
    /// `ping_seconds`: the silence after which a WebSocket client is pinged; a third of ``deadAfterSeconds`` at most
    /// where only that is written.
    package var pingSeconds = 0
    /// `dead_after_seconds`: the silence after which a WebSocket client is closed; three times ``pingSeconds`` at least
    /// where only that is written.
    package var deadAfterSeconds = 0
    /// `drain_seconds`: how long a client that does not read may stay.
    package var drainSeconds = 0
    /// `close_seconds`: how long a client may take to answer a close.
    package var closeSeconds = 0
    /// `resume_seconds`: how long a player whose connection broke may come back without a login; 0 turns it off.
    package var resumeSeconds = 0
    /// `max_sessions`: players with a connection at once.
    package var maxSessions = 0
    /// `send_memory_mb`: what may wait for all clients together, in units of 1,048,576 bytes.
    package var sendMemoryMB = 0
    /// `load_burst`: snapshots that a client may ask for at once.
    package var loadBurst = 0
    /// `loads_per_minute`: snapshots that a client may ask for in the long run.
    package var loadsPerMinute = 0
    /// `max_connections_per_address`: connections of all kinds that one address may have at once.
    package var maxConnectionsPerAddress = 0
    /// `max_json_depth`: how deep a client's message may nest.
    package var maxJSONDepth = 0
    /// `max_refusals`: refusals within ``refusalSeconds`` after which a client is closed.
    package var maxRefusals = 0
    /// `refusal_seconds`: see ``maxRefusals``.
    package var refusalSeconds = 0
    /// `max_body_bytes`: the longest body of an HTTP request.
    package var maxBodyBytes = 0
    /// `login_burst`: failed logins of one name from one address at once.
    package var loginBurst = 0
    /// `logins_per_minute`: failed logins of one name from one address in the long run.
    package var loginsPerMinute = 0
    /// `stranger_burst`: failed logins of one name at once, from all addresses together from which its owner never
    /// came.
    package var strangerBurst = 0
    /// `strangers_per_minute`: the same in the long run.
    package var strangersPerMinute = 0
    /// `relogin_burst`: logins of one name from one address at once that succeed.
    package var reloginBurst = 0
    /// `relogins_per_minute`: the same in the long run.
    package var reloginsPerMinute = 0
    /// `address_burst`: failed logins of one address at once.
    package var addressBurst = 0
    /// `address_logins_per_minute`: failed logins of one address in the long run.
    package var addressPerMinute = 0
    /// `registration_burst`: accounts that one address may make at once.
    package var registrationBurst = 0
    /// `registrations_per_minute`: accounts that one address may make in the long run.
    package var registrationsPerMinute = 0
    /// `max_waiting_logins`: logins that may wait for their password's check.
    package var maxWaitingLogins = 0

    /// Makes settings in which no key has its default yet.
    init() {}
}
