/// A text that equals only a text of the same bytes.
///
/// A `String` also equals other spellings of the same characters. But a script must read back the bytes that it wrote,
/// and for a script `"é"` as one code point and as two code points are two keys.
package struct ExactText: Hashable {
    let text: String

    /// Wraps a text.
    package init(_ text: String) { self.text = text }

    package static func == (left: ExactText, right: ExactText) -> Bool { left.text.isExactly(right.text) }

    package func hash(into hasher: inout Hasher) {
        let isHashed: Void? = text.utf8.withContiguousStorageIfAvailable {
            hasher.combine(bytes: UnsafeRawBufferPointer($0))
        }
        if isHashed == nil { for byte in text.utf8 { hasher.combine(bytes: byte) } }
        hasher.combine(UInt8.max)
    }
}

extension String {
    /// Whether another text has the same bytes.
    ///
    /// Texts that `==` finds different have different bytes, and for short texts `==` is fast. For long texts `==` may
    /// first have to sort thousands of combining characters, so only their bytes are compared.
    package func isExactly(_ other: String) -> Bool {
        let count = utf8.count
        guard count == other.utf8.count else { return false }
        if count <= 32 { return self == other && utf8.elementsEqual(other.utf8) }
        let isSame = utf8.withContiguousStorageIfAvailable { left in
            other.utf8.withContiguousStorageIfAvailable { left.elementsEqual($0) }
        }
        return isSame.flatMap { $0 } ?? utf8.elementsEqual(other.utf8)
    }
}

extension Hasher {
    fileprivate mutating func combine(bytes byte: UInt8) {
        withUnsafeBytes(of: byte) { combine(bytes: $0) }
    }
}
