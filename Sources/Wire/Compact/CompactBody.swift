/// The records that many compact messages have in common.
final class CompactBody {
    /// For how many records the memory of their places is kept.
    static let keptRecords = 4096

    /// The place of a player's record.
    struct Span {
        /// Its place in ``CompactBody/bytes``.
        var range: Range<Int>
        /// The style that a message has before the record.
        var before: CompactEncoder.Style?
        /// The style that the records after it expect.
        var after: CompactEncoder.Style?
    }

    /// The records.
    let bytes = ByteWriter(capacity: 16 * 1024)
    /// The players' records, by their places in the JSON text.
    var spans: [Int: Span] = [:]
    /// Whether the records of this tick were written.
    var isEncoded = false
    /// A copy of the records that messages refer to; `nil` before it is needed, and for few bytes.
    private var copy: SharedBytes?

    /// Forgets the records of the last tick.
    func begin() {
        bytes.truncate(to: 0)
        spans.removeAll(keepingCapacity: true)
        isEncoded = false
        copy = nil
    }

    /// The records, for messages that share them; `nil` for so few bytes that each message gets its own copy.
    var shared: SharedBytes? {
        if copy == nil, bytes.count >= SharedBytes.minimum { copy = SharedBytes(bytes.bytes) }
        return copy
    }

    /// Forgets the records, and frees the memory that a burst took.
    func release() {
        begin()
        bytes.shrink()
        if spans.capacity > Self.keptRecords { spans = [:] }
    }
}
