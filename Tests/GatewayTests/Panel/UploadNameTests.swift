import Gateway
import HTTPTypes
import Testing

@testable import AdminPanel

@Suite("Names and kinds of uploaded files (issue 15, bad input)") struct UploadNameTests {
    @Test(
        "safe names are taken",
        arguments: [
            ("music", "song.mp3", "song.mp3"), ("music", "My%20Song%20(2).ogg", "My Song (2).ogg"),
            ("music", "Lied-%C3%A4.wav", "Lied-ä.wav"), ("music", "Lied-a%CC%88.wav", "Lied-ä.wav"),
            ("maps", "4-forest.tmj", "4-forest.tmj"), ("maps", "tiles.tsx", "tiles.tsx"),
            ("images", "goblin.v2.png", "goblin.v2.png"),
        ])
    func taken(folder: String, name: String, expected: String) throws {
        #expect(try UploadName(folder: folder, name: name).name == expected)
    }

    @Test(
        "everything else is refused, with what is wrong",
        arguments: [
            ("music", "..", "begins with a dot"), ("music", "..%2Fgame.mp3", "begins with a dot"),
            ("music", "a%2F..%2Fb.mp3", "U+002F"), ("music", "a%5Cb.mp3", "U+005C"), ("music", ".hidden.mp3", "dot"),
            ("music", "a%00.mp3", "U+0000"), ("music", "a%0D%0A.mp3", "U+000D"), ("music", "a%7F.mp3", "U+007F"),
            ("music", "gpj%E2%80%AE3pm.mp3", "U+202E"), ("music", "a%E2%80%8Bb.mp3", "U+200B"),
            ("music", "a%3Ab.mp3", "U+003A"), ("music", "a%3Cb%3E.mp3", "U+003C"), ("music", "%7Ea.mp3", "U+007E"),
            ("music", "CON.mp3", "device"), ("music", "lpt1.mp3", "device"), ("music", "%20a.mp3", "space"),
            ("music", "a%20.mp3", "space"), ("music", "a..mp3", "dot"), ("music", "a.mp3.", "dot"),
            ("music", "", "empty"), ("music", "%FF.mp3", "UTF-8"), ("music", "song", "no ending"),
            ("music", "song.MP3", "small letters"), ("music", "page.html", "no ending"),
            ("music", "picture.svg", "no ending"), ("music", "code.js", "no ending"),
            ("music", "x.mp3.exe", "no ending"),
            ("images", "song.mp3", "no ending"), ("maps", "script.lua", "no ending"),
            ("music", String(repeating: "a", count: 97) + ".mp3", "101 bytes"),
        ])
    func refused(folder: String, name: String, reason: String) throws {
        let error = try #require(throws: GatewayError.self) { _ = try UploadName(folder: folder, name: name) }
        #expect(error.status == .badRequest && error.message.contains(reason), "\(error.message)")
    }

    @Test("there are three folders", arguments: ["client", "events", "..", "", "Maps"])
    func folders(name: String) throws {
        let error = try #require(throws: GatewayError.self) { _ = try UploadName(folder: name, name: "a.mp3") }
        #expect(error.status == .notFound && error.message.contains("maps, music, images"))
    }

    private static let heads: [(UploadContent, [UInt8])] = [
        (.mp3, Array("ID3\u{4}".utf8)), (.mp3, [0xFF, 0xFB, 0x90, 0x64]), (.ogg, Array("OggS\0\u{2}".utf8)),
        (.wav, Array("RIFF____WAVEfmt ".utf8)), (.m4a, Array("\0\0\0 ftypM4A ".utf8)),
        (.png, [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]), (.jpeg, [0xFF, 0xD8, 0xFF, 0xE0]),
        (.gif, Array("GIF89a".utf8)), (.webp, Array("RIFF____WEBPVP8 ".utf8)), (.tiledJSON, Array("\n {".utf8)),
        (.tiledXML, [0xEF, 0xBB, 0xBF] + Array("<?xml".utf8)),
    ]

    @Test("the first bytes must be those of the kind that the ending names")
    func sniffing() {
        for (kind, head) in Self.heads {
            for other in UploadContent.allCases {
                let isSame = other == kind || (kind == .tiledJSON && other == .world)
                #expect(other.matches(head) == isSame, "\(head) as \(other)")
            }
        }
        for head in [[], [0xFF], [0xFF, 0xFE, 0, 0], Array("<html><script>".utf8), Array("#!/bin/sh".utf8)] as [[UInt8]]
        {
            for kind in UploadContent.allCases where kind != .tiledXML { #expect(!kind.matches(head), "\(kind)") }
        }
    }
}
