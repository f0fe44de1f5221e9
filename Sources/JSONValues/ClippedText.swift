/// Texts cut to a number of bytes, for logs and messages.
///
/// They are not cut to a number of characters: one character may have any number of bytes, and finding its end may
/// mean reading the whole text.
extension String {
    /// Copies the beginning of a text, and appends `…` when the text is longer.
    ///
    /// - Parameters:
    ///   - bytes: UTF-8; invalid bytes are replaced by U+FFFD.
    ///   - limit: The most bytes to copy, from 0. The cut is made before a code point that does not fit.
    /// - Complexity: O(limit).
    package init(clipping bytes: UnsafeRawBufferPointer, to limit: Int) {
        guard bytes.count > limit else {
            self.init(decoding: bytes, as: UTF8.self)
            return
        }
        var end = limit
        // A code point has at most three bytes after its first byte.
        while end > 0, limit - end < 3, bytes[end] & 0xC0 == 0x80 { end -= 1 }
        self = String(decoding: UnsafeRawBufferPointer(rebasing: bytes[..<end]), as: UTF8.self) + "…"
    }

    /// The text, cut as ``init(clipping:to:)`` cuts it.
    package func clipped(to limit: Int) -> String {
        guard utf8.count > limit else { return self }
        var text = self
        return text.withUTF8 { String(clipping: UnsafeRawBufferPointer($0), to: limit) }
    }
}
