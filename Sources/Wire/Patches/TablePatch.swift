/// Writes how a table changed, as `[path, value, path, value, …]` [`1-protocol.md` 7].
///
/// It compares the text that clients have with the new one, not what scripts did: so it is right however a script
/// changed the table, and costs nothing while scripts run. Both texts must be as this server writes them, without
/// spaces, each value always as the same text. Names and values are copied as they are, escapes included.
///
/// Writing costs the length of both texts, times the depth of the deepest change: at most 32 times.
struct TablePatch {
    private let old: UnsafeBufferPointer<UInt8>
    private let new: UnsafeBufferPointer<UInt8>
    private let out: ByteWriter
    /// The keys from the outermost table to the current one, with commas between them.
    private let path: ByteWriter
    /// Where the list of changes begins in `out`.
    private let start: Int

    /// A member of an object: the texts of its name and value.
    private struct Member {
        var name: Range<Int>
        var value: Range<Int>
        /// Whether the new object has it too.
        var stays = false
    }

    /// A name, found by its text. Two names are equal only when their bytes are.
    private struct Name: Hashable {
        let text: UnsafeBufferPointer<UInt8>

        static func == (left: Name, right: Name) -> Bool { left.text.elementsEqual(right.text) }
        func hash(into hasher: inout Hasher) { hasher.combine(bytes: UnsafeRawBufferPointer(text)) }
    }

    /// Appends the changes of a table, if they are shorter than the table.
    ///
    /// - Parameters:
    ///   - old: The table's JSON text that clients have.
    ///   - new: Its text now.
    ///   - out: Gets the changes.
    ///   - path: A buffer for the path.
    /// - Returns: Whether they were written; `false` also when an object became a list or the reverse.
    static func write(from old: [UInt8], to new: [UInt8], into out: ByteWriter, path: ByteWriter) -> Bool {
        old.withUnsafeBufferPointer { old in
            new.withUnsafeBufferPointer { new in
                path.truncate(to: 0)
                let start = out.count
                let patch = TablePatch(old: old, new: new, out: out, path: path, start: start)
                out.write(UInt8(ascii: "["))
                // The closing bracket follows.
                let limit = start + new.count - 1
                if patch.writeInside(0..<old.count, 0..<new.count, limit: limit), out.count < limit {
                    out.write(UInt8(ascii: "]"))
                    return true
                }
                out.truncate(to: start)
                return false
            }
        }
    }

    // Each function below returns `false` when what it wrote would end beyond `limit` in `out`, or when there is no way
    // to write it. The caller then takes back what was written.

    /// Writes the changes of the value at the current path.
    private func writeChange(_ before: Range<Int>, _ after: Range<Int>, limit: Int) -> Bool {
        if old[before].elementsEqual(new[after]) { return true }
        let start = out.count
        if writeInside(before, after, limit: min(limit, start + lengthOfPair(new[after].count))) { return true }
        out.truncate(to: start)
        return writeValue(after, limit: limit)
    }

    /// Writes the changes inside a table, if it is still of the same kind.
    private func writeInside(_ before: Range<Int>, _ after: Range<Int>, limit: Int) -> Bool {
        switch (old[before].first, new[after].first) {
        case (UInt8(ascii: "{"), UInt8(ascii: "{")): writeMembers(before, after, limit: limit)
        case (UInt8(ascii: "["), UInt8(ascii: "[")): writeElements(before, after, limit: limit)
        default: false
        }
    }

    private func writeMembers(_ before: Range<Int>, _ after: Range<Int>, limit: Int) -> Bool {
        var known: [Member] = []
        _ = forEachMember(old, before) {
            known.append($0)
            return true
        }
        // Tables keep the order of their members, so the next member is nearly always the right one.
        var (next, places) = (0, [Name: Int]())
        let isWritten = forEachMember(new, after) { member in
            let name = Name(text: UnsafeBufferPointer(rebasing: new[member.name]))
            var place: Int?
            if next < known.count, name.text.elementsEqual(old[known[next].name]) {
                place = next
            } else {
                if places.isEmpty {
                    for (index, one) in known.enumerated() {
                        places[Name(text: UnsafeBufferPointer(rebasing: old[one.name]))] = index
                    }
                }
                place = places[name]
            }
            guard let place else { return at(name.text) { writeValue(member.value, limit: limit) } }
            known[place].stays = true
            next = place + 1
            return at(name.text) { writeChange(known[place].value, member.value, limit: limit) }
        }
        guard isWritten else { return false }
        for member in known where !member.stays {
            guard at(UnsafeBufferPointer(rebasing: old[member.name]), { writeRemoval(limit: limit) }) else {
                return false
            }
        }
        return true
    }

    /// Writes the changes of a list. When it became shorter, as many elements are removed at one place: there, where
    /// the elements behind are the same, as after a `table.remove`.
    private func writeElements(_ before: Range<Int>, _ after: Range<Int>, limit: Int) -> Bool {
        let (olds, news) = (elements(of: old, before), elements(of: new, after))
        let removed = max(olds.count - news.count, 0)
        var same = 0
        if removed > 0 {
            let start = zip(olds, news).prefix { old[$0].elementsEqual(new[$1]) }.count
            let ends = zip(olds.reversed(), news.dropFirst(start).reversed())
            same = ends.prefix { old[$0].elementsEqual(new[$1]) }.count
        }
        let kept = removed > 0 ? news.count - same : olds.count
        for index in 0..<kept {
            guard at(index, { writeChange(olds[index], news[index], limit: limit) }) else { return false }
        }
        for _ in 0..<removed {
            guard at(kept, { writeRemoval(limit: limit) }) else { return false }
        }
        guard news.count > olds.count else { return true }
        for index in olds.count..<news.count {
            guard at(index, { writeValue(news[index], limit: limit) }) else { return false }
        }
        return true
    }

    // MARK: Pairs

    /// The length of a pair at the current path, with a comma before it.
    private func lengthOfPair(_ valueLength: Int) -> Int { path.count + valueLength + 4 }

    private func writeValue(_ value: Range<Int>, limit: Int) -> Bool {
        // A number that is not finite is written as null, which would remove the key. In the value of the table around
        // it, it does not.
        let isNull = new[value].first == UInt8(ascii: "n")
        return !isNull && writePair(UnsafeBufferPointer(rebasing: new[value]), limit: limit)
    }

    private func writeRemoval(limit: Int) -> Bool {
        let null: StaticString = "null"
        return null.withUTF8Buffer { writePair($0, limit: limit) }
    }

    private func writePair(_ value: UnsafeBufferPointer<UInt8>, limit: Int) -> Bool {
        guard out.count + lengthOfPair(value.count) <= limit else { return false }
        if out.count > start + 1 { out.write(UInt8(ascii: ",")) }
        out.write(UInt8(ascii: "["))
        out.write(path.bytes)
        out.write("],")
        out.write(value)
        return true
    }

    // MARK: Paths

    private func at(_ name: UnsafeBufferPointer<UInt8>, _ body: () -> Bool) -> Bool {
        atKey({ path.write(name) }, body)
    }

    private func at(_ index: Int, _ body: () -> Bool) -> Bool { atKey({ path.write(integer: index) }, body) }

    private func atKey(_ write: () -> Void, _ body: () -> Bool) -> Bool {
        let outer = path.count
        defer { path.truncate(to: outer) }
        if outer > 0 { path.write(UInt8(ascii: ",")) }
        write()
        return body()
    }

    // MARK: Texts

    /// Calls a closure with each member of an object, as long as it returns `true`.
    private func forEachMember(
        _ text: UnsafeBufferPointer<UInt8>, _ object: Range<Int>, _ body: (Member) -> Bool
    ) -> Bool {
        var cursor = JSONCursor(text)
        cursor.move(to: object.lowerBound + 1)
        while cursor.offset < object.upperBound - 1 {
            let start = cursor.offset
            cursor.skipValue()
            let name = start..<cursor.offset
            // So that no text can stop the reading for ever.
            guard cursor.pass(UInt8(ascii: ":")) else { return false }
            let value = cursor.offset
            cursor.skipValue()
            guard body(Member(name: name, value: value..<cursor.offset)) else { return false }
            _ = cursor.pass(UInt8(ascii: ","))
        }
        return true
    }

    private func elements(of text: UnsafeBufferPointer<UInt8>, _ list: Range<Int>) -> [Range<Int>] {
        var elements: [Range<Int>] = []
        var cursor = JSONCursor(text)
        cursor.move(to: list.lowerBound + 1)
        while cursor.offset < list.upperBound - 1 {
            let start = cursor.offset
            cursor.skipValue()
            // As in `forEachMember`.
            guard cursor.offset > start else { break }
            elements.append(start..<cursor.offset)
            _ = cursor.pass(UInt8(ascii: ","))
        }
        return elements
    }
}
