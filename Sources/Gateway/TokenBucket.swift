/// How often something may happen: `burst` at once, `perSecond` in the long run.
package struct RateLimit: Sendable, Equatable {
    /// How many at once, at least 1.
    package var burst: Double
    /// How many a second in the long run, more than 0.
    package var perSecond: Double

    /// Makes a limit.
    ///
    /// - Parameters:
    ///   - burst: How many at once.
    ///   - perSecond: How many a second in the long run.
    package init(burst: Double, perSecond: Double) {
        self.burst = max(burst, 1)
        self.perSecond = max(perSecond, 1e-6)
    }
}

/// A bucket that holds `burst` tokens and fills at `perSecond`; what happens takes a token.
///
/// While the server is paused nothing can be taken, and what happened meanwhile comes all at once afterwards. So the
/// bucket then holds also what it would have overflowed with; once taken, that does not fill again.
struct TokenBucket: Sendable {
    /// The longest pause that is made up for, in seconds: what a client can send in it fits the buffers of the kernel.
    private static let longestPause = 60.0

    let limit: RateLimit
    private var tokens: Double
    private var filledAt: Duration
    /// What the bucket may hold beyond `burst`.
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
    ///   - count: How many; more than `burst` takes a full bucket.
    ///   - now: The time; an earlier one than before counts as the same.
    ///   - paused: How long the server's pauses were so far, all together.
    /// - Returns: Whether they were there; if not, nothing is taken.
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

    /// Puts a token back, for something that turned out not to count.
    mutating func giveBack() { tokens = min(tokens + 1, limit.burst) }

    /// Seconds until one token is there; 0 when it is.
    mutating func wait(now: Duration) -> Double {
        fill(now)
        return max(0, (1 - tokens) / limit.perSecond)
    }

    /// Whether nothing was taken lately, so that forgetting the bucket changes nothing.
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
