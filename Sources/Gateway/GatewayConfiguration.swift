package import GameRules
package import NIOCore
package import Transport

/// The settings of the gateway.
package struct GatewayConfiguration: Sendable {
    /// The address to listen on.
    package var host = "0.0.0.0"
    /// The port to listen on; 0 chooses a free one.
    package var port = 8080
    /// Whether each map has a port of its own: `port` plus the map's number.
    package var portPerMap = false
    /// The certificate to serve HTTPS and WSS with; `nil` serves plain HTTP and WS.
    package var tls: TLSFiles?
    /// The map on which new players start; `nil` means the one with the lowest number.
    package var startMap: Int?
    /// Ticks a second, for the login answer.
    package var tickRateHz = 60.0
    /// How many decimals of coordinates clients get, which logins tell; `nil` for all.
    package var positionDecimals: Int?
    /// What the game lets its players know; `nil` without a game.
    var declarations: GameDeclarations?
    /// The folder served under `/play/`; while it does not exist, the built-in viewer is there. `nil` serves nothing.
    package var clientDirectory: String?
    /// The folder served under `/music/`; `nil` serves nothing.
    package var musicDirectory: String?
    /// The web pages that may open connections, in addition to the server's own.
    package var origins = OriginPolicy()
    /// Whether every client may read `/metrics`; else only this machine and the operator may.
    package var metricsArePublic = false
    /// What the game says about Socket.IO clients.
    package var sockets = SocketRules()
    /// What the game says about virtual UDP sockets and the list of servers.
    package var peerNetwork = GameConfiguration().peerNetwork
    /// What the game says about players over WebRTC; used at the start only, but for ``offerLimit``.
    package var webRTC = GameConfiguration().webRTC
    /// The limit of offers of WebRTC's clients from one address.
    package var offerLimit = RateLimit(burst: 120, perSecond: 2)
    /// How long a client of WebRTC may take from its offer until its channels are open. Used at the start only.
    package var offerTimeout = TimeAmount.seconds(10)
    /// The secret that the server shares with its TURN servers; `nil` without one. Used at the start only.
    package var turnSecret: [UInt8]?
    /// The limits of one session.
    package var session = SessionLimits()
    /// Whether the server accepts compression (`permessage-deflate`) when a client offers it.
    package var compresses = true
    /// How long a player can reconnect after a broken connection without a new login; zero turns this off.
    package var resumeTime = Duration.seconds(30)
    /// The most sessions at the same time.
    package var maxSessions = 20_000
    /// The most bytes that may wait for clients in the whole process, in the server and in the kernel.
    package var sendMemoryBytes = 256 << 20
    /// The most connections of all kinds from one address at the same time; a household or a school may share an
    /// address.
    package var maxConnectionsPerAddress = 4096
    /// The proxies that are trusted to report a client's address and scheme.
    package var trustedProxies = TrustedProxies()
    /// The limit of failed logins for one login name from one address.
    package var loginLimit = RateLimit(burst: 10, perSecond: 0.2)
    /// The limit of failed logins for one login name from all addresses from which its owner never logged in.
    package var unknownAddressLoginLimit = RateLimit(burst: 100, perSecond: 0.5)
    /// The limit of successful logins for one login name from one address.
    package var successfulLoginLimit = RateLimit(burst: 60, perSecond: 0.5)
    /// The limit of failed logins from one address, for all login names.
    package var addressLimit = RateLimit(burst: 60, perSecond: 1)
    /// The limit of registrations from one address.
    package var registrationLimit = RateLimit(burst: 20, perSecond: 0.1)
    /// The cost of hashing a password.
    package var passwordCost = PasswordCost.interactive
    /// Threads that hash passwords.
    package var passwordThreads = 2
    /// The most logins that may wait for a hash, including those being hashed; more are answered with 503.
    package var maxWaitingLogins = 64
    /// Largest body of a request, in bytes.
    package var maxBodyBytes = 16 * 1024
    /// How long a request may take to arrive (a connection's first request from the accept on) before it is cut off.
    package var handshakeTimeout = TimeAmount.seconds(10)
    /// How long an HTTP connection may stay open without a request.
    package var idleTimeout = Duration.seconds(60)
    /// The most connections that wait to be accepted, in the kernel.
    package var backlog = 4096

    /// Makes the default configuration.
    package init() {}
}
