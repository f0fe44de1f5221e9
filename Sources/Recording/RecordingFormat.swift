import Wire

/// How a recording lies in its file.
///
/// | bytes | what |
/// |---|---|
/// | 8 | `PERIGEE` and a line end |
/// | 4 | the format's version, little-endian as all below |
/// | any | chunks, each on its own: |
///
/// | bytes of a chunk | what |
/// |---|---|
/// | 1 | its kind: `H`ead, game `D`efinition, a map's `S`teps, `E`nd |
/// | 4 | the map's number, 0 where it concerns none |
/// | 4 | its length unpacked |
/// | 4 | its length packed |
/// | 4 | CRC-32 of the 13 bytes before and the packed bytes behind |
/// | any | the content, packed by zlib |
///
/// A file that was cut off anywhere holds every chunk before the cut, and a chunk of steps ends with a whole one.
enum RecordingFormat {
    static let magic = Array("PERIGEE\n".utf8)
    static let version: UInt32 = 3
    static let fileHead = 12
    static let chunkHead = 17
    /// The longest content of a chunk, unpacked: more is damage.
    static let maxChunk = 1 << 30

    enum Kind: UInt8 {
        case head = 0x48
        case definition = 0x44
        case steps = 0x53
        case end = 0x45
    }

    /// A chunk as it stands in the file; `nil` when there is no memory to pack it.
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

/// Why a recording ends where it does.
package enum RecordingEnd: UInt8, Sendable {
    /// The server was stopped.
    case stopped = 1
    /// The file is as large as it may be.
    case limit
    /// The disk is slower than the game.
    case overrun
    /// The file could not be written to.
    case failed
    /// The game's files were not at hand.
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
