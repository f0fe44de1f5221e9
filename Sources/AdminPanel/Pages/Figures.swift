import Foundation

/// Numbers as people read them.
enum Figures {
    /// A number with so many digits after the point.
    static func number(_ value: Double, _ digits: Int) -> String { String(format: "%.\(digits)f", value) }

    /// A number of bytes: `512 B`, `1.5 KiB`, `12.0 MiB`.
    static func bytes(_ value: Double) -> String {
        var (value, unit) = (value, "B")
        for larger in ["KiB", "MiB", "GiB"] where value >= 1024 { (value, unit) = (value / 1024, larger) }
        return "\(number(value, unit == "B" ? 0 : 1)) \(unit)"
    }

    /// A number of ticks a second that a map could run: whole, and above 1,000 in thousands.
    static func possible(_ fps: Double?) -> String {
        guard let fps else { return "–" }
        return fps < 1000 ? number(fps, 0) : fps < 100_000 ? "\(number(fps / 1000, 1)) k" : "> 100 k"
    }

    /// A share of something with many parts; a dash without any part.
    static func each(_ value: Double, of count: Int, _ format: (Double) -> String) -> String {
        count == 0 ? "–" : format(value / Double(count))
    }

    /// Seconds as people say them: `12 s`, `5 min`, `2 h`.
    static func duration(_ seconds: Double) -> String {
        switch seconds {
        case ..<100: "\(Int(seconds)) s"
        case ..<6000: "\(Int(seconds / 60)) min"
        default: "\(Int(seconds / 3600)) h"
        }
    }
}
