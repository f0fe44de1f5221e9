/// A rate limit: `burst` events at once, `perSecond` on average in the long run.
package struct RateLimit: Sendable, Equatable {
    /// The most events at once, at least 1.
    package var burst: Double
    /// The most events per second in the long run, more than 0.
    package var perSecond: Double

    /// Makes a limit.
    ///
    /// - Parameters:
    ///   - burst: The most events at once; values below 1 count as 1.
    ///   - perSecond: The most events per second in the long run.
    package init(burst: Double, perSecond: Double) {
        self.burst = max(burst, 1)
        self.perSecond = max(perSecond, 1e-6)
    }
}

/// A bucket that holds at most `burst` tokens and gains `perSecond` tokens per second; each event takes a token.
///
/// While the server is paused, no token can be taken, and the events of that time arrive all at once afterwards. So the
/// bucket keeps the tokens of a pause even above `burst`; this extra room does not fill again after its tokens are
/// taken.
struct TokenBucket: Sendable {
    /// The longest pause that adds extra tokens, in seconds: what a client can send during it fits the buffers of the
    /// kernel.
    private static let longestPause = 60.0

    let limit: RateLimit
    private var tokens: Double
    private var filledAt: Duration
    /// The tokens that the bucket may hold above `burst`.
    private var extra = 0.0
    private var pausedBefore: Duration

    init(_ limit: RateLimit, now: Duration, paused: Duration = .zero) {
        self.limit = limit
        tokens = limit.burst
        filledAt = now
        pausedBefore = paused
    }

    /// Takes tokens if there are enough.
    ///
    /// - Parameters:
    ///   - count: The number of tokens; more than `burst` counts as `burst`.
    ///   - now: The time; a time before the last one adds no tokens.
    ///   - paused: The total time of the server's pauses so far.
    /// - Returns: Whether there were enough tokens; if not, none is taken.
    mutating func takeTokens(_ count: Double = 1, now: Duration, paused: Duration = .zero) -> Bool {
        if paused > pausedBefore {
            let longest = Self.longestPause * limit.perSecond
            extra = min(longest, extra + (paused - pausedBefore).seconds * limit.perSecond)
            pausedBefore = paused
        }
        fill(now)
        let count = min(count, limit.burst)
        guard tokens >= count else { return false }
        tokens -= count
        extra = min(extra, max(0, tokens - limit.burst))
        return true
    }

    /// Puts a token back, for an event that turned out not to count.
    mutating func giveBack() { tokens = min(tokens + 1, limit.burst) }

    /// The seconds until the bucket has one token; 0 when it has one.
    mutating func wait(now: Duration) -> Double {
        fill(now)
        return max(0, (1 - tokens) / limit.perSecond)
    }

    /// Whether the bucket is full; a full bucket can be removed and made again without a difference.
    mutating func isFull(now: Duration) -> Bool {
        fill(now)
        return tokens >= limit.burst
    }

    private mutating func fill(_ now: Duration) {
        guard now > filledAt else { return }
        tokens = min(limit.burst + extra, tokens + (now - filledAt).seconds * limit.perSecond)
        filledAt = now
    }
}

extension Duration {
    /// The duration in seconds.
    var seconds: Double { Double(components.seconds) + Double(components.attoseconds) * 1e-18 }
}
