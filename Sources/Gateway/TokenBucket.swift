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
struct TokenBucket: Sendable {
    let limit: RateLimit
    private var tokens: Double
    private var filledAt: Duration

    init(_ limit: RateLimit, now: Duration) {
        self.limit = limit
        tokens = limit.burst
        filledAt = now
    }

    /// Takes tokens if there are enough.
    ///
    /// - Parameters:
    ///   - count: How many; more than `burst` takes a full bucket.
    ///   - now: The time; an earlier one than before counts as the same.
    /// - Returns: Whether they were there; if not, nothing is taken.
    mutating func take(_ count: Double = 1, now: Duration) -> Bool {
        fill(now)
        let count = min(count, limit.burst)
        guard tokens >= count else { return false }
        tokens -= count
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
        tokens = min(limit.burst, tokens + (now - filledAt).seconds * limit.perSecond)
        filledAt = now
    }
}

extension Duration {
    /// The duration in seconds.
    var seconds: Double { Double(components.seconds) + Double(components.attoseconds) * 1e-18 }
}
