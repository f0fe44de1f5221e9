/// Packets without the names that they have for clients that come back. The names go on from one map to the next, and
/// from one run of the server to the next: what must be the same in each run may not depend on them.
extension OutboundMessage {
    /// How many bytes the text has without the packet's name. O(1).
    package var sizeWithoutOffset: Int { payloadSize - offsetSize }

    /// The text without the packet's name. O(n).
    package var bytesWithoutOffset: [UInt8] {
        var text = bytes
        text.removeSubrange(text.endIndex - 1 - offsetSize..<text.endIndex - 1)
        return text
    }

    /// How many bytes `,"NAME"` has, which stands before the `]` at the end.
    private var offsetSize: Int { mark.map { $0.offset.utf8.count + 3 } ?? 0 }
}
