/// Texts cut to a number of bytes, for logs and messages.
///
/// Not to a number of characters: one character may have any number of bytes, and finding out where it ends takes as
/// long as the text is.
extension String {
    /// Copies the begin of a text; `…` follows when there is more.
    ///
    /// - Parameters:
    ///   - bytes: UTF-8; what is invalid is repaired.
    ///   - limit: How many bytes are taken at most, from 0. The cut is made before a code point that does not fit.
    /// - Complexity: O(limit).
    package init(clipping bytes: UnsafeRawBufferPointer, to limit: Int) {
        guard bytes.count > limit else {
            self.init(decoding: bytes, as: UTF8.self)
            return
        }
        var end = limit
        // A code point has at most three bytes behind its first.
        while end > 0, limit - end < 3, bytes[end] & 0xC0 == 0x80 { end -= 1 }
        self = String(decoding: UnsafeRawBufferPointer(rebasing: bytes[..<end]), as: UTF8.self) + "…"
    }

    /// The text, or as much of it as ``init(clipping:to:)`` takes.
    package func clipped(to limit: Int) -> String {
        guard utf8.count > limit else { return self }
        var text = self
        return text.withUTF8 { String(clipping: UnsafeRawBufferPointer($0), to: limit) }
    }
}
