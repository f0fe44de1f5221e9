/// Writes Prometheus' text format, version 0.0.4.
struct PrometheusText {
    private(set) var text = ""

    /// Begins a family; its samples follow.
    mutating func begin(_ family: MetricFamily) {
        let help = Self.escaped(family.help, isLabel: false)
        text += "# HELP \(family.name) \(help)\n# TYPE \(family.name) \(family.kind.rawValue)\n"
    }

    /// Adds a sample.
    ///
    /// - Parameters:
    ///   - family: Its family.
    ///   - labels: The values of the family's labels, in order.
    ///   - value: The value.
    ///   - suffix: What follows the family's name.
    ///   - bound: The upper bound of a histogram's bucket.
    mutating func add(
        _ family: MetricFamily, _ labels: [String], _ value: Double, suffix: String = "", bound: Double? = nil
    ) {
        text += family.name
        text += suffix
        var separator = "{"
        for (name, label) in zip(family.labels, labels) {
            text += "\(separator)\(name)=\"\(Self.escaped(label, isLabel: true))\""
            separator = ","
        }
        if let bound {
            text += "\(separator)le=\"\(Self.number(bound))\""
            separator = ","
        }
        if separator == "," { text += "}" }
        text += " \(Self.number(value))\n"
    }

    private static func escaped(_ text: String, isLabel: Bool) -> String {
        var escaped = ""
        for character in text.unicodeScalars {
            switch character {
            case "\\": escaped += "\\\\"
            case "\n": escaped += "\\n"
            case "\"" where isLabel: escaped += "\\\""
            default: escaped.unicodeScalars.append(character)
            }
        }
        return escaped
    }

    private static func number(_ value: Double) -> String {
        if let whole = Int64(exactly: value) { return "\(whole)" }
        if value.isInfinite { return value > 0 ? "+Inf" : "-Inf" }
        return value.isNaN ? "NaN" : "\(value)"
    }
}
