/// The texts of all string columns, each stored once and counted by its uses.
///
/// Entities hold 32-bit numbers instead of strings: equality is one comparison, a column is plain memory that scripts
/// can be given to read, and the JSON form of a text is made once.
package final class StringTable {
    /// One text as readers outside Swift see it: UTF-8 that stays in place while the text is in use.
    package struct Entry {
        package var bytes: UnsafePointer<UInt8>?
        package var length: UInt32
        package var flags: UInt32
    }

    /// The number that stands for "no text".
    package static let none: UInt32 = .max

    /// Entries by number; valid until the next ``intern(_:)``.
    package private(set) var entries: UnsafeMutablePointer<Entry>
    /// The length of `entries`; a number that is not in use has no bytes.
    package private(set) var capacity = 64
    /// Counts how often `entries` moved.
    package private(set) var layoutVersion = 0
    private var counts: [Int] = []
    private var texts: [String] = []
    private var json: [[UInt8]] = []
    private var free: [UInt32] = []
    private var numbers: [String: UInt32] = [:]

    package init() {
        entries = .allocate(capacity: capacity)
        entries.initialize(repeating: Entry(bytes: nil, length: 0, flags: 0), count: capacity)
    }

    deinit {
        for index in counts.indices { entries[index].bytes?.deallocate() }
        entries.deallocate()
    }

    /// Finds or adds a text and counts one use of it.
    package func intern(_ text: String) -> UInt32 {
        if let number = numbers[text] {
            counts[Int(number)] += 1
            return number
        }
        let number: UInt32
        if let reused = free.popLast() {
            number = reused
        } else {
            number = UInt32(counts.count)
            counts.append(0)
            texts.append("")
            json.append([])
            if counts.count > capacity { grow() }
        }
        let index = Int(number)
        let utf8 = Array(text.utf8)
        let copy = UnsafeMutablePointer<UInt8>.allocate(capacity: max(utf8.count, 1))
        copy.update(from: utf8, count: utf8.count)
        entries[index] = Entry(bytes: UnsafePointer(copy), length: UInt32(clamping: utf8.count), flags: 0)
        counts[index] = 1
        texts[index] = text
        var quoted: [UInt8] = []
        JSON.write(string: text, into: &quoted)
        json[index] = quoted
        numbers[text] = number
        return number
    }

    /// Counts one more use of a number; `none` is allowed.
    package func retain(_ number: UInt32) {
        if number != Self.none { counts[Int(number)] += 1 }
    }

    /// Counts one use less and frees the text after the last; `none` is allowed.
    package func release(_ number: UInt32) {
        guard number != Self.none else { return }
        let index = Int(number)
        counts[index] -= 1
        guard counts[index] == 0 else { return }
        numbers[texts[index]] = nil
        texts[index] = ""
        json[index] = []
        entries[index].bytes?.deallocate()
        entries[index] = Entry(bytes: nil, length: 0, flags: 0)
        free.append(number)
    }

    /// The text of a number; `nil` for `none`.
    package func text(_ number: UInt32) -> String? {
        number == Self.none ? nil : texts[Int(number)]
    }

    /// The text of a number as JSON with its quotes; `null` for `none`.
    package func jsonBytes(_ number: UInt32) -> [UInt8] {
        number == Self.none ? Self.null : json[Int(number)]
    }

    private static let null = Array("null".utf8)

    private func grow() {
        let larger = UnsafeMutablePointer<Entry>.allocate(capacity: capacity * 2)
        larger.update(from: entries, count: capacity)
        (larger + capacity).initialize(repeating: Entry(bytes: nil, length: 0, flags: 0), count: capacity)
        entries.deallocate()
        entries = larger
        capacity *= 2
        layoutVersion += 1
    }
}
