import Foundation
import GameFolder
import Testing

/// The Tiled map editor, as Debian has it: `scripts/bootstrap test` installs it.
enum TiledEditor {
    /// Lets the editor export a map of a folder, as File > Export As does.
    static func export(_ map: String, to target: String, in folder: ScratchFolder, _ options: [String] = []) throws {
        try run(["--export-map"] + options + ["json", map, target], in: folder)
    }

    /// Lets the editor export a tileset of a folder.
    static func exportTileset(_ tileset: String, to target: String, in folder: ScratchFolder) throws {
        try run(["--export-tileset", "json", tileset, target], in: folder)
    }

    private static func run(_ arguments: [String], in folder: ScratchFolder) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/tiled")
        process.arguments = arguments
        process.currentDirectoryURL = URL(fileURLWithPath: folder.path)
        // The editor keeps its settings in the home folder, and must not use those of the user who runs the tests.
        process.environment = [
            "QT_QPA_PLATFORM": "offscreen", "HOME": folder.path, "XDG_RUNTIME_DIR": folder.path,
            "LC_ALL": "C.UTF-8",
        ]
        let output = Pipe()
        process.standardOutput = output
        process.standardError = output
        try process.run()
        let said = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        try #require(process.terminationStatus == 0, "tiled \(arguments.joined(separator: " ")): \(said)")
    }
}

/// How a map's tiles are written into its file.
enum TileFormat: String, Sendable, CaseIterable, CustomTestStringConvertible {
    case csv, base64, gzip, zlib, zstd

    var testDescription: String { rawValue }

    /// The attributes of Tiled's `data` element.
    var attributes: String {
        switch self {
        case .csv: "encoding=\"csv\""
        case .base64: "encoding=\"base64\""
        case .gzip, .zlib, .zstd: "encoding=\"base64\" compression=\"\(rawValue)\""
        }
    }

    /// Tiles as the text of that element.
    ///
    /// The compressed formats are written without compressing; the editor compresses the tiles when it exports.
    func text(_ tiles: [UInt32]) -> String {
        if self == .csv { return tiles.map(String.init).joined(separator: ",") }
        let bytes = tiles.flatMap(littleEndian)
        // One stored block of Deflate (RFC 1951).
        let size = UInt16(bytes.count)
        let stored = [1, UInt8(size & 0xFF), UInt8(size >> 8), UInt8(~size & 0xFF), UInt8(~size >> 8)] + bytes
        let packed: [UInt8] =
            switch self {
            case .csv, .base64: bytes
            case .zlib: [0x78, 0x01] + stored + littleEndian(Self.adler32(bytes)).reversed()
            case .gzip:
                [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 0xFF] + stored + littleEndian(Self.crc32(bytes))
                    + littleEndian(UInt32(bytes.count))
            case .zstd:
                // One raw block; the content's size in two bytes, minus 256 (RFC 8878).
                [0x28, 0xB5, 0x2F, 0xFD, 0x60] + littleEndian(UInt32(bytes.count - 256)).prefix(2)
                    + littleEndian(UInt32(bytes.count) << 3 | 1).prefix(3) + bytes
            }
        return Data(packed).base64EncodedString()
    }

    private func littleEndian(_ value: UInt32) -> [UInt8] {
        (0..<4).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) }
    }

    private static func adler32(_ bytes: [UInt8]) -> UInt32 {
        var (low, high): (UInt32, UInt32) = (1, 0)
        for byte in bytes {
            low = (low + UInt32(byte)) % 65_521
            high = (high + low) % 65_521
        }
        return high << 16 | low
    }

    private static func crc32(_ bytes: [UInt8]) -> UInt32 {
        var crc: UInt32 = 0xFFFF_FFFF
        for byte in bytes {
            crc ^= UInt32(byte)
            for _ in 0..<8 { crc = crc & 1 == 1 ? crc >> 1 ^ 0xEDB8_8320 : crc >> 1 }
        }
        return ~crc
    }
}

/// A map in Tiled's own format; if `content` has no tileset, it gets one of 600 tiles.
func tmx(
    width: Int, height: Int, isInfinite: Bool = false, orientation: String = "orthogonal", _ content: String
) -> String {
    let plain = """
        <tileset firstgid="1" name="plain" tilewidth="16" tileheight="16" tilecount="600" columns="30">
        <image source="plain.png" width="480" height="320"/></tileset>
        """
    return """
        <?xml version="1.0" encoding="UTF-8"?>
        <map version="1.8" tiledversion="1.8.2" orientation="\(orientation)" renderorder="right-down" width="\(width)" \
        height="\(height)" tilewidth="16" tileheight="16" infinite="\(isInfinite ? 1 : 0)" staggeraxis="y" \
        staggerindex="odd" hexsidelength="8" nextlayerid="90" nextobjectid="900">
        \(content.contains("<tileset") ? "" : plain)\(content)
        </map>
        """
}

/// A tile layer of a finite map in Tiled's own format; without `tiles` every tile is tile 1.
func tmxLayer(
    _ name: String, width: Int, height: Int, tiles: [UInt32]? = nil, attributes: String = "", properties: String = ""
) -> String {
    let tiles = tiles ?? Array(repeating: 1, count: width * height)
    return """
        <layer name="\(name)" width="\(width)" height="\(height)" \(attributes)>\(properties)
        <data encoding="csv">\(TileFormat.csv.text(tiles))</data></layer>
        """
}
