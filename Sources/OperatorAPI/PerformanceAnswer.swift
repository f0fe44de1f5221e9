package import JSONValues

/// The part of the server's answer to `GET /server/api/log_performance/MAP` that programs need.
package struct PerformanceAnswer: Sendable, Equatable {
    /// The longest tick of the last seconds, in milliseconds; 0 when there was none.
    package var longestTickMs: Double
    /// The longest CPU time of a tick of the last seconds, in milliseconds; 0 when there was none.
    package var longestTickCPUMs: Double
    /// The texts of the map's latest log lines, oldest first.
    package var log: [String]

    /// Reads an answer.
    ///
    /// Fields that are missing or of another type count as 0 or empty.
    ///
    /// - Parameter json: The server's answer.
    package init(_ json: JSON) {
        let status = json.object?["status"]?.object
        longestTickMs = status?["tick_recent_max_ms"]?.number ?? 0
        longestTickCPUMs = status?["tick_recent_max_cpu_ms"]?.number ?? 0
        log = (json.object?["log"]?.array ?? []).compactMap { $0.object?["text"]?.string }
    }
}
