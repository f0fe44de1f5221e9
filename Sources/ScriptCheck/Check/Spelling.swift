/// Guessing what somebody meant to write.
enum Spelling {
    /// A `; did you mean 'x'?` for the closest of some names; empty when none is close.
    static func hint(_ name: String, among names: some Sequence<String>) -> String {
        closest(to: name, among: names).map { "; did you mean '\($0)'?" } ?? ""
    }

    /// The name that takes the fewest slips from what was written: one in three letters at most.
    static func closest(to name: String, among names: some Sequence<String>) -> String? {
        let limit = max(1, min(3, name.utf8.count / 3))
        var best: (name: String, distance: Int)?
        for candidate in Set(names).sorted() where candidate != name {
            if candidate.lowercased() == name.lowercased() { return candidate }
            let distance = distance(Array(name.utf8), Array(candidate.utf8), limit: limit)
            // Of names of one letter each is one slip from any other.
            if distance <= limit, distance < candidate.utf8.count, distance < best?.distance ?? .max {
                best = (candidate, distance)
            }
        }
        return best?.name
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
