/// What clients do, and what they are sent.
extension MetricFamily {
    /// Connections of all kinds.
    package static let connections = gauge("perigee_connections", "Connections that are open")
    /// How often a listener had to wait because no files were left for connections.
    package static let acceptsPaused = counter(
        "perigee_accepts_paused_total", "Times that no files were left for connections")
    /// Connections closed because too many bytes waited for all clients together.
    package static let connectionsShed = counter(
        "perigee_connections_shed_total", "Connections closed because too many bytes waited for all clients")
    /// Sessions that are open.
    package static let sessions = gauge("perigee_sessions", "Sessions that are open")
    /// Sessions opened.
    package static let sessionsOpened = counter("perigee_sessions_opened_total", "Sessions opened")
    /// Handshakes that were refused, by the code of the answer.
    package static let handshakesRefused = counter(
        "perigee_handshakes_refused_total", by: ["reason"], "Handshakes refused, by the code of the answer")

    /// Logins and registrations that were accepted.
    package static let logins = counter("perigee_logins_total", "Logins and registrations accepted")
    /// Logins and registrations that were refused, by the code of the answer.
    package static let loginsRefused = counter(
        "perigee_logins_refused_total", by: ["reason"], "Logins and registrations refused, by the code of the answer")
    /// Tokens that sessions got without a password; not counted as logins.
    package static let tokenRenewals = counter(
        "perigee_token_renewals_total", "Tokens given for a session, without a password")
    /// Requests for such a token that were refused.
    package static let tokenRenewalsRefused = counter(
        "perigee_token_renewals_refused_total", "Requests for such a token refused")

    /// Messages received from clients.
    package static let messagesReceived = counter("perigee_messages_received_total", "Messages from clients")
    /// Payload bytes received from clients.
    package static let receivedBytes = counter(
        "perigee_received_bytes_total", "Payload bytes from clients, socket events included")
    /// Messages written to clients.
    package static let messagesSent = counter("perigee_messages_sent_total", "Messages written to clients")
    /// Frame bytes written to clients.
    package static let sentBytes = counter("perigee_sent_bytes_total", "Frame bytes written to clients")
    /// Messages not written because the client's buffer was full.
    package static let messagesDropped = counter(
        "perigee_messages_dropped_total", "Messages left out for slow clients")
    /// Clients that began to read too slowly.
    package static let slowClients = counter(
        "perigee_slow_clients_total", "Times that a client began to read too slowly, so that messages were left out")
    /// Bytes that wait for clients which are behind.
    package static let sendMemory = gauge(
        "perigee_send_memory_bytes", "Bytes that wait for clients which are behind")
    /// Commands that were refused.
    package static let commandsRefused = counter("perigee_commands_refused_total", "Commands refused")

    static let clients = [
        connections, acceptsPaused, connectionsShed, sessions, sessionsOpened, handshakesRefused, logins,
        loginsRefused, tokenRenewals, tokenRenewalsRefused, messagesReceived, receivedBytes, messagesSent, sentBytes,
        messagesDropped, slowClients, sendMemory, commandsRefused,
    ]
}
