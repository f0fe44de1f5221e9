import Wire

/// The format of a recording's file.
///
/// | bytes | what |
/// |---|---|
/// | 8 | `PERIGEE` and a line end |
/// | 4 | the format's version; it and all numbers below are little-endian |
/// | any | chunks, each readable without the others: |
///
/// | bytes of a chunk | what |
/// |---|---|
/// | 1 | its kind: `H`ead, game `D`efinition, a map's `S`teps, `E`nd |
/// | 4 | the map's number; 0 when the chunk belongs to no map |
/// | 4 | the content's length before it is packed |
/// | 4 | the content's length after it is packed |
/// | 4 | CRC-32 of the 13 bytes before this field and of the packed content |
/// | any | the content, packed by zlib |
///
/// A file that was cut off holds every chunk before the cut, and a chunk of steps ends with a whole step.
enum RecordingFormat {
    static let magic = Array("PERIGEE\n".utf8)
    /// Grows with each kind of value that readers of the former version do not know, so that they refuse the file with
    /// a clear message. Files of former versions are still read. Version 6 has sessions with a lane
    /// for datagrams.
    static let version: UInt32 = 6
    static let fileHead = 12
    static let chunkHead = 17
    /// The longest content of a chunk before it is packed; a greater length means that the file is damaged.
    static let maxChunk = 1 << 30

    enum Kind: UInt8 {
        case head = 0x48
        case definition = 0x44
        case steps = 0x53
        case end = 0x45
    }

    /// The bytes of a chunk; `nil` when there is no memory to pack it.
    static func chunk(_ kind: Kind, map: Int = 0, _ content: [UInt8]) -> [UInt8]? {
        guard let packed = PackedBytes.packed(content) else { return nil }
        var head = [kind.rawValue]
        for value in [UInt32(truncatingIfNeeded: map), UInt32(content.count), UInt32(packed.count)] {
            withUnsafeBytes(of: value.littleEndian) { head.append(contentsOf: $0) }
        }
        let check = PackedBytes.checksum(head, packed[...])
        withUnsafeBytes(of: check.littleEndian) { head.append(contentsOf: $0) }
        return head + packed
    }
}

/// Why a recording ended.
package enum RecordingEnd: UInt8, Sendable {
    /// The server was stopped.
    case stopped = 1
    /// The file has reached its size limit.
    case limit
    /// The disk is slower than the game.
    case overrun
    /// The file could not be written to; such a file has no end chunk.
    case failed
    /// The game definition came without its files, which a recording must hold.
    case incomplete

    /// What happened, for people.
    package var text: String {
        switch self {
        case .stopped: "the server was stopped"
        case .limit: "the recording is as large as --record-limit allows"
        case .overrun: "the disk is too slow for the recording"
        case .failed: "the recording can't be written to"
        case .incomplete: "the game's files were not at hand"
        }
    }
}
