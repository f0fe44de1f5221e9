import NIOCore

/// Changes packets of SCTP at random, and corrects their checksum so that they are read nevertheless.
struct PacketDamage {
    private var generator: CountingGenerator
    /// Of how many packets one is changed.
    private let rarity: UInt64

    init(seed: UInt64, rarity: UInt64) {
        generator = CountingGenerator(state: seed)
        self.rarity = rarity
    }

    /// The packet, or another one.
    mutating func damage(_ packet: UnsafeBufferPointer<UInt8>) -> [UInt8] {
        var bytes = Array(packet)
        guard bytes.count > 16, generator.next() % rarity == 0 else { return bytes }
        for _ in 0...(generator.next() % 3) {
            let place = 12 + Int(generator.next() % UInt64(bytes.count - 12))
            switch generator.next() % 4 {
            case 0: bytes[place] ^= UInt8(1 << (generator.next() % 8))
            case 1: bytes[place] = UInt8(truncatingIfNeeded: generator.next())
            // Types and lengths of chunks stand at the beginning.
            case 2: bytes[12 + Int(generator.next() % 4)] = UInt8(truncatingIfNeeded: generator.next())
            default: bytes.append(contentsOf: bytes[12..<min(bytes.count, 12 + Int(generator.next() % 64))])
            }
        }
        if bytes.count > 1150 { bytes.removeLast(bytes.count - 1150) }
        Self.setChecksum(&bytes)
        return bytes
    }

    /// Writes the CRC32c of a packet (RFC 9260, appendix A).
    static func setChecksum(_ bytes: inout [UInt8]) {
        bytes.replaceSubrange(8..<12, with: [0, 0, 0, 0])
        var sum = UInt32.max
        for byte in bytes {
            sum ^= UInt32(byte)
            for _ in 0..<8 { sum = sum & 1 == 1 ? sum >> 1 ^ 0x82F6_3B78 : sum >> 1 }
        }
        sum = ~sum
        bytes.replaceSubrange(8..<12, with: (0..<4).map { UInt8(truncatingIfNeeded: sum >> (8 * $0)) })
    }
}
