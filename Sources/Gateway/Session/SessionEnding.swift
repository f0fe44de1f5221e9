import NIOCore
package import Transport
package import Wire

/// How the server ends a session: the close code, and what the client is told before.
package struct SessionEnding: Sendable, Equatable {
    /// The code of the close frame; its reason is the refusal's text.
    package var closeCode: CloseCode
    /// The error message before the close frame.
    package var refusal: Refusal

    /// Describes an ending.
    ///
    /// - Parameters:
    ///   - closeCode: The code of the close frame.
    ///   - refusal: The error message before the close frame, which says whether the client should come back by itself.
    package init(_ closeCode: CloseCode, _ refusal: Refusal) {
        self.closeCode = closeCode
        self.refusal = refusal
    }

    /// The player has a newer session on another map.
    static let replaced = SessionEnding(
        .replaced,
        Refusal(code: "replaced", text: "this player has connected again elsewhere", comingBack: .unwelcome))

    /// An operator ended the session.
    package static let ended = SessionEnding(
        .policyViolation,
        Refusal(code: "ended", text: "an operator ended this session; log in again", comingBack: .unwelcome))

    /// An operator erased the player.
    package static let erased = SessionEnding(
        .policyViolation,
        Refusal(code: "erased", text: "this account and its player were deleted", comingBack: .unwelcome))
}

/// The endings by rules of the session.
extension SessionEnding {
    private init(_ closeCode: CloseCode, _ code: String, _ text: String, _ comingBack: Refusal.Return) {
        self.init(closeCode, Refusal(code: code, text: text, comingBack: comingBack))
    }

    /// The player's record can't be read.
    static let notLoaded = SessionEnding(
        .internalError, "internal", "the player could not be loaded; try again", .welcome(retry: 5))

    /// The map has too much waiting to take a player.
    static let mapFull = SessionEnding(
        .tryAgainLater, "map_starting", "the map is starting or full; try again", .welcome(retry: 2))

    /// The server is stopping.
    static let serverStops = SessionEnding(
        .goingAway, "shutting_down", "the server is stopping", .welcome(retry: 2))

    /// The process has too many bytes waiting, and this client reads too slowly.
    static let shed = SessionEnding(
        .tryAgainLater, "send_memory",
        "too much waits for all clients together and this one reads too slowly; connect again", .welcome(retry: 1))

    /// The player's map does not run, and nothing says why.
    static func noMap(_ mapID: Int) -> SessionEnding {
        SessionEnding(.internalError, "no_map", "the player's map \(mapID) is not running", .welcome(retry: 5))
    }

    /// The client was silent for too long.
    static func timeout(after silence: TimeAmount) -> SessionEnding {
        SessionEnding(
            .goingAway, "timeout", "nothing was heard for \(silence.nanoseconds / 1_000_000_000) s", .welcome(retry: 1))
    }

    /// The client's connection broke a rule of the protocol.
    static func violation(_ closeCode: CloseCode, code: String, _ description: String) -> SessionEnding {
        SessionEnding(closeCode, code, description, .unwelcome)
    }

    /// Too many of the client's messages were refused.
    static func tooManyRefusals(_ limits: SessionLimits) -> SessionEnding {
        SessionEnding(
            .policyViolation, "too_many_refusals",
            "\(limits.maxRefusals) refusals within \(limits.refusalWindow.nanoseconds / 1_000_000_000) s", .unwelcome)
    }
}
