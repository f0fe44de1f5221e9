import NIOCore
import Wire

/// Limits how fast a client may send and how often it may be refused [1-protocol 3].
struct CommandRates {
    private let maxRefusals: Int
    private let refusalWindow: TimeAmount
    private var commands: TokenBucket
    private var snapshots: TokenBucket
    /// The times of the latest refusals, oldest first; at most `maxRefusals`.
    private var refusals: [NIODeadline] = []

    /// Starts with full buckets.
    ///
    /// - Parameters:
    ///   - limits: The limits of the session.
    ///   - now: The time.
    ///   - paused: How long the server's pauses were so far.
    init(_ limits: SessionLimits, now: NIODeadline, paused: TimeAmount) {
        maxRefusals = limits.maxRefusals
        refusalWindow = limits.refusalWindow
        commands = TokenBucket(limits.commandRate, now: now.sinceStart, paused: paused.duration)
        snapshots = TokenBucket(limits.loadRate, now: now.sinceStart, paused: paused.duration)
    }

    /// Counts a message of a client: a command, a malformed message, a ping or a pong.
    ///
    /// - Returns: Whether the message is within the rate.
    mutating func countMessage(now: NIODeadline, paused: TimeAmount) -> Bool {
        commands.takeTokens(now: now.sinceStart, paused: paused.duration)
    }

    /// Counts a command.
    ///
    /// - Parameters:
    ///   - command: The command; a request for a snapshot also counts against the rate of snapshots.
    ///   - now: The time.
    ///   - paused: How long the server's pauses were so far.
    /// - Returns: The refusal; `nil` for a command within its rates.
    mutating func refusal(of command: Command, now: NIODeadline, paused: TimeAmount) -> CommandError? {
        guard countMessage(now: now, paused: paused) else {
            return CommandError(
                .rateLimited, excess(of: "commands"), action: command.action, commandID: command.commandID)
        }
        guard command.isLoad, !snapshots.takeTokens(now: now.sinceStart, paused: paused.duration) else { return nil }
        let rate = snapshots.limit
        return CommandError(
            .rateLimited,
            "more than \(Int((rate.perSecond * 60).rounded())) snapshots a minute with bursts of \(Int(rate.burst)); "
                + "ask again in \(Int(snapshots.wait(now: now.sinceStart).rounded(.up))) s",
            action: command.action, commandID: command.commandID)
    }

    /// Why a message that ``countMessage(now:paused:)`` did not allow is refused.
    ///
    /// - Parameter messages: What the client sends, in the plural.
    /// - Returns: The text for people.
    func excess(of messages: String) -> String {
        let rate = commands.limit
        return "more than \(Int(rate.perSecond)) \(messages) a second with bursts of \(Int(rate.burst))"
    }

    /// Counts a refusal.
    ///
    /// - Parameter now: The time.
    /// - Returns: Whether the client was refused too often in `refusalWindow`, so that its session must end.
    mutating func countRefusal(at now: NIODeadline) -> Bool {
        refusals.removeAll { now - $0 > refusalWindow }
        refusals.append(now)
        return refusals.count >= maxRefusals
    }
}

extension TimeAmount {
    /// The same as a duration.
    var duration: Duration { .nanoseconds(nanoseconds) }
}

extension NIODeadline {
    /// The time since the clock's start, as a duration.
    var sinceStart: Duration { .nanoseconds(Int64(bitPattern: uptimeNanoseconds)) }
}
