/// Finds the word that the author of a wrong word may have meant.
///
/// Words in files (keys, types, annotations) are compared without regard to case. Names in scripts are compared with
/// case, and more strictly: a wrong suggestion for a name that works is worse than none.
package enum Suggestion {
    // MARK: Words

    /// `; did you mean WORD?` with the most similar allowed word; empty when no word is similar.
    ///
    /// - Parameters:
    ///   - word: The wrong word.
    ///   - allowed: The words to choose from; the first of several that are equally similar is used.
    /// - Returns: The hint, to append to a message.
    package static func hint(for word: String, among allowed: some Sequence<String>) -> String {
        nearest(to: word, among: allowed).map { "; did you mean \($0)?" } ?? ""
    }

    /// The most similar allowed word: at most a third of its letters may differ, or one letter of a short word.
    ///
    /// - Parameters:
    ///   - word: The wrong word.
    ///   - allowed: The words to choose from; the first of several that are equally similar is used.
    /// - Returns: The word, or `nil` when no word is similar.
    package static func nearest(to word: String, among allowed: some Sequence<String>) -> String? {
        let letters = Array(word.lowercased().utf8)
        // A text of more than 64 bytes is no mistyped name.
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

    /// `; did you mean 'NAME'?` with the most similar of some names; empty when no name is similar.
    ///
    /// - Parameters:
    ///   - name: The wrong name.
    ///   - names: The names to choose from.
    /// - Returns: The hint, to append to a message.
    package static func hint(forName name: String, among names: some Sequence<String>) -> String {
        nearest(toName: name, among: names).map { "; did you mean '\($0)'?" } ?? ""
    }

    /// The name with the smallest ``distance(_:_:)`` from the wrong one: at most a third of its letters, from 1 to 3.
    ///
    /// A name that differs only in case is used before all others.
    ///
    /// - Parameters:
    ///   - name: The wrong name.
    ///   - names: The names to choose from; of several with the same distance, the first in the alphabet is used.
    /// - Returns: The name, or `nil` when no name is similar.
    package static func nearest(toName name: String, among names: some Sequence<String>) -> String? {
        let limit = max(1, min(3, name.utf8.count / 3))
        let (wanted, letters, lowercased) = (Array(name.utf8), letters(of: name), name.lowercased())
        var best: (name: String, distance: Int)?
        for candidate in names where candidate != name {
            if abs(candidate.utf8.count - wanted.count) > limit { continue }
            // One step of the distance changes at most two bits of `letters(of:)`, which are cheaper to compare.
            if (Self.letters(of: candidate) ^ letters).nonzeroBitCount > 2 * limit + 2 { continue }
            if candidate.lowercased() == lowercased { return candidate }
            let distance = distance(wanted, Array(candidate.utf8))
            // Any two names of one letter are only one step apart, but not similar.
            guard distance <= limit, distance < candidate.utf8.count else { continue }
            if let best, (best.distance, best.name) < (distance, candidate) { continue }
            best = (candidate, distance)
        }
        return best?.name
    }

    /// A set of the letters that occur, one bit for each, without regard to case.
    private static func letters(of name: String) -> UInt64 {
        name.utf8.reduce(0) { $0 | 1 << UInt64(($1 | 0x20) & 63) }
    }

    // MARK: Distance

    /// The edit distance: how many letters must be inserted, deleted, replaced or swapped with their neighbour to turn
    /// one word into the other.
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
