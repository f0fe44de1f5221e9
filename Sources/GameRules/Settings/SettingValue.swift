/// A value of `game.yaml`, independent of YAML.
package enum SettingValue: Sendable {
    /// A word or text; `isPlain` when it is written without quotes.
    case text(String, isPlain: Bool)
    /// A list of values.
    case list([SettingValue])
    /// A table of keys with values, which are not kept.
    case table

    /// The text; `nil` for lists and tables.
    var string: String? { if case .text(let text, _) = self { text } else { nil } }

    /// The value for a message: short, on one line.
    var shown: String {
        switch self {
        case .list: return "a list"
        case .table: return "a table of keys"
        case .text(let text, _):
            if text.isEmpty { return "empty" }
            return text.count > 60 || text.contains(where: \.isNewline) ? "a long text" : "\"\(text)\""
        }
    }

    /// The value as a whole number in a range.
    func whole(_ range: ClosedRange<Int>, as key: String) throws(SettingMistake) -> Int {
        // YAML's other ways of writing numbers (010 is 8, 1:30 is 90) are hardly ever meant.
        guard case .text(let text, isPlain: true) = self, let value = Int(text), range.contains(value) else {
            throw SettingMistake(
                "\(key) is \(shown); it must be a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return value
    }
}

/// Why a key of `game.yaml` or its value is not accepted.
package struct SettingMistake: Error {
    /// The part of a setting that a mistake is in.
    package enum Place: Sendable, Equatable {
        /// The key with this name.
        case key(String)
        /// The value.
        case value
        /// One value of a list, by its index from 0.
        case element(Int)
    }

    /// What is wrong and what is allowed.
    package let message: String
    /// The part of the setting that the mistake is in.
    package let place: Place
    /// Further mistakes in the same value.
    package private(set) var others: [SettingMistake] = []

    init(_ message: String, at place: Place = .value) {
        self.message = message
        self.place = place
    }

    /// This mistake together with others in the same value.
    func and(_ others: some Sequence<SettingMistake>) -> SettingMistake {
        var mistake = self
        mistake.others += others
        return mistake
    }
}
