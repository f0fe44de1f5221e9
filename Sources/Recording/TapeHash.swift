/// A fast hash of 128 bits that detects when a tick did something else than recorded; it does not protect against
/// collisions that are made on purpose. Four lanes of multiplication and rotation over 32 bytes a round, as in XXH64.
struct TapeHash: Equatable {
    private(set) var low: UInt64
    private(set) var high: UInt64

    private static let primes: (UInt64, UInt64, UInt64) = (
        0x9E37_79B1_85EB_CA87, 0xC2B2_AE3D_27D4_EB4F, 0x1656_67B1_9E37_79F9
    )

    init() { (low, high) = (Self.primes.0, Self.primes.1) }

    init(low: UInt64, high: UInt64) { (self.low, self.high) = (low, high) }

    /// The 32 bits that a recording keeps for each step.
    var short: UInt32 { UInt32(truncatingIfNeeded: low ^ high >> 32) }

    /// Adds a number to the hash.
    mutating func combine(_ word: UInt64) {
        low = Self.rotated(low ^ (word &* Self.primes.1), 31) &* Self.primes.0
        high = Self.rotated(high &+ (word ^ low), 29) &* Self.primes.2
    }

    mutating func combine(_ other: TapeHash) {
        combine(other.low)
        combine(other.high)
    }

    mutating func combine(_ text: String) {
        var text = text
        text.withUTF8 { combine(Self.of(UnsafeRawBufferPointer($0))) }
    }

    /// The hash of some bytes.
    static func of(_ bytes: UnsafeRawBufferPointer) -> TapeHash {
        let (first, second, third) = primes
        var (a, b, c, d) = (first &+ second, second, third, 0 &- first)
        var at = 0
        while at + 32 <= bytes.count {
            a =
                rotated(a &+ bytes.loadUnaligned(fromByteOffset: at, as: UInt64.self).littleEndian &* second, 31)
                &* first
            b =
                rotated(b &+ bytes.loadUnaligned(fromByteOffset: at + 8, as: UInt64.self).littleEndian &* second, 31)
                &* first
            c =
                rotated(c &+ bytes.loadUnaligned(fromByteOffset: at + 16, as: UInt64.self).littleEndian &* second, 31)
                &* first
            d =
                rotated(d &+ bytes.loadUnaligned(fromByteOffset: at + 24, as: UInt64.self).littleEndian &* second, 31)
                &* first
            at += 32
        }
        var hash = TapeHash(low: a ^ rotated(c, 17), high: b ^ rotated(d, 43))
        while at < bytes.count {
            var word: UInt64 = 0
            for offset in 0..<min(8, bytes.count - at) { word |= UInt64(bytes[at + offset]) << UInt64(8 * offset) }
            hash.combine(word)
            at += 8
        }
        hash.combine(a &+ b)
        hash.combine(c &+ d)
        hash.combine(UInt64(bytes.count))
        return hash
    }

    @inline(__always)
    private static func rotated(_ value: UInt64, _ bits: UInt64) -> UInt64 { value << bits | value >> (64 - bits) }
}
