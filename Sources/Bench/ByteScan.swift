import Glibc

/// Searches in messages without parsing them.
///
/// Most clients of a load test only have to count and to find their own acknowledgements, and must cost next to nothing
/// compared to the server.
package enum ByteScan {
    /// The counts of a delta.
    package struct Counts: Sendable, Equatable {
        /// Entity records: occurrences of `"id":`, which every record has once.
        package var records = 0
        /// Coordinates: occurrences of `"x":` and `"y":`.
        package var coordinates = 0

        /// Makes counts.
        ///
        /// - Parameters:
        ///   - records: Entity records.
        ///   - coordinates: Coordinates.
        package init(records: Int = 0, coordinates: Int = 0) {
            self.records = records
            self.coordinates = coordinates
        }
    }

    /// Counts the records and coordinates of a delta.
    ///
    /// The bytes are compared at every position and summed in bytes, a form that the optimizer turns into vector code.
    /// An `id`, `x` or `y` inside a component counts too; the parsed clients show whether a game has one.
    ///
    /// - Parameter message: A delta.
    /// - Returns: The counts.
    /// - Complexity: O(bytes).
    package static func counts(_ message: UnsafeRawBufferPointer) -> Counts {
        guard message.count >= 5, let base = message.baseAddress?.assumingMemoryBound(to: UInt8.self) else {
            return Counts()
        }
        var counts = Counts()
        let positions = message.count - 4
        var start = 0
        while start < positions {
            // A block has less than 256 positions, so that its sums fit a byte.
            let block = min(240, positions - start)
            let bytes = base + start
            var records: UInt8 = 0
            var coordinates: UInt8 = 0
            for index in 0..<block {
                let first = bytes[index]
                let second = bytes[index &+ 1]
                let third = bytes[index &+ 2]
                let fourth = bytes[index &+ 3]
                let fifth = bytes[index &+ 4]
                let quote: UInt8 = first == 0x22 ? 1 : 0
                let id: UInt8 = second == 0x69 ? 1 : 0
                let idRest: UInt8 = third == 0x64 ? 1 : 0
                let idQuote: UInt8 = fourth == 0x22 ? 1 : 0
                let idColon: UInt8 = fifth == 0x3A ? 1 : 0
                // 0x78 is x and 0x79 is y.
                let axis: UInt8 = second & 0xFE == 0x78 ? 1 : 0
                let axisQuote: UInt8 = third == 0x22 ? 1 : 0
                let axisColon: UInt8 = fourth == 0x3A ? 1 : 0
                records &+= quote & id & idRest & idQuote & idColon
                coordinates &+= quote & axis & axisQuote & axisColon
            }
            counts.records &+= Int(records)
            counts.coordinates &+= Int(coordinates)
            start &+= block
        }
        return counts
    }

    /// Finds a text.
    ///
    /// - Parameters:
    ///   - needle: ASCII text.
    ///   - message: The message to search.
    ///   - start: The offset at which the search begins.
    /// - Returns: The offset after the first occurrence, or `nil`.
    package static func end(of needle: StaticString, in message: UnsafeRawBufferPointer, from start: Int = 0) -> Int? {
        end(of: UnsafeBufferPointer(start: needle.utf8Start, count: needle.utf8CodeUnitCount), in: message, from: start)
    }

    /// The same for any bytes.
    static func end(
        of needle: UnsafeBufferPointer<UInt8>, in message: UnsafeRawBufferPointer, from start: Int = 0
    ) -> Int? {
        let length = needle.count
        guard length > 0, start >= 0, start + length <= message.count, let base = message.baseAddress,
            let bytes = needle.baseAddress
        else { return nil }
        // Search for the last byte of the needle: in JSON it is rarer than the quote with which our needles begin.
        let anchor = Int32(bytes[length - 1])
        var position = start + length - 1
        while position < message.count, let found = memchr(base + position, anchor, message.count - position) {
            position = UnsafeRawPointer(found) - base + 1
            if memcmp(base + position - length, bytes, length) == 0 { return position }
        }
        return nil
    }

    /// Whether a message begins with a text.
    ///
    /// - Parameters:
    ///   - prefix: ASCII text.
    ///   - message: The message.
    ///   - start: The offset in the message.
    /// - Returns: Whether the text is at this offset.
    package static func has(_ prefix: StaticString, in message: UnsafeRawBufferPointer, at start: Int = 0) -> Bool {
        guard start + prefix.utf8CodeUnitCount <= message.count, let base = message.baseAddress else { return false }
        return memcmp(base + start, prefix.utf8Start, prefix.utf8CodeUnitCount) == 0
    }

    /// Reads a JSON number without exponent.
    ///
    /// - Parameters:
    ///   - message: The message.
    ///   - offset: The offset of the number's first byte; moved to the byte after its last one.
    /// - Returns: The value, or `nil` when there is no digit or an exponent follows.
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
