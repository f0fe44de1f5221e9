import GameRules
import LuaSyntax
import World

/// What one script does with `data`, the table of the event's parameters.
struct ParameterUse {
    /// Whether the script assigns fields of `data` anywhere.
    private let assignsFields: Bool
    private var reads: [String: [SourcePosition]] = [:]
    private var writes: Set<String> = []
    private var escapes = false
    private var isAliased = false

    init(_ uses: GlobalUses) {
        assignsFields =
            uses.byName["data"]?.contains { if case .memberWrite = $0.kind { true } else { false } } ?? false
    }

    /// Whether a parameter may have another value than the one that the event came with.
    var mayBeChanged: Bool { assignsFields || isAliased }

    /// Notes that `data.NAME` is read.
    mutating func noteRead(_ name: String, _ position: SourcePosition) { reads[name, default: []].append(position) }

    /// Notes that `data.NAME` is assigned; `nil` for a name that is known only when the script runs.
    mutating func noteWrite(_ name: String?) {
        if let name { writes.insert(name) } else { escapes = true }
    }

    /// Notes that `data` goes where its reads can't be seen.
    mutating func noteEscape() { escapes = true }

    /// Notes that `data` has a second name, under which its fields may be assigned.
    mutating func noteAlias() { isAliased = true }

    /// Reports the parameters that are read and not declared, and those that are declared and not read.
    ///
    /// - Parameters:
    ///   - event: What the script declares.
    ///   - source: The script's text.
    /// - Returns: Errors and warnings; none when `data` goes where its reads can't be seen.
    func problems(of event: EventDefinition, source: [UInt8]) -> [(Diagnostic.Severity, SourcePosition, String)] {
        guard !escapes else { return [] }
        var found: [(Diagnostic.Severity, SourcePosition, String)] = []
        for (name, positions) in reads
        where !writes.contains(name) && !event.parameters.contains(where: { $0.name == name }) {
            let hint = Suggestion.hint(forName: name, among: event.parameters.map(\.name))
            let advice = hint.isEmpty ? "; declare it with --@param" : hint
            for position in positions {
                found.append((.error, position, "the event declares no parameter '\(name)'\(advice)"))
            }
        }
        let unread = event.parameters.filter { reads[$0.name] == nil }
        guard !unread.isEmpty else { return found }
        let declarations = LuaAnnotations(source).all.filter { $0.name == "param" }
        for parameter in unread {
            let declaration = declarations.first { $0.value.prefix { !$0.isWhitespace } == parameter.name }
            let position = declaration?.valuePosition ?? SourcePosition(line: 1, column: 1)
            found.append((.warning, position, "parameter \(parameter.name) is declared and never read"))
        }
        return found
    }
}
