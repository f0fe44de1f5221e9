/// What somebody who wrote a wrong word may have meant.
enum Suggestion {
    /// `; did you mean WORD?` with the allowed word that looks most like it; empty when none comes near.
    ///
    /// - Parameters:
    ///   - word: The wrong word.
    ///   - allowed: The words to choose from; of several that come as near, the first is taken.
    /// - Returns: The hint, to be put behind a message.
    static func hint(for word: String, among allowed: some Sequence<String>) -> String {
        nearest(to: word, among: allowed).map { "; did you mean \($0)?" } ?? ""
    }

    /// The allowed word that at most a third of the letters tell from this one, and one for short words.
    static func nearest(to word: String, among allowed: some Sequence<String>) -> String? {
        let letters = Array(word.lowercased().utf8)
        // Whoever writes that much did not mistype a name.
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
