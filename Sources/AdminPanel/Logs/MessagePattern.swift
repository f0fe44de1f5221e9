import JSONValues

/// A message without what differs from one occurrence of an error to the next.
enum MessagePattern {
    /// How much of a message counts, in bytes.
    static let maxBytes = 300

    /// The pattern of a message: without the place that it begins with, with `#` for each number and `@` for each key
    /// of an entity, such as `enemys_7`. Digits inside of other words stay: `skill1` and `skill2` are different names.
    ///
    /// - Parameters:
    ///   - message: The message.
    ///   - place: `FILE:LINE: `, which it may begin with.
    /// - Returns: The pattern.
    /// - Complexity: O(1), as only the first ``maxBytes`` count.
    static func of(_ message: String, at place: String = "") -> String {
        let message = message.hasPrefix(place) ? String(message.dropFirst(place.count)) : message
        let bytes = Array(message.clipped(to: maxBytes).utf8)
        var pattern: [UInt8] = []
        pattern.reserveCapacity(bytes.count)
        var index = 0
        while index < bytes.count {
            guard isWord(bytes[index]) else {
                pattern.append(bytes[index])
                index += 1
                continue
            }
            let start = index
            while index < bytes.count, isWord(bytes[index]) { index += 1 }
            let word = bytes[start..<index]
            if word.first.map(isDigit) == true {
                // The fraction and the exponent belong to the number.
                while index + 1 < bytes.count, bytes[index] == UInt8(ascii: "."), isDigit(bytes[index + 1]) {
                    index += 1
                    while index < bytes.count, isWord(bytes[index]) { index += 1 }
                }
                // A sign belongs to the number, except between two numbers or words.
                if pattern.last == UInt8(ascii: "-") {
                    let before = pattern.dropLast().last ?? UInt8(ascii: " ")
                    if !isWord(before), before != UInt8(ascii: "#"), before != UInt8(ascii: "@") {
                        pattern.removeLast()
                    }
                }
                pattern.append(UInt8(ascii: "#"))
            } else if isEntityKey(word) {
                pattern.append(UInt8(ascii: "@"))
            } else {
                pattern += word
            }
        }
        return String(decoding: pattern, as: UTF8.self)
    }

    /// Whether a word is letters, an underscore and digits.
    static func isEntityKey(_ word: some Collection<UInt8>) -> Bool {
        var rest = word.drop { ($0 | 0x20) >= UInt8(ascii: "a") && ($0 | 0x20) <= UInt8(ascii: "z") }
        guard rest.count < word.count, rest.first == UInt8(ascii: "_") else { return false }
        rest = rest.dropFirst()
        return !rest.isEmpty && rest.allSatisfy(isDigit)
    }

    private static func isDigit(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") }

    private static func isWord(_ byte: UInt8) -> Bool {
        isDigit(byte) || byte == UInt8(ascii: "_") || byte >= 0x80
            || (byte | 0x20) >= UInt8(ascii: "a") && (byte | 0x20) <= UInt8(ascii: "z")
    }
}
