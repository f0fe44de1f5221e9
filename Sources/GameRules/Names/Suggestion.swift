/// The word that the author of a wrong one may have meant.
///
/// Words in files (keys, types, annotations) are compared without regard to case. Names in scripts are compared as they
/// are written, and more strictly: a wrong suggestion for a working name costs more than none.
package enum Suggestion {
    // MARK: Words

    /// `; did you mean WORD?` with the allowed word that looks most like it; empty when none comes near.
    ///
    /// - Parameters:
    ///   - word: The wrong word.
    ///   - allowed: The words to choose from; of several that come as near, the first is taken.
    /// - Returns: The hint, to be put behind a message.
    package static func hint(for word: String, among allowed: some Sequence<String>) -> String {
        nearest(to: word, among: allowed).map { "; did you mean \($0)?" } ?? ""
    }

    /// The allowed word that at most a third of the letters tell from this one, and one for short words.
    ///
    /// - Parameters:
    ///   - word: The wrong word.
    ///   - allowed: The words to choose from; of several that come as near, the first is taken.
    /// - Returns: The word, or `nil` when none comes near.
    package static func nearest(to word: String, among allowed: some Sequence<String>) -> String? {
        let letters = Array(word.lowercased().utf8)
        // So long a text is no mistyped name.
        guard !letters.isEmpty, letters.count <= 64 else { return nil }
        var best: (distance: Int, word: String)?
        for candidate in allowed {
            let distance = distance(letters, Array(candidate.lowercased().utf8))
            if distance <= max(1, letters.count / 3), best.map({ distance < $0.distance }) ?? true {
                best = (distance, candidate)
            }
        }
        return best?.word
    }

    // MARK: Names in scripts

    /// `; did you mean 'NAME'?` with the closest of some names; empty when none is close.
    ///
    /// - Parameters:
    ///   - name: The wrong name.
    ///   - names: The names to choose from.
    /// - Returns: The hint, to be put behind a message.
    package static func hint(forName name: String, among names: some Sequence<String>) -> String {
        nearest(toName: name, among: names).map { "; did you mean '\($0)'?" } ?? ""
    }

    /// The name that takes the fewest slips from what was written: one in three letters at most, and three in all.
    ///
    /// - Parameters:
    ///   - name: The wrong name.
    ///   - names: The names to choose from; of several that come as near, the first in the alphabet is taken.
    /// - Returns: The name, or `nil` when none comes near.
    package static func nearest(toName name: String, among names: some Sequence<String>) -> String? {
        let limit = max(1, min(3, name.utf8.count / 3))
        let (wanted, letters, lowercased) = (Array(name.utf8), letters(of: name), name.lowercased())
        var best: (name: String, distance: Int)?
        for candidate in names where candidate != name {
            if abs(candidate.utf8.count - wanted.count) > limit { continue }
            // Each slip changes at most two of the letters that occur.
            if (Self.letters(of: candidate) ^ letters).nonzeroBitCount > 2 * limit + 2 { continue }
            if candidate.lowercased() == lowercased { return candidate }
            let distance = distance(wanted, Array(candidate.utf8))
            // Of names of one letter each is one slip from any other.
            guard distance <= limit, distance < candidate.utf8.count else { continue }
            if let best, (best.distance, best.name) < (distance, candidate) { continue }
            best = (candidate, distance)
        }
        return best?.name
    }

    /// A bit for each letter that occurs, whatever its case.
    private static func letters(of name: String) -> UInt64 {
        name.utf8.reduce(0) { $0 | 1 << UInt64(($1 | 0x20) & 63) }
    }

    // MARK: Distance

    /// How many letters must be added, left out, replaced or swapped with their neighbour to make one word the other.
    private static func distance(_ first: [UInt8], _ second: [UInt8]) -> Int {
        var beforeLast: [Int] = []
        var last = Array(0...second.count)
        for row in 0..<first.count {
            var current = [row + 1]
            for column in 0..<second.count {
                var least = min(
                    last[column] + (first[row] == second[column] ? 0 : 1), last[column + 1] + 1, current[column] + 1)
                if row > 0, column > 0, first[row] == second[column - 1], first[row - 1] == second[column] {
                    least = min(least, beforeLast[column - 1] + 1)
                }
                current.append(least)
            }
            (beforeLast, last) = (last, current)
        }
        return last[second.count]
    }
}
