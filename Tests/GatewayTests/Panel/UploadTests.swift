import Foundation
import Gateway
import JSONValues
import OperatorAPI
import Storage
import Synchronization
import Testing

@testable import AdminPanel

@Suite("Uploading maps, music and images (M0.11, rows 150 and 151)", .timeLimit(.minutes(5))) struct UploadTests {
    private static let song = "ID3\u{4}the song"

    static func map(_ layer: String = "") -> String {
        """
        {"type":"map","orientation":"orthogonal","width":4,"height":3,"tilewidth":16,"tileheight":16,"tilesets":[],
         "layers":[\(layer)]}
        """
    }

    /// A server with a game folder of one map, and how often the game was reloaded.
    private func run(
        client: Bool = false, _ body: (PanelServer, String, @Sendable () -> Int) async throws -> Void
    ) async throws {
        try await TestServer.withFolder { folder in
            let game = folder + "/game"
            for name in client ? ["maps", "client"] : ["maps"] {
                try FileManager.default.createDirectory(atPath: "\(game)/\(name)", withIntermediateDirectories: true)
            }
            try Self.map().write(toFile: game + "/maps/4-field.tmj", atomically: true, encoding: .utf8)
            let count = ReloadCount()
            try await PanelServer.run(
                reload: {
                    count.add()
                    return ReloadPanelTests.report
                }, gameDirectory: game
            ) { panel in try await body(panel, game, { count.value }) }
        }
    }

    private final class ReloadCount: Sendable {
        private let count = Mutex(0)
        var value: Int { count.withLock { $0 } }
        func add() { count.withLock { $0 += 1 } }
    }

    private func put(
        _ panel: PanelServer, _ path: String, _ body: String, as user: PanelServer.User
    ) async throws -> TestClient.Reply {
        try await panel.server.client().request(
            "PUT", "/server/api/v1/files/\(path)",
            headers: ["Cookie": user.cookie, "X-Perigee-Token": user.token, "User-Agent": user.agent], body: body)
    }

    private func files(in folder: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
    }

    @Test("a song is written whole, listed, replaced on request only, deleted, and audited with size and hash")
    func music() async throws {
        try await run { panel, game, reloads in
            let editor = try await panel.user(.editor)
            let made = try await put(panel, "music/song.mp3", Self.song, as: editor)
            #expect(made.status == 200 && made.json["served"] == .string("/music/song.mp3"), "\(made.text)")
            #expect(try String(contentsOfFile: game + "/music/song.mp3", encoding: .utf8) == Self.song)
            #expect(try files(in: game + "/music") == ["song.mp3"], "the temporary file is gone")
            let list = try await panel.send(.listUploads, as: editor)
            #expect(list.text.contains(#""name":"song.mp3","size":\#(Self.song.utf8.count)"#))
            let first = try #require(try await panel.audit().first)
            #expect(first.action == "uploads.write" && first.target == "music/song.mp3" && first.before == nil)
            #expect(first.after?.contains(#""size":\#(Self.song.utf8.count),"blake2b":""#) == true)

            let again = try await put(panel, "music/song.mp3", Self.song, as: editor)
            #expect(again.status == 409 && again.json["code"] == .string("exists"))
            #expect(try await put(panel, "music/song.mp3?replace=true", Self.song + "!", as: editor).status == 200)
            let second = try #require(try await panel.audit().first)
            #expect(second.before == first.after && second.after != first.after)

            let gone = try await panel.send(.deleteUpload, ["folder": "music", "name": "song.mp3"], as: editor)
            #expect(gone.status == 200)
            #expect(try await panel.audit().first?.before == second.after)
            #expect(try files(in: game + "/music").isEmpty)
            #expect(
                try await panel.send(.deleteUpload, ["folder": "music", "name": "song.mp3"], as: editor).status == 404)
            #expect(reloads() == 0, "no reload is needed for what is served from the folder")
        }
    }

    @Test("a wrong kind, an empty body, a name with a path and a link are refused, audited, and change nothing")
    func refusals() async throws {
        try await run { panel, game, _ in
            let editor = try await panel.user(.editor)
            try FileManager.default.createDirectory(atPath: game + "/music", withIntermediateDirectories: true)
            try FileManager.default.createSymbolicLink(
                atPath: game + "/music/link.mp3", withDestinationPath: game + "/maps/4-field.tmj")
            for (path, body, status, reason) in [
                ("music/a.mp3", "<html><script>alert(1)</script>", 415, "is not an MP3 file"),
                ("music/a.ogg", Self.song, 415, "is not an Ogg file"),
                ("music/a.mp3", "", 400, "empty"),
                ("music/..%2F..%2Fa.mp3", Self.song, 400, "begins with a dot"),
                ("music/a.html", "<html>", 400, "no ending"),
                ("music/link.mp3?replace=true", Self.song, 409, "plain files"),
                ("nothing/a.mp3", Self.song, 404, "no folder"),
                ("images/a.png", "\u{89}PNG", 409, "no folder client/"),
            ] as [(String, String, Int, String)] {
                let reply = try await put(panel, path, body, as: editor)
                #expect(reply.status == status, "\(path): \(reply.text)")
                #expect(reply.json["error"]?.string?.contains(reason) == true, "\(reply.text)")
                let entry = try #require(try await panel.audit(refused: true).first)
                #expect(entry.action == "uploads.write" && entry.refusal?.contains(reason) == true)
            }
            #expect(try files(in: game + "/music") == ["link.mp3"])
            #expect(!FileManager.default.fileExists(atPath: game + "/client"), "the viewer stays")
        }
    }

    @Test("a file that was made during an upload is replaced on request only, and then it is the one before")
    func meanwhile() throws {
        let game = NSTemporaryDirectory() + "/uploads-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: game, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: game) }
        let store = UploadStore(directory: game)
        let name = try UploadName(folder: "music", name: "a.mp3")
        let place = game + "/music/a.mp3"
        func draft(_ text: String) throws -> UploadStore.Draft {
            let draft = try store.begin(name)
            try draft.descriptor.write(contentsOf: Data(text.utf8))
            return draft
        }
        let first = try draft("first")
        try Data("made meanwhile".utf8).write(to: URL(filePath: place))
        let error = #expect(throws: GatewayError.self) { try store.commit(first, as: name, replacing: false) }
        #expect(error?.code == "exists")
        #expect(try String(contentsOfFile: place, encoding: .utf8) == "made meanwhile")
        store.discard(first)
        let before = try store.commit(try draft("second"), as: name, replacing: true)
        #expect(before?.size == "made meanwhile".utf8.count)
        try store.delete(name)
        #expect(try store.commit(try draft("third"), as: name, replacing: false) == nil)
        #expect(try String(contentsOfFile: place, encoding: .utf8) == "third")
        #expect(try files(in: game + "/music") == ["a.mp3"])
    }

    @Test("nothing is written, read or deleted behind a folder that is a link out of the game folder")
    func linkedFolders() async throws {
        try await run { panel, game, _ in
            let editor = try await panel.user(.editor)
            let other = game + "-other"
            try FileManager.default.createDirectory(atPath: other, withIntermediateDirectories: true)
            try Data(Self.song.utf8).write(to: URL(filePath: other + "/a.mp3"))
            for link in ["music", "client"] {
                try FileManager.default.createSymbolicLink(atPath: "\(game)/\(link)", withDestinationPath: other)
            }
            for path in ["music/a.mp3?replace=true", "music/b.mp3", "images/a.gif"] {
                let reply = try await put(panel, path, path.hasPrefix("music") ? Self.song : "GIF89a", as: editor)
                #expect(reply.status == 409 && reply.json["code"] == .string("closed_folder"), "\(reply.text)")
            }
            let gone = try await panel.send(.deleteUpload, ["folder": "music", "name": "a.mp3"], as: editor)
            #expect(gone.status == 409 && gone.json["code"] == .string("closed_folder"), "\(gone.text)")
            #expect(try await panel.audit(refused: true).first?.before == nil, "nothing of the file is told")
            #expect(try files(in: other) == ["a.mp3"])
            let list = try await panel.send(.listUploads, as: editor)
            #expect(list.text.contains("is a link out of the game folder"))
            // A link to nothing is refused as well.
            try FileManager.default.removeItem(atPath: other)
            #expect(try await put(panel, "music/b.mp3", Self.song, as: editor).status == 409)
        }
    }

    @Test("the folders have a limit together; a file that does not grow replaces another one always")
    func total() async throws {
        try await run { panel, game, _ in
            let editor = try await panel.user(.editor)
            let made = try await put(panel, "music/a%20b.mp3", Self.song, as: editor)
            #expect(made.status == 200 && made.json["served"] == .string("/music/a%20b.mp3"), "\(made.text)")
            // A file with a hole, which takes no room on the disk.
            let big = game + "/music/big.mp3"
            #expect(FileManager.default.createFile(atPath: big, contents: nil))
            let file = try #require(FileHandle(forWritingAtPath: big))
            try file.truncate(atOffset: UInt64(UploadStore.maxTotalBytes))
            try file.close()
            let full = try await put(panel, "music/c.mp3", Self.song, as: editor)
            #expect(full.status == 409 && full.json["code"] == .string("full"), "\(full.text)")
            #expect(full.json["error"]?.string?.contains("1025 MiB of the 1024 MiB") == true, "\(full.text)")
            let grown = try await put(panel, "music/a%20b.mp3?replace=true", Self.song + "!", as: editor)
            #expect(grown.json["code"] == .string("full"))
            #expect(try await put(panel, "music/a%20b.mp3?replace=true", Self.song, as: editor).status == 200)
            try FileManager.default.removeItem(atPath: big)
            #expect(try await put(panel, "music/c.mp3", Self.song, as: editor).status == 200)
        }
    }

    @Test("a file over the limit is refused by its announced length, and while it comes without one")
    func tooLarge() async throws {
        try await run { panel, game, _ in
            let editor = try await panel.user(.editor)
            let head = """
                PUT /server/api/v1/files/maps/w.world HTTP/1.1\r\nHost: localhost\r\nCookie: \(editor.cookie)\r
                X-Perigee-Token: \(editor.token)\r\nUser-Agent: \(editor.agent)\r\n
                """
            let announced = try await panel.server.client()
            try await announced.send("\(head)Content-Length: \((4 << 20) + 1)\r\n\r\n".utf8)
            let refusal = try #require(try await announced.reply())
            #expect(refusal.status == 413 && refusal.json["error"]?.string?.contains("4 MiB") == true)
            let chunked = try await panel.server.client()
            try await chunked.send("\(head)Transfer-Encoding: chunked\r\n\r\n".utf8)
            let part = String(repeating: "{", count: 1 << 20)
            for _ in 0..<5 { try? await chunked.send("100000\r\n\(part)\r\n".utf8) }
            #expect(try #require(try await chunked.reply()).status == 413)
            #expect(try files(in: game + "/maps") == ["4-field.tmj"])
        }
    }

    @Test("a map is read before it replaces the file; a good one is checked, taken and reloads the game")
    func maps() async throws {
        try await run { panel, game, reloads in
            let editor = try await panel.user(.editor)
            let before = try String(contentsOfFile: game + "/maps/4-field.tmj", encoding: .utf8)
            let bad = Self.map(#"{"type":"tilelayer","width":4,"height":3,"data":[1]}"#)
            for (name, text, reason) in [
                ("4-field.tmj", bad, "maps/4-field.tmj"), ("4-field.tmj", "{", "not JSON"),
                ("4-other.tmj", Self.map(), "has the number 4"), ("field.tmj", Self.map(), "ID-NAME.tmj"),
                ("5-x.tmx", "<map/>", "export"), ("t.tsx", "<map/>", "t.tsx"), ("t.tsj", #"{"tiles":3}"#, "t.tsj"),
                ("w.world", #"{"maps":[{"fileName":"9-x.tmj"}]}"#, "9-x.tmj"),
            ] {
                let reply = try await put(panel, "maps/\(name)?replace=true", text, as: editor)
                #expect(reply.status == 422, "\(name): \(reply.text)")
                #expect(reply.json["error"]?.string?.contains(reason) == true, "\(reply.text)")
            }
            #expect(try String(contentsOfFile: game + "/maps/4-field.tmj", encoding: .utf8) == before)
            #expect(try files(in: game + "/maps") == ["4-field.tmj"] && reloads() == 0)

            let good = Self.map(
                #"{"type":"tilelayer","name":"ground","width":4,"height":3,"data":[0,0,0,0,0,0,0,0,0,0,0,0]}"#)
            let check = try await put(panel, "maps/4-field.tmj?check=true", good, as: editor)
            #expect(check.status == 200 && check.json["written"] == .bool(false), "\(check.text)")
            #expect(check.json["map"]?.object?["width"] == .number(4))
            #expect(try String(contentsOfFile: game + "/maps/4-field.tmj", encoding: .utf8) == before)
            let done = try await put(panel, "maps/4-field.tmj?replace=true", good, as: editor)
            #expect(done.status == 200 && done.json["written"] == .bool(true) && reloads() == 1, "\(done.text)")
            #expect(done.json["changes"]?.array?.isEmpty == false)
            #expect(try String(contentsOfFile: game + "/maps/4-field.tmj", encoding: .utf8) == good)
        }
    }

    @Test("a tileset that a map uses can't be deleted, an unused one can")
    func usedTileset() async throws {
        try await run { panel, game, _ in
            let editor = try await panel.user(.editor)
            let tileset = #"{"type":"tileset","name":"t","tilewidth":16,"tileheight":16,"tilecount":1,"columns":1}"#
            for name in ["t.tsj", "u.tsj"] {
                #expect(try await put(panel, "maps/\(name)", tileset, as: editor).status == 200)
            }
            let map = Self.map().replacingOccurrences(
                of: #""tilesets":[]"#, with: #""tilesets":[{"firstgid":1,"source":"t.tsj"}]"#)
            #expect(try await put(panel, "maps/5-new.tmj", map, as: editor).status == 200)
            let used = try await panel.send(.deleteUpload, ["folder": "maps", "name": "t.tsj"], as: editor)
            #expect(used.status == 422 && used.text.contains("t.tsj is not there"), "\(used.text)")
            #expect(try await panel.send(.deleteUpload, ["folder": "maps", "name": "u.tsj"], as: editor).status == 200)
            #expect(try files(in: game + "/maps") == ["4-field.tmj", "5-new.tmj", "t.tsj"])
        }
    }

    @Test("viewers look and don't touch; pictures need the game's own client; the panel shows geometries")
    func roles() async throws {
        try await run(client: true) { panel, game, _ in
            let viewer = try await panel.user(.viewer)
            #expect(try await put(panel, "music/a.mp3", Self.song, as: viewer).status == 403)
            let page = try await panel.send(.filesPage, as: viewer)
            #expect(page.text.contains("4-field.tmj") && !page.text.contains("type=\"file\""))
            #expect(!page.text.contains(">Delete<"))
            let editor = try await panel.user(.editor)
            let image = "GIF89a picture"
            #expect(try await put(panel, "images/a.gif", image, as: editor).status == 200)
            #expect(try String(contentsOfFile: game + "/client/images/a.gif", encoding: .utf8) == image)
            #expect(try await panel.send(.filesPage, as: editor).text.contains("type=\"file\""))
        }
    }
}
