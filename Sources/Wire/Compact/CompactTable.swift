/// The shapes of records and the texts that compact messages name by numbers, for all clients of a map.
///
/// It only grows, until ``reset()``: a client gets the whole table with a snapshot, and with each later message what
/// was added since its last one.
final class CompactTable {
    /// The most entries; further texts are written out, and records of further shapes as plain maps.
    static let maxEntries = 4096
    /// The longest text in the table, in bytes.
    private static let maxTextBytes = 64
    /// About the most bytes of all entries: each snapshot has them.
    private static let maxBytes = 64 << 10

    private enum Kind: UInt64 {
        case text = 1
        case shape = 2
    }

    /// A text's or a shape's number, and where its entry is.
    private struct Entry {
        var number: Int
        var range: Range<Int>
        /// The length of the content, without its head.
        var contentCount: Int
    }

    private var known: [UInt64: Entry] = [:]
    /// All entries as MessagePack, in order.
    private let bytes = ByteWriter()
    private var starts: [Int] = []
    private var textCount = 0
    private var shapeCount = 0

    /// How many entries there are.
    var count: Int { starts.count }

    /// Whether there is no room for further entries.
    var isFull: Bool { count >= Self.maxEntries || bytes.count >= Self.maxBytes }

    /// Forgets everything; every client must get a snapshot next.
    func reset() {
        known.removeAll(keepingCapacity: true)
        bytes.truncate(to: 0)
        starts = []
        (textCount, shapeCount) = (0, 0)
    }

    /// The number of a text, which is added if there is room; `nil` for one that is to be written out.
    func number(ofText text: UnsafeBufferPointer<UInt8>) -> Int? {
        guard text.count <= Self.maxTextBytes else { return nil }
        return number(.text, text) {
            bytes.write(packedText: text)
            defer { textCount += 1 }
            return textCount
        }
    }

    /// The number of a shape, which is added if there is room.
    ///
    /// - Parameters:
    ///   - shape: The elements of its array.
    ///   - count: How many elements there are.
    /// - Returns: The number; `nil` for a record that is to be written as a map.
    func number(ofShape shape: UnsafeBufferPointer<UInt8>, count: Int) -> Int? {
        number(.shape, shape) {
            bytes.write(packedArrayOf: count)
            bytes.write(shape)
            defer { shapeCount += 1 }
            return shapeCount
        }
    }

    private func number(_ kind: Kind, _ content: UnsafeBufferPointer<UInt8>, add: () -> Int) -> Int? {
        // FNV-1a.
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325 ^ kind.rawValue
        for byte in content { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        if let entry = known[hash] {
            let ending = entry.range.suffix(entry.contentCount)
            let isSame = entry.contentCount == content.count && bytes[ending].elementsEqual(content)
            return isSame ? entry.number : nil
        }
        guard !isFull else { return nil }
        let start = bytes.count
        let number = add()
        starts.append(start)
        known[hash] = Entry(number: number, range: start..<bytes.count, contentCount: content.count)
        return number
    }

    /// Writes the array of the entries from a number on.
    func write(from first: Int, to out: ByteWriter) {
        out.write(packedArrayOf: count - first)
        guard first < count else { return }
        out.write(bytes[starts[first]..<bytes.count])
    }
}
