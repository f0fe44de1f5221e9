package import GameFolder
import GameRules
import NIOCore

extension GatewayConfiguration {
    /// Adopts the settings of `game.yaml` for logins and connections, and what players may know of the game.
    ///
    /// - Parameters:
    ///   - game: The game.
    ///   - unlimitedLogins: Whether the limits per address for logins and registrations are lifted.
    package mutating func adopt(_ game: GameDefinition, unlimitedLogins: Bool) {
        startMap = game.startMapID
        declarations = GameDeclarations(game)
        tickRateHz = Double(game.configuration.tickRate)
        sockets = SocketRules(
            hasScripts: game.hasSocketScripts, allowsGuests: game.configuration.takesSocketGuests,
            recoveryTime: .seconds(Int64(game.configuration.socketRecoverySeconds)))
        positionDecimals = game.configuration.positionDecimals
        origins = OriginPolicy(allowed: game.configuration.allowedOrigins)
        trustedProxies = TrustedProxies(game.configuration.trustedProxies)
        metricsArePublic = game.configuration.metricsArePublic
        session.maxMessageBytes = game.configuration.maxMessageBytes
        session.commandRate = RateLimit(
            burst: Double(game.configuration.commandBurst), perSecond: Double(game.configuration.commandRate))
        session.sendBufferBytes = game.configuration.sendBufferBytes
        peerNetwork = game.configuration.peerNetwork
        webRTC = game.configuration.webRTC
        let offers = Double(webRTC.offersPerMinute)
        offerLimit = RateLimit(burst: offers, perSecond: offers / 60)
        adopt(game.configuration.connections)
        if unlimitedLogins {
            let unlimited = RateLimit(burst: 1_000_000, perSecond: 1_000_000)
            addressLimit = unlimited
            successfulLoginLimit = unlimited
            registrationLimit = unlimited
            offerLimit = unlimited
        }
    }

    private mutating func adopt(_ settings: ConnectionSettings) {
        func rate(_ burst: Int, _ perMinute: Int) -> RateLimit {
            RateLimit(burst: Double(burst), perSecond: Double(perMinute) / 60)
        }
        handshakeTimeout = .seconds(Int64(settings.handshakeSeconds))
        idleTimeout = .seconds(settings.idleHTTPSeconds)
        resumeTime = .seconds(settings.resumeSeconds)
        maxSessions = settings.maxSessions
        sendMemoryBytes = settings.sendMemoryMB << 20
        maxConnectionsPerAddress = settings.maxConnectionsPerAddress
        maxBodyBytes = settings.maxBodyBytes
        maxWaitingLogins = settings.maxWaitingLogins
        loginLimit = rate(settings.loginBurst, settings.loginsPerMinute)
        unknownAddressLoginLimit = rate(settings.strangerBurst, settings.strangersPerMinute)
        successfulLoginLimit = rate(settings.reloginBurst, settings.reloginsPerMinute)
        addressLimit = rate(settings.addressBurst, settings.addressPerMinute)
        registrationLimit = rate(settings.registrationBurst, settings.registrationsPerMinute)
        session.loadRate = rate(settings.loadBurst, settings.loadsPerMinute)
        session.maxJSONDepth = settings.maxJSONDepth
        session.maxRefusals = settings.maxRefusals
        session.refusalWindow = .seconds(Int64(settings.refusalSeconds))
        session.drainTimeout = .seconds(Int64(settings.drainSeconds))
        session.pingInterval = .seconds(Int64(settings.pingSeconds))
        session.deadAfter = .seconds(Int64(settings.deadAfterSeconds))
        session.closeTimeout = .seconds(Int64(settings.closeSeconds))
    }
}
