/// A kind of file that can be uploaded: the endings of its name, and the bytes that such a file begins with.
enum UploadContent: CaseIterable, Sendable {
    case tiledJSON, tiledXML, world
    case mp3, ogg, wav, m4a
    case png, jpeg, gif, webp

    /// How many bytes of a file ``matches(_:)`` looks at.
    static let headBytes = 512

    /// The endings of names, without the dot.
    var endings: [String] {
        switch self {
        case .tiledJSON: ["tmj", "tsj", "tj"]
        case .tiledXML: ["tmx", "tsx", "tx"]
        case .world: ["world"]
        case .mp3: ["mp3"]
        case .ogg: ["ogg"]
        case .wav: ["wav"]
        case .m4a: ["m4a"]
        case .png: ["png"]
        case .jpeg: ["jpg", "jpeg"]
        case .gif: ["gif"]
        case .webp: ["webp"]
        }
    }

    /// What a file of this kind is, with an article.
    var description: String {
        switch self {
        case .tiledJSON: "a JSON file of Tiled"
        case .tiledXML: "an XML file of Tiled"
        case .world: "a world of Tiled"
        case .mp3: "an MP3 file"
        case .ogg: "an Ogg file"
        case .wav: "a WAV file"
        case .m4a: "an MPEG-4 audio file"
        case .png: "a PNG picture"
        case .jpeg: "a JPEG picture"
        case .gif: "a GIF picture"
        case .webp: "a WebP picture"
        }
    }

    /// The largest file of this kind, in bytes.
    var maxBytes: Int {
        switch self {
        case .tiledJSON, .tiledXML: 64 << 20
        case .world: 4 << 20
        case .mp3, .ogg, .wav, .m4a: 64 << 20
        case .png, .jpeg, .gif, .webp: 16 << 20
        }
    }

    /// Whether a file begins as files of this kind do. Texts are read to their end by the loader of maps.
    ///
    /// - Parameter head: The first ``headBytes`` of the file, or all of a shorter one.
    /// - Returns: `false` for another kind of file.
    func matches(_ head: some Collection<UInt8>) -> Bool {
        let head = Array(head)
        func has(_ text: String, at offset: Int = 0) -> Bool { head.dropFirst(offset).starts(with: text.utf8) }
        // A text may have a byte order mark and spaces before its first character.
        let text = (head.starts(with: [0xEF, 0xBB, 0xBF]) ? head.dropFirst(3) : head[...]).first { $0 > 0x20 }
        switch self {
        case .tiledJSON, .world: return text == UInt8(ascii: "{")
        case .tiledXML: return text == UInt8(ascii: "<")
        case .mp3: return has("ID3") || Self.isMPEGFrame(head)
        case .ogg: return has("OggS")
        case .wav: return has("RIFF") && has("WAVE", at: 8)
        case .m4a: return has("ftyp", at: 4) && ["M4A ", "M4B ", "mp4", "iso", "dash"].contains { has($0, at: 8) }
        case .png: return head.starts(with: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A])
        case .jpeg: return head.starts(with: [0xFF, 0xD8, 0xFF])
        case .gif: return has("GIF87a") || has("GIF89a")
        case .webp: return has("RIFF") && has("WEBP", at: 8)
        }
    }

    /// Whether bytes begin with the header of an MPEG audio frame: 11 set bits, then fields whose reserved values no
    /// frame has (version 01, layers 00 and 11, bit rate 1111, sampling rate 11).
    private static func isMPEGFrame(_ head: [UInt8]) -> Bool {
        guard head.count >= 4, head[0] == 0xFF, head[1] & 0xE0 == 0xE0 else { return false }
        // Layer I is as good as never used, and its header begins as a text in UTF-16 does.
        return head[1] & 0x18 != 0x08 && head[1] & 0x06 != 0 && head[1] & 0x06 != 0x06 && head[2] & 0xF0 != 0xF0
            && head[2] & 0x0C != 0x0C
    }
}
