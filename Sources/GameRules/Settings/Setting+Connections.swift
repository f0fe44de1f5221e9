extension Setting {
    /// The keys about connections and logins.
    static let connections: [Setting] = [
        .whole(
            "handshake_seconds", \.connections.handshakeSeconds, default: 10, 1...300, unit: .seconds,
            for: .nextConnection,
            "for a request to arrive, a connection's first one from its accept on; then 408, or closed"),
        .whole(
            "http_idle_seconds", \.connections.idleHTTPSeconds, default: 60, 1...3600, unit: .seconds,
            for: .nextConnection,
            "how long an HTTP connection stays open without a request"),
        .whole(
            "ping_seconds", \.connections.pingSeconds, default: 20, 1...600, unit: .seconds, for: .nextConnection,
            "silence after which a WebSocket client is pinged"),
        .whole(
            "dead_after_seconds", \.connections.deadAfterSeconds, default: 60, 2...3600, unit: .seconds,
            for: .nextConnection,
            "silence after which it is closed; more than `ping_seconds`"),
        .whole(
            "drain_seconds", \.connections.drainSeconds, default: 30, 1...600, unit: .seconds, for: .nextConnection,
            "how long a client may leave its buffer full before it is closed"),
        .whole(
            "close_seconds", \.connections.closeSeconds, default: 2, 1...60, unit: .seconds, for: .nextConnection,
            "for a client to answer a close"),
        .whole(
            "resume_seconds", \.connections.resumeSeconds, default: 30, 0...3600, unit: .seconds,
            "in which a player whose connection broke comes back without a login; 0: never"),
        .whole("max_sessions", \.connections.maxSessions, default: 20_000, 1...1_000_000, "players connected at once"),
        .whole(
            "send_memory_mb", \.connections.sendMemoryMB, default: 256, 16...65_536, unit: .mebibytes,
            "what may wait for all clients together, in the server and in the kernel; those that have waited "
                + "longest for the most are closed"),
        .whole(
            "load_burst", \.connections.loadBurst, default: 10, 1...10_000, for: .nextConnection,
            "snapshots that a client asks for at once"),
        .whole(
            "loads_per_minute", \.connections.loadsPerMinute, default: 60, 1...600_000, unit: .perMinute,
            for: .nextConnection,
            "and in the long run"),
        .whole(
            "max_connections_per_address", \.connections.maxConnectionsPerAddress, default: 4096, 1...1_000_000,
            "connections of one address, of all kinds"),
        .whole(
            "max_json_depth", \.connections.maxJSONDepth, default: 16, 2...64, for: .nextConnection,
            "how deep a client's message may nest"),
        .whole(
            "max_refusals", \.connections.maxRefusals, default: 20, 1...10_000, for: .nextConnection,
            "refusals within `refusal_seconds` after which a client is closed"),
        .whole(
            "refusal_seconds", \.connections.refusalSeconds, default: 10, 1...600, unit: .seconds, for: .nextConnection,
            ""),
        .whole(
            "max_body_bytes", \.connections.maxBodyBytes, default: 16_384, 1024...1_048_576, unit: .bytes,
            "the body of an HTTP request"),
        .whole(
            "login_burst", \.connections.loginBurst, default: 10, 1...100_000,
            "failed logins of one name from one address at once"),
        .whole(
            "logins_per_minute", \.connections.loginsPerMinute, default: 12, 1...600_000, unit: .perMinute,
            "and in the long run"),
        .whole(
            "stranger_burst", \.connections.strangerBurst, default: 100, 1...100_000,
            "failed logins of one name at once, from all addresses together; those from which it logged in "
                + "before are let through"),
        .whole(
            "strangers_per_minute", \.connections.strangersPerMinute, default: 30, 1...600_000, unit: .perMinute,
            "and in the long run"),
        .whole(
            "relogin_burst", \.connections.reloginBurst, default: 60, 1...100_000,
            "logins of one name from one address at once that succeed"),
        .whole(
            "relogins_per_minute", \.connections.reloginsPerMinute, default: 30, 1...600_000, unit: .perMinute,
            "and in the long run"),
        .whole(
            "address_burst", \.connections.addressBurst, default: 60, 1...100_000,
            "failed logins of one address at once, of names that did not log in from there before"),
        .whole(
            "address_logins_per_minute", \.connections.addressPerMinute, default: 60, 1...600_000, unit: .perMinute,
            "and in the long run"),
        .whole(
            "registration_burst", \.connections.registrationBurst, default: 20, 1...100_000,
            "accounts made by one address at once"),
        .whole(
            "registrations_per_minute", \.connections.registrationsPerMinute, default: 6, 1...600_000, unit: .perMinute,
            "and in the long run"),
        .whole(
            "max_waiting_logins", \.connections.maxWaitingLogins, default: 64, 1...10_000,
            "logins waiting for their password's check, in turns by address and name; more get 503, those "
                + "first that wait with most others of their address"),
    ]
}
