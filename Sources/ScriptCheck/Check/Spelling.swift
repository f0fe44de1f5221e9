/// Guessing what somebody meant to write.
enum Spelling {
    /// A `; did you mean 'x'?` for the closest of some names; empty when none is close.
    static func hint(_ name: String, among names: some Sequence<String>) -> String {
        closest(to: name, among: names).map { "; did you mean '\($0)'?" } ?? ""
    }

    /// The name that takes the fewest slips from what was written: one in three letters at most.
    static func closest(to name: String, among names: some Sequence<String>) -> String? {
        let limit = max(1, min(3, name.utf8.count / 3))
        let (wanted, letters, lowercased) = (Array(name.utf8), letters(of: name), name.lowercased())
        var best: (name: String, distance: Int)?
        for candidate in names where candidate != name {
            if abs(candidate.utf8.count - wanted.count) > limit { continue }
            // Each slip changes at most two of the letters that occur.
            if (Self.letters(of: candidate) ^ letters).nonzeroBitCount > 2 * limit + 2 { continue }
            if candidate.lowercased() == lowercased { return candidate }
            let distance = distance(wanted, Array(candidate.utf8), limit: limit)
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

    /// How many letters are missing, too many, wrong or swapped; more than `limit` is no exact number.
    private static func distance(_ left: [UInt8], _ right: [UInt8], limit: Int) -> Int {
        if abs(left.count - right.count) > limit { return .max }
        var rows = [Array(0...right.count)]
        for (row, leftByte) in left.enumerated() {
            var next = [row + 1]
            for (column, rightByte) in right.enumerated() {
                var cost = min(rows[row][column + 1] + 1, next[column] + 1)
                cost = min(cost, rows[row][column] + (leftByte == rightByte ? 0 : 1))
                if row > 0, column > 0, leftByte == right[column - 1], left[row - 1] == rightByte {
                    cost = min(cost, rows[row - 1][column - 1] + 1)
                }
                next.append(cost)
            }
            rows.append(next)
        }
        return rows[left.count][right.count]
    }
}
