import Foundation

/// The results: each row has a name, the two times or a figure with its unit, the target, and whether it is met.
struct Table {
    private var missed = 0

    init() {
        line("what", "ours", "other", "ratio", "target", "")
    }

    /// Adds a ratio of two measured times that must not be above the target.
    mutating func ratio(_ what: String, _ pair: Pair, atMost target: Double) {
        add(
            what, "\(number(pair.ours)) ns", "\(number(pair.theirs)) ns", pair.ratio, "at most \(number(target))",
            pair.ratio <= target)
    }

    /// Adds how many times faster ours is than theirs; this must not be below the target.
    mutating func speedup(_ what: String, ours: Double, theirs: Double, atLeast target: Double) {
        add(
            what, "\(number(ours)) ns", "\(number(theirs)) ns", theirs / ours, "at least \(number(target))",
            theirs / ours >= target)
    }

    /// Adds a figure that must be below the target.
    mutating func figure(_ what: String, _ value: Double, _ unit: String, under target: Double) {
        add(what, "\(number(value)) \(unit)", "", nil, "under \(number(target)) \(unit)", value < target)
    }

    /// - Returns: The number of missed targets.
    func end() -> Int {
        print(missed == 0 ? "all targets are met" : "\(missed) missed")
        return missed
    }

    private mutating func add(
        _ what: String, _ ours: String, _ other: String, _ ratio: Double?, _ target: String, _ isMet: Bool
    ) {
        if !isMet { missed += 1 }
        line(what, ours, other, ratio.map { String(format: "%.3f", $0) } ?? "", target, isMet ? "ok" : "MISSED")
    }

    private func line(
        _ what: String, _ ours: String, _ other: String, _ ratio: String, _ target: String, _ verdict: String
    ) {
        func right(_ text: String, _ width: Int) -> String {
            String(repeating: " ", count: max(width - text.count, 0)) + text
        }
        let name = what.padding(toLength: 46, withPad: " ", startingAt: 0)
        print(
            "\(name)\(right(ours, 12))\(right(other, 12))\(right(ratio, 9))  \(target.padding(toLength: 18, withPad: " ", startingAt: 0))\(verdict)"
        )
    }

    private func number(_ value: Double) -> String {
        value == value.rounded() || value >= 1000 ? String(format: "%.0f", value) : String(format: "%.4g", value)
    }
}
