package import NIOCore
package import Transport

/// Everything an operator can set about the gateway.
package struct GatewayConfiguration: Sendable {
    /// The address to listen on.
    package var host = "0.0.0.0"
    /// The port to listen on; 0 takes a free one.
    package var port = 8080
    /// Whether each map has a port of its own: `port` plus the map's number.
    package var portPerMap = false
    /// The certificate to serve HTTPS and WSS with; `nil` serves plain HTTP and WS.
    package var tls: TLSFiles?
    /// The map on which new players start; `nil` means the one with the lowest number.
    package var startMap: Int?
    /// Ticks a second, for the login answer.
    package var tickRateHz = 60.0
    /// The folder served under `/play/`; `nil` serves nothing.
    package var clientDirectory: String?
    /// The folder served under `/music/`; `nil` serves nothing.
    package var musicDirectory: String?
    /// Web pages that may open connections, beside the server's own.
    package var origins = OriginPolicy()
    /// Whether everybody may read `/metrics`, instead of this machine and the operator alone.
    package var metricsArePublic = false
    /// What one session may do.
    package var session = SessionLimits()
    /// Whether compression (`permessage-deflate`) is agreed to when a client offers it.
    package var compresses = true
    /// How long a player whose connection broke may come back without a new login; zero turns it off.
    package var resumeTime = Duration.seconds(30)
    /// Sessions at once.
    package var maxSessions = 20_000
    /// Bytes that may wait for clients in the whole process, in the server and in the kernel.
    package var sendMemoryBytes = 256 << 20
    /// Connections at once from one address, of all kinds; a home or school may share one.
    package var maxConnectionsPerAddress = 4096
    /// The proxies whose word on a client's address and scheme counts.
    package var trustedProxies = TrustedProxies()
    /// Failed logins of one name from one address.
    package var loginLimit = RateLimit(burst: 10, perSecond: 0.2)
    /// Failed logins of one name from all addresses from which its owner never came.
    package var strangerLimit = RateLimit(burst: 100, perSecond: 0.5)
    /// Logins of one name from one address that succeed.
    package var reloginLimit = RateLimit(burst: 60, perSecond: 0.5)
    /// Failed logins from one address, whatever the name.
    package var addressLimit = RateLimit(burst: 60, perSecond: 1)
    /// Registrations from one address.
    package var registrationLimit = RateLimit(burst: 20, perSecond: 0.1)
    /// What hashing a password costs.
    package var passwordCost = PasswordCost.interactive
    /// Threads that hash passwords.
    package var passwordThreads = 2
    /// Logins that may wait for a hash; more are answered with 503.
    package var maxWaitingLogins = 64
    /// Largest body of a request, in bytes.
    package var maxBodyBytes = 16 * 1024
    /// How long a request may take to arrive, a connection's first one from its accept on; a slower one is cut off.
    package var handshakeTimeout = TimeAmount.seconds(10)
    /// How long an HTTP connection may stay open without a request.
    package var idleTimeout = Duration.seconds(60)
    /// Connections that wait to be accepted.
    package var backlog = 4096

    /// Makes the default configuration.
    package init() {}
}
