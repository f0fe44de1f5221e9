/// Checks text as it arrives, in pieces of any size (RFC 3629: no surrogates, no overlong forms, up to U+10FFFF).
struct UTF8Validator {
    /// The number of bytes that the current character still needs.
    private var needed = 0
    /// The allowed values of the next of these bytes.
    private var allowed: ClosedRange<UInt8> = 0x80...0xBF

    /// Whether the text so far ends with a whole character.
    var isComplete: Bool { needed == 0 }

    /// Checks the next bytes.
    ///
    /// - Parameter bytes: The bytes that follow the ones of the last call.
    /// - Returns: `false` as soon as no further bytes could make the text valid.
    mutating func accepts(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        var index = 0
        while index < bytes.count {
            if needed == 0 {
                index += asciiPrefix(bytes, from: index)
                guard index < bytes.count else { return true }
            }
            guard accept(bytes[index]) else { return false }
            index += 1
        }
        return true
    }

    /// The number of ASCII bytes from an index on; it checks eight at a time.
    private func asciiPrefix(_ bytes: UnsafeBufferPointer<UInt8>, from start: Int) -> Int {
        let raw = UnsafeRawBufferPointer(bytes)
        var index = start
        while index + 8 <= raw.count,
            raw.loadUnaligned(fromByteOffset: index, as: UInt64.self) & 0x8080_8080_8080_8080 == 0
        {
            index += 8
        }
        while index < raw.count, raw[index] < 0x80 { index += 1 }
        return index - start
    }

    private mutating func accept(_ byte: UInt8) -> Bool {
        if needed > 0 {
            guard allowed.contains(byte) else { return false }
            needed -= 1
            allowed = 0x80...0xBF
            return true
        }
        switch byte {
        case 0...0x7F: return true
        case 0xC2...0xDF: needed = 1
        case 0xE0: (needed, allowed) = (2, 0xA0...0xBF)
        case 0xED: (needed, allowed) = (2, 0x80...0x9F)
        case 0xE1...0xEF: needed = 2
        case 0xF0: (needed, allowed) = (3, 0x90...0xBF)
        case 0xF1...0xF3: needed = 3
        case 0xF4: (needed, allowed) = (3, 0x80...0x8F)
        default: return false
        }
        return true
    }
}
