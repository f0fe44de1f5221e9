package import Transport
package import Wire

/// How the server ends a session: the close code, and what the client is told before.
package struct SessionEnding: Sendable, Equatable {
    /// The code of the close frame; its reason is the refusal's text.
    package var closeCode: CloseCode
    /// The error message before the close frame.
    package var refusal: Refusal

    /// Makes an ending after which the client should not come back by itself.
    ///
    /// - Parameters:
    ///   - closeCode: The code of the close frame.
    ///   - refusal: The error message before the close frame.
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
