/// How long saving has failed, and which failures are reported: the first one at once, and then at most one a minute.
///
/// So a store that fails for hours, or every second time, does not fill the log. Time is an argument, by any clock that
/// never goes back.
struct SaveFailures {
    /// What is reported of failures that follow each other.
    struct Report: Equatable {
        /// The time since the first of them.
        var duration: Duration
        /// How many there are.
        var count: Int
    }

    /// The time between two reports of failures.
    static let period = Duration.seconds(60)

    private var start: Duration?
    private var count = 0
    private var lastReport: Duration?
    /// Whether any of these failures was reported; only then their end is.
    private var isReported = false

    /// How long saving has failed.
    ///
    /// - Parameter now: The time.
    /// - Returns: The time since the first failure; `nil` while saving works.
    func duration(at now: Duration) -> Duration? { start.map { now - $0 } }

    /// Notes a failure.
    ///
    /// - Parameter now: The time.
    /// - Returns: What to report; `nil` when another failure was reported less than a minute ago.
    mutating func failed(at now: Duration) -> Report? {
        let since = start ?? now
        start = since
        count += 1
        if let lastReport, now - lastReport < Self.period { return nil }
        lastReport = now
        isReported = true
        return Report(duration: now - since, count: count)
    }

    /// Notes that saving works.
    ///
    /// - Parameter now: The time.
    /// - Returns: What to report of the failures before; `nil` when nobody heard of them.
    mutating func succeeded(at now: Duration) -> Report? {
        let report = start.map { Report(duration: now - $0, count: count) }
        defer { (start, count, isReported) = (nil, 0, false) }
        return isReported ? report : nil
    }
}

extension Clock where Duration == Swift.Duration {
    /// A function that returns the time since this call.
    func stopwatch() -> @Sendable () -> Duration {
        let start = now
        return { start.duration(to: now) }
    }
}
