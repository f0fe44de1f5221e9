/// One key of `game.yaml` with its default, range and documentation. ``all`` has a row for each key.
///
/// These rows are used to read the file, for its messages and defaults, and for the report of a reload; a test compares
/// the table in `docs/game-folder.md` with them.
package struct Setting: Sendable {
    /// What a changed value applies to.
    package enum Effect: String, Sendable {
        /// The running game.
        case atOnce = "the running game"
        /// Connections that are made after the change.
        case nextConnection = "new connections"
        /// The server from its next start on.
        case nextStart = "the next start"
    }

    /// The unit of a number.
    package enum Unit: String, Sendable {
        case bytes, ms, seconds, tiles
        case hertz = "Hz"
        case mebibytes = "MiB"
        case perSecond = "a second"
        case perMinute = "a minute"
    }

    /// The key in the file.
    package let name: String
    /// The default as the documentation shows it.
    package let fallback: String
    /// The values that may be written, as the documentation shows them.
    package let allowed: String
    /// The unit of the number; `nil` for plain counts, and for values that are no numbers.
    package let unit: Unit?
    /// What a changed value applies to.
    package let effect: Effect
    /// What the key means, in Markdown.
    package let about: String

    /// Sets the default in a configuration.
    let reset: @Sendable (inout GameConfiguration) -> Void
    /// Sets a value of the file in a configuration.
    let read: @Sendable (SettingValue, inout GameConfiguration) throws(SettingMistake) -> Void
    /// The value as reports show it; `nil` for a key whose value is no part of a configuration.
    let shown: @Sendable (GameConfiguration) -> String?

    /// The key's line of the table in the documentation.
    package var documentation: String {
        let cells = ["`\(name)`", fallback, allowed, unit?.rawValue ?? "", effect.rawValue, about]
        return cells.map { $0.isEmpty ? "| " : "| \($0) " }.joined() + "|"
    }

    /// Every key, in the order of the documentation.
    package static let all = game + connections + webRTC + peerNetwork

    /// Every key's name, in alphabetical order.
    static let names = all.map(\.name).sorted()

    /// The row of a key; `nil` for a name that is not a key.
    static func named(_ name: String) -> Setting? { byName[name] }

    private static let byName = Dictionary(uniqueKeysWithValues: all.map { ($0.name, $0) })
}

// MARK: Kinds of rows

extension Setting {
    /// The key path of a value in a configuration.
    typealias Place<Value> = any WritableKeyPath<GameConfiguration, Value> & Sendable

    /// A row for a whole number that is stored as it is written.
    static func whole(
        _ name: String, _ place: Place<Int>, default fallback: Int, _ range: ClosedRange<Int>, unit: Unit? = nil,
        for effect: Effect = .atOnce, allowed: String? = nil, shownDefault: String? = nil, _ about: String
    ) -> Setting {
        number(
            name, place, default: fallback, range, unit, effect, allowed: allowed, shownDefault: shownDefault, about,
            value: { $0 }, shown: { "\($0)" })
    }

    /// A row for a choice between `true` and `false`; the default is `false`.
    static func flag(_ name: String, _ place: Place<Bool>, for effect: Effect = .atOnce, _ about: String) -> Setting {
        Setting(
            name: name, fallback: "false", allowed: "true or false", unit: nil, effect: effect, about: about,
            reset: { $0[keyPath: place] = false },
            read: { (value, configuration) throws(SettingMistake) in
                switch value.string {
                case "true": configuration[keyPath: place] = true
                case "false": configuration[keyPath: place] = false
                default: throw SettingMistake("\(name) is \(value.shown); it must be true or false")
                }
            }, shown: { "\($0[keyPath: place])" })
    }

    /// A row for a time in milliseconds.
    static func milliseconds(
        _ name: String, _ place: Place<Duration>, default fallback: Int, _ range: ClosedRange<Int>, _ about: String
    ) -> Setting {
        number(
            name, place, default: fallback, range, .ms, .atOnce, about, value: { .milliseconds($0) },
            shown: { "\($0 / .milliseconds(1))" })
    }

    /// A row for a size that is written in units of 1,048,576 bytes and stored in bytes.
    static func mebibytes(
        _ name: String, _ place: Place<Int>, default fallback: Int, _ range: ClosedRange<Int>, _ about: String
    ) -> Setting {
        number(
            name, place, default: fallback, range, .mebibytes, .atOnce, about, value: { $0 << 20 },
            shown: { "\($0 >> 20)" })
    }

    private static func number<Value>(
        _ name: String, _ place: Place<Value>, default fallback: Int, _ range: ClosedRange<Int>, _ unit: Unit?,
        _ effect: Effect, allowed: String? = nil, shownDefault: String? = nil, _ about: String,
        value: @escaping @Sendable (Int) -> Value, shown: @escaping @Sendable (Value) -> String
    ) -> Setting {
        Setting(
            name: name, fallback: shownDefault ?? grouped(fallback),
            allowed: allowed ?? "\(grouped(range.lowerBound)) to \(grouped(range.upperBound))", unit: unit,
            effect: effect, about: about, reset: { $0[keyPath: place] = value(fallback) },
            read: { (written, configuration) throws(SettingMistake) in
                configuration[keyPath: place] = value(try written.whole(range, as: name))
            }, shown: { shown($0[keyPath: place]) })
    }

    /// A number with a comma between groups of three digits.
    private static func grouped(_ number: Int) -> String {
        let digits = Array(String(number))
        var text = ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index).isMultiple(of: 3) { text.append(",") }
            text.append(digit)
        }
        return text
    }
}
