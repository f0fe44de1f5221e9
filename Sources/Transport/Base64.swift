package import NIOCore

/// Decodes base64 in all variants that clients send [M2.4].
///
/// The standard and the URL-safe alphabet are both accepted, padding may be missing, and a space counts as the `+` that
/// a browser did not escape in a query.
///
/// - Parameter text: The text.
/// - Returns: The bytes, or `nil` for any other character, padding in the middle, or a length that base64 can't have.
package func decodeBase64(_ text: some StringProtocol) -> [UInt8]? { decodeBase64(text.utf8, value: lenientValue) }

/// Decodes base64 of the standard alphabet; padding may be missing.
///
/// - Parameter text: The text's bytes.
/// - Returns: The bytes, or `nil` for any other character, padding in the middle, or a length that base64 can't have.
/// - Complexity: O(n).
func decodeStandardBase64(_ text: some Collection<UInt8>) -> [UInt8]? { decodeBase64(text, value: standardValue) }

@inline(__always)
private func decodeBase64(_ text: some Collection<UInt8>, value: (UInt8) -> UInt8?) -> [UInt8]? {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(text.count / 4 * 3 + 3)
    var bits: UInt32 = 0
    var count = 0
    var padding = 0
    for character in text {
        if character == UInt8(ascii: "=") {
            padding += 1
            continue
        }
        guard padding == 0, let value = value(character) else { return nil }
        bits = bits << 6 | UInt32(value)
        count += 1
        if count % 4 == 0 {
            bytes.append(UInt8(truncatingIfNeeded: bits >> 16))
            bytes.append(UInt8(truncatingIfNeeded: bits >> 8))
            bytes.append(UInt8(truncatingIfNeeded: bits))
            bits = 0
        }
    }
    guard padding == 0 || (count + padding) % 4 == 0 && padding <= 2 else { return nil }
    switch count % 4 {
    case 1: return nil
    case 2: bytes.append(UInt8(truncatingIfNeeded: bits >> 4))
    case 3:
        bytes.append(UInt8(truncatingIfNeeded: bits >> 10))
        bytes.append(UInt8(truncatingIfNeeded: bits >> 2))
    default: break
    }
    return bytes
}

private func standardValue(_ character: UInt8) -> UInt8? {
    switch character {
    case UInt8(ascii: "A")...UInt8(ascii: "Z"): character - UInt8(ascii: "A")
    case UInt8(ascii: "a")...UInt8(ascii: "z"): character - UInt8(ascii: "a") + 26
    case UInt8(ascii: "0")...UInt8(ascii: "9"): character - UInt8(ascii: "0") + 52
    case UInt8(ascii: "+"): 62
    case UInt8(ascii: "/"): 63
    default: nil
    }
}

private func lenientValue(_ character: UInt8) -> UInt8? {
    switch character {
    case UInt8(ascii: "-"), UInt8(ascii: " "): 62
    case UInt8(ascii: "_"): 63
    default: standardValue(character)
    }
}

/// The size of bytes in base64, with padding.
///
/// - Parameter count: The number of bytes.
/// - Returns: The number of characters.
func base64Size(of count: Int) -> Int { (count + 2) / 3 * 4 }

extension ByteBuffer {
    private static let base64Standard = Array(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    private static let base64URLSafe = Array(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)

    /// Appends bytes in base64.
    ///
    /// - Parameters:
    ///   - bytes: The bytes.
    ///   - isURLSafe: Whether to use the URL-safe alphabet, without padding.
    /// - Complexity: O(n).
    package mutating func writeBase64(_ bytes: [UInt8], isURLSafe: Bool = false) {
        let alphabet = isURLSafe ? Self.base64URLSafe : Self.base64Standard
        writeWithUnsafeMutableBytes(minimumWritableBytes: base64Size(of: bytes.count)) { target in
            var size = 0
            for start in stride(from: 0, to: bytes.count, by: 3) {
                let count = min(3, bytes.count - start)
                var bits = UInt32(bytes[start]) << 16
                if count > 1 { bits |= UInt32(bytes[start + 1]) << 8 }
                if count > 2 { bits |= UInt32(bytes[start + 2]) }
                for digit in 0...count {
                    target[size + digit] = alphabet[Int(bits >> (18 - 6 * UInt32(digit)) & 63)]
                }
                size += count + 1
                if count < 3, !isURLSafe {
                    for _ in count..<3 {
                        target[size] = UInt8(ascii: "=")
                        size += 1
                    }
                }
            }
            return size
        }
    }
}
