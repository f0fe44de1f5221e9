import Foundation
import JSONValues
import Testing

@testable import Gateway

@Suite("Ranges of files (RFC 9110, issue 15 item 8)", .timeLimit(.minutes(5))) struct ByteRangeTests {
    @Test(
        "one range of bytes is a part, everything else is the whole file",
        arguments: [
            ("bytes=0-3", .part(0..<4)), ("bytes=2-", .part(2..<10)), ("bytes=-3", .part(7..<10)),
            ("bytes=-99", .part(0..<10)), ("bytes=9-9", .part(9..<10)), ("bytes=5-99999999999999999999", .part(5..<10)),
            ("BYTES=1-2", .part(1..<3)), ("bytes= 1 - 2 ", .part(1..<3)),
            ("bytes=10-", .unsatisfiable), ("bytes=10-12", .unsatisfiable), ("bytes=-0", .unsatisfiable),
            ("bytes=99999999999999999999-", .unsatisfiable),
            ("bytes=4-3", .whole), ("bytes=0-1,3-4", .whole), ("lines=0-1", .whole), ("bytes=", .whole),
            ("bytes=-", .whole), ("bytes", .whole), ("bytes=a-b", .whole), ("bytes=+1-2", .whole), ("", .whole),
            ("bytes=1--2", .whole), ("bytes=0x1-2", .whole),
        ] as [(String, ByteRange)])
    func parsing(text: String, expected: ByteRange) { #expect(ByteRange(text, size: 10) == expected) }

    @Test("no range of an empty file can be satisfied", arguments: ["bytes=0-", "bytes=-1", "bytes=0-0"])
    func empty(text: String) { #expect(ByteRange(text, size: 0) == .unsatisfiable) }

    @Test("files are served in parts: 206, 416, If-Range, HEAD without ranges (rows 150, 151)")
    func serving() async throws {
        let bytes = (0..<200_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        try await TestServer.run(configure: { configuration, folder in
            let music = folder + "/music"
            try FileManager.default.createDirectory(atPath: music, withIntermediateDirectories: true)
            try Data(bytes).write(to: URL(filePath: music + "/song.mp3"))
            configuration.musicDirectory = music
        }) { server in
            let client = try await server.client()
            let whole = try await client.request("GET", "/music/song.mp3")
            #expect(whole.status == 200 && whole.headers["accept-ranges"] == "bytes" && whole.body == bytes)
            let tag = try #require(whole.headers["etag"])
            let part = try await client.request(
                "GET", "/music/song.mp3", headers: ["Range": "bytes=100000-199998", "If-Range": tag])
            #expect(part.status == 206 && part.body == Array(bytes[100_000..<199_999]))
            #expect(part.headers["content-range"] == "bytes 100000-199998/200000")
            #expect(part.headers["content-length"] == "99999" && part.headers["content-type"] == "audio/mpeg")
            #expect(part.headers["etag"] == tag)
            let stale = try await client.request(
                "GET", "/music/song.mp3", headers: ["Range": "bytes=0-1", "If-Range": "\"other\""])
            #expect(stale.status == 200 && stale.body == bytes, "another version: the whole new one")
            let dated = try await client.request(
                "GET", "/music/song.mp3",
                headers: ["Range": "bytes=0-1", "If-Range": "Sat, 28 Nov 2026 10:00:00 GMT"])
            #expect(dated.status == 200)
            let beyond = try await client.request("GET", "/music/song.mp3", headers: ["Range": "bytes=200000-"])
            #expect(beyond.status == 416 && beyond.headers["content-range"] == "bytes */200000")
            #expect(beyond.json["error"]?.string?.contains("200000 bytes") == true)
            let head = try await client.request("HEAD", "/music/song.mp3", headers: ["Range": "bytes=0-1"])
            #expect(head.status == 200 && head.headers["content-length"] == "200000")
            let fresh = try await client.request(
                "GET", "/music/song.mp3", headers: ["Range": "bytes=0-1", "If-None-Match": tag])
            #expect(fresh.status == 304)
        }
    }
}
