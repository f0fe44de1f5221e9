import Glibc

/// Searches in messages without parsing them: most clients of a load test only need to count and to find their own
/// acknowledgement, and must cost next to nothing beside the server.
package enum ByteScan {
    /// Counts the entity records of a delta: occurrences of `"id":`, which every record has once.
    ///
    /// The five bytes are compared at every position and summed in bytes, a form that the optimizer turns into vector
    /// code. A component that nests an `id` of its own counts too; the parsed clients tell whether a game does that.
    ///
    /// - Parameter message: A delta.
    /// - Returns: The number of occurrences.
    /// - Complexity: O(bytes).
    package static func recordCount(_ message: UnsafeRawBufferPointer) -> Int {
        guard message.count >= 5, let base = message.baseAddress?.assumingMemoryBound(to: UInt8.self) else { return 0 }
        let positions = message.count - 4
        var total = 0
        var start = 0
        while start < positions {
            // At most 255, so that the sum of a block fits a byte.
            let block = min(240, positions - start)
            let bytes = base + start
            var sum: UInt8 = 0
            for index in 0..<block {
                let quote: UInt8 = bytes[index] == 0x22 ? 1 : 0
                let i: UInt8 = bytes[index &+ 1] == 0x69 ? 1 : 0
                let d: UInt8 = bytes[index &+ 2] == 0x64 ? 1 : 0
                let end: UInt8 = bytes[index &+ 3] == 0x22 ? 1 : 0
                let colon: UInt8 = bytes[index &+ 4] == 0x3A ? 1 : 0
                sum &+= quote & i & d & end & colon
            }
            total &+= Int(sum)
            start &+= block
        }
        return total
    }

    /// Finds a text.
    ///
    /// - Parameters:
    ///   - needle: ASCII text.
    ///   - message: Where to look.
    ///   - start: The offset to begin at.
    /// - Returns: The offset after the first occurrence, or `nil`.
    package static func end(of needle: StaticString, in message: UnsafeRawBufferPointer, from start: Int = 0) -> Int? {
        let length = needle.utf8CodeUnitCount
        guard length > 0, start >= 0, start + length <= message.count, let base = message.baseAddress else { return nil }
        // The last byte is the anchor: in our needles it is rarer in JSON than the quote they begin with.
        let anchor = Int32(needle.utf8Start[length - 1])
        var position = start + length - 1
        while position < message.count, let found = memchr(base + position, anchor, message.count - position) {
            position = UnsafeRawPointer(found) - base + 1
            if memcmp(base + position - length, needle.utf8Start, length) == 0 { return position }
        }
        return nil
    }

    /// Whether a message begins with a text.
    ///
    /// - Parameters:
    ///   - prefix: ASCII text.
    ///   - message: The message.
    ///   - start: Where in the message to compare.
    /// - Returns: Whether it stands there.
    package static func has(_ prefix: StaticString, in message: UnsafeRawBufferPointer, at start: Int = 0) -> Bool {
        guard start + prefix.utf8CodeUnitCount <= message.count, let base = message.baseAddress else { return false }
        return memcmp(base + start, prefix.utf8Start, prefix.utf8CodeUnitCount) == 0
    }

    /// Reads a JSON number without exponent.
    ///
    /// - Parameters:
    ///   - message: The message.
    ///   - offset: The number's first byte; moved behind its last one.
    /// - Returns: The value, or `nil` when no digit stands there or an exponent follows.
    package static func number(_ message: UnsafeRawBufferPointer, at offset: inout Int) -> Double? {
        var index = offset
        let isNegative = index < message.count && message[index] == UInt8(ascii: "-")
        if isNegative { index += 1 }
        var mantissa: Double = 0
        var scale: Double = 1
        var digits = 0
        var isFraction = false
        while index < message.count {
            let byte = message[index]
            if byte >= 0x30, byte <= 0x39 {
                mantissa = mantissa * 10 + Double(byte - 0x30)
                if isFraction { scale *= 10 }
                digits += 1
            } else if byte == UInt8(ascii: "."), !isFraction {
                isFraction = true
            } else {
                break
            }
            index += 1
        }
        guard digits > 0 else { return nil }
        if index < message.count, message[index] | 0x20 == UInt8(ascii: "e") { return nil }
        offset = index
        return (isNegative ? -mantissa : mantissa) / scale
    }
}
