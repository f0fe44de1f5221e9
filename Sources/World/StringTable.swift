import JSONValues

/// The texts of all string columns, each stored once and counted by its uses.
///
/// Entities hold 32-bit numbers instead of strings: equality is one comparison, a column is plain memory that the C
/// code of scripts' field access can read, and the JSON form of a text is made once.
package final class StringTable {
    /// One text as readers outside Swift see it: UTF-8 that stays in place while the text is in use.
    package struct Entry {
        /// The text; `nil` for a number that is not in use.
        package var bytes: UnsafePointer<UInt8>?
        /// Its length in bytes.
        package var length: UInt32
        /// What ``StringTable/accept(_:as:)`` noted; 0 for a number that is not in use.
        package var flags: UInt32
    }

    /// The number that stands for "no text".
    package static let none: UInt32 = .max

    /// Entries by number; valid until the next ``intern(_:)``.
    package private(set) var entries: UnsafeMutablePointer<Entry>
    /// The length of `entries`; a number that is not in use has no bytes.
    package private(set) var capacity = 64
    /// Counts how often `entries` and `uses` moved.
    package private(set) var layoutVersion = 0
    /// How often each number is used. Scripts' assignments count here too, but never give up the last use.
    package private(set) var uses: UnsafeMutablePointer<Int>
    /// How many numbers were given so far, those that are free again included.
    private var count = 0
    /// The accepted texts, each with a use of its own: at most ``maxAccepted``, the oldest ones first from
    /// ``oldestAccepted`` on.
    private var accepted: [UInt32] = []
    private var oldestAccepted = 0
    private var texts: [String] = []
    private var quoted: [UnsafeMutableBufferPointer<UInt8>] = []
    private var free: [UInt32] = []
    private var numbers: [ExactText: UInt32] = [:]
    private let null = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: 4)

    /// Makes an empty table.
    package init() {
        entries = .allocate(capacity: capacity)
        entries.initialize(repeating: Entry(bytes: nil, length: 0, flags: 0), count: capacity)
        uses = .allocate(capacity: capacity)
        uses.initialize(repeating: 0, count: capacity)
        _ = null.initialize(fromContentsOf: "null".utf8)
    }

    deinit {
        for index in 0..<count {
            entries[index].bytes?.deallocate()
            quoted[index].deallocate()
        }
        entries.deallocate()
        uses.deallocate()
        null.deallocate()
    }

    /// How many texts are in use.
    var liveCount: Int { liveUses.count }

    /// The number of uses of each text in use, without those of ``accept(_:as:)``.
    package var liveUses: [UInt32: Int] {
        var live: [UInt32: Int] = [:]
        for index in 0..<count {
            let own = uses[index] - (entries[index].flags == 0 ? 0 : 1)
            if own > 0 { live[UInt32(index)] = own }
        }
        return live
    }

    /// Finds or adds a text and counts one use of it.
    package func intern(_ text: String) -> UInt32 {
        if let number = numbers[ExactText(text)] {
            uses[Int(number)] += 1
            return number
        }
        let number: UInt32
        if let reused = free.popLast() {
            number = reused
        } else {
            number = UInt32(count)
            count += 1
            texts.append("")
            quoted.append(UnsafeMutableBufferPointer(start: nil, count: 0))
            if count > capacity { grow() }
        }
        let index = Int(number)
        let utf8 = Array(text.utf8)
        let copy = UnsafeMutablePointer<UInt8>.allocate(capacity: max(utf8.count, 1))
        copy.update(from: utf8, count: utf8.count)
        entries[index] = Entry(bytes: UnsafePointer(copy), length: UInt32(clamping: utf8.count), flags: 0)
        uses[index] = 1
        texts[index] = text
        var json: [UInt8] = []
        JSON.write(utf8: UnsafeBufferPointer(start: copy, count: utf8.count), into: &json)
        quoted[index] = .allocate(capacity: json.count)
        _ = quoted[index].initialize(fromContentsOf: json)
        numbers[ExactText(text)] = number
        return number
    }

    /// Counts one more use of a number; `none` is allowed.
    package func retain(_ number: UInt32) {
        if number != Self.none { uses[Int(number)] += 1 }
    }

    /// Counts one use less of a number and frees its text when no use is left; `none` is allowed.
    package func release(_ number: UInt32) {
        guard number != Self.none else { return }
        let index = Int(number)
        uses[index] -= 1
        guard uses[index] == 0 else { return }
        numbers[ExactText(texts[index])] = nil
        texts[index] = ""
        quoted[index].deallocate()
        quoted[index] = UnsafeMutableBufferPointer(start: nil, count: 0)
        entries[index].bytes?.deallocate()
        entries[index] = Entry(bytes: nil, length: 0, flags: 0)
        free.append(number)
    }

    /// The most texts that ``accept(_:as:)`` keeps, and how long each may be, in bytes.
    static let maxAccepted = 256, maxAcceptedBytes = 64

    /// Notes that a text was taken for a field, so that scripts can assign it again without asking. The text is kept
    /// even when no entity has it: until ``maxAccepted`` others were accepted. A long text is not noted.
    ///
    /// - Parameters:
    ///   - number: A number in use.
    ///   - flag: The bit of the field.
    package func accept(_ number: UInt32, as flag: UInt32) {
        let index = Int(number)
        guard number != Self.none, entries[index].flags & flag == 0, entries[index].length <= Self.maxAcceptedBytes
        else { return }
        let isKept = entries[index].flags != 0
        entries[index].flags |= flag
        if isKept { return }
        retain(number)
        guard accepted.count == Self.maxAccepted else { return accepted.append(number) }
        let oldest = accepted[oldestAccepted]
        accepted[oldestAccepted] = number
        oldestAccepted = (oldestAccepted + 1) % Self.maxAccepted
        entries[Int(oldest)].flags = 0
        release(oldest)
    }

    /// The text of a number; `nil` for `none`.
    package func text(_ number: UInt32) -> String? {
        number == Self.none ? nil : texts[Int(number)]
    }

    /// The length of a text in bytes; 0 for `none`.
    func length(_ number: UInt32) -> Int {
        number == Self.none ? 0 : Int(entries[Int(number)].length)
    }

    /// The text of a number as JSON with its quotes; `null` for `none`. Valid while the text is in use.
    package func json(_ number: UInt32) -> UnsafeBufferPointer<UInt8> {
        UnsafeBufferPointer(number == Self.none ? null : quoted[Int(number)])
    }

    /// A copy of ``json(_:)``.
    package func jsonBytes(_ number: UInt32) -> [UInt8] { Array(json(number)) }

    private func grow() {
        let larger = UnsafeMutablePointer<Entry>.allocate(capacity: capacity * 2)
        larger.update(from: entries, count: capacity)
        (larger + capacity).initialize(repeating: Entry(bytes: nil, length: 0, flags: 0), count: capacity)
        entries.deallocate()
        entries = larger
        uses = uses.enlarged(from: capacity, to: capacity * 2, filling: 0)
        capacity *= 2
        layoutVersion += 1
    }
}
