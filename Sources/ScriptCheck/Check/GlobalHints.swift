import GameRules

/// What was meant by globals that nobody defines, as messages say it.
struct GlobalHints {
    /// How many names of one file are compared with all others: after so many it is no typing mistake any more.
    private static let limit = 100

    private let makeNames: () -> [String]
    private lazy var names = makeNames()
    private var known: [String: String] = [:]

    /// - Parameter names: Every name that could have been meant; asked for once, when the first hint is needed.
    init(among names: @escaping () -> [String]) { makeNames = names }

    /// The end of a message about a global; empty when no name is near, or ``limit`` names were compared before.
    mutating func hint(for name: String) -> String {
        if let hint = known[name] { return hint }
        guard known.count < Self.limit else { return "" }
        let hint = Suggestion.hint(forName: name, among: names)
        known[name] = hint
        return hint
    }
}
