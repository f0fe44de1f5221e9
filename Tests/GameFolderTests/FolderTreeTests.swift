import Foundation
import GameFolder
import GameRules
import Testing
import World

@Suite("Files and folders in a game folder") struct FolderTreeTests {
    private func link(_ path: String, in folder: ScratchFolder, to target: String) throws {
        let url = URL(fileURLWithPath: "\(folder.path)/\(path)")
        try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try FileManager.default.createSymbolicLink(atPath: url.path, withDestinationPath: target)
    }

    @Test("links within the folder are followed, for files and for folders")
    func linksWithin() throws {
        let folder = try ScratchFolder(goodGame)
        try folder.write("shared/orc.lua", "x = 1")
        try folder.remove("shared/orc.lua")
        try folder.write(".shared/enemys/orc.lua", "x = 1")
        try link("spawn/enemys", in: folder, to: "../.shared/enemys")
        try link("components/mp.lua", in: folder, to: "hp.lua")
        let (game, problems) = try GameFolder.load(directory: folder.path)
        #expect(problems == [])
        #expect(game.script(.spawn(kind: .enemys, .prefab("orc")))?.path == "spawn/enemys/orc.lua")
        #expect(game.schema.components.map(\.name) == ["hp", "mp"])
    }

    @Test("a game folder may itself be a link")
    func linkedFolder() throws {
        let folder = try ScratchFolder(goodGame)
        let other = try ScratchFolder()
        try link("game", in: other, to: folder.path)
        let (game, problems) = try GameFolder.load(directory: "\(other.path)/game")
        #expect(problems == [])
        #expect(game.scripts.count == 5)
    }

    @Test("a link that leaves the folder is refused, and the former version of what it replaced stays in use")
    func linksOutside() throws {
        let outside = try ScratchFolder([
            "secret.lua": "--@type number", "x/to.lua": "x = 1", "game.yaml": "name: Other",
        ])
        let folder = try ScratchFolder(goodGame)
        let (before, _) = try GameFolder.load(directory: folder.path)
        for path in ["components/hp.lua", "events/move", "game.yaml", "maps/1-field.tmj"] { try folder.remove(path) }
        try link("components/hp.lua", in: folder, to: "\(outside.path)/secret.lua")
        try link("components/mp.lua", in: folder, to: "\(outside.path)/secret.lua")
        try link("events/move", in: folder, to: "\(outside.path)/x")
        try link("game.yaml", in: folder, to: "\(outside.path)/game.yaml")
        try link("maps/1-field.tmj", in: folder, to: "\(outside.path)/secret.lua")
        // `assets` is not a part of the game, so it is ignored, whatever it is.
        try link("assets", in: folder, to: outside.path)
        let (after, problems) = try GameFolder.load(directory: folder.path, previous: before)
        #expect(
            problems.map(\.file) == [
                "components/hp.lua", "components/mp.lua", "events/move", "game.yaml", "maps/1-field.tmj",
            ])
        #expect(problems.allSatisfy { $0.message.contains("outside the game folder; put the file itself here") })
        #expect(after.configuration == before.configuration && after.maps == before.maps)
        #expect(after.schema.components == before.schema.components)
        #expect(after.schema.groups == before.schema.groups, "a folder that can't be read keeps its scripts")
        #expect(after.scripts == before.scripts)
    }

    @Test("links that lead nowhere or in a circle are reported")
    func brokenLinks() throws {
        let folder = try ScratchFolder(goodGame)
        try link("components/a.lua", in: folder, to: "gone.lua")
        try link("components/b.lua", in: folder, to: "b.lua")
        try link("events/all", in: folder, to: "..")
        try link("spawn/enemys", in: folder, to: ".")
        let (_, problems) = try GameFolder.load(directory: folder.path)
        #expect(problems.map(\.file) == ["components/a.lua", "components/b.lua", "events/all", "spawn/enemys"])
        #expect(problems[0].message.contains("nowhere (No such file or directory)"))
        #expect(problems[1].message.contains("nowhere (Too many levels"))
        #expect(problems[2...].allSatisfy { $0.message.contains("folder that it stands in") })
    }

    @Test("a folder with the name of a file, and things that are neither file nor folder, are reported")
    func wrongThings() throws {
        let folder = try ScratchFolder(goodGame)
        try folder.write("components/mp.lua/notes.txt", "")
        try folder.write("maps/2-cave.tmj/notes.txt", "")
        try #require(mkfifo("\(folder.path)/lib/pipe.lua", 0o600) == 0)
        let (game, problems) = try GameFolder.load(directory: folder.path)
        #expect(problems.map(\.file) == ["components/mp.lua", "lib/pipe.lua", "maps/2-cave.tmj"])
        #expect(problems[0].message.contains("rename the folder"))
        #expect(problems[1].message.contains("not an ordinary file"))
        #expect(game.scripts.count == 5)
    }

    @Test("in place of a tileset a pipe is not read and a link that leaves the folder is not followed")
    func tilesetThings() throws {
        let outside = try ScratchFolder(["b.tsj": "{\"name\":\"b\"}"])
        let map = smallMap(extra: "\"tilesets\":[{\"firstgid\":1,\"source\":\"b.tsj\"}]")
        let folder = try ScratchFolder(["maps/1-field.tmj": map])
        try #require(mkfifo("\(folder.path)/maps/b.tsj", 0o600) == 0)
        #expect(try GameFolder.load(directory: folder.path).1.contains { $0.file == "maps/1-field.tmj" })
        try folder.remove("maps/b.tsj")
        try link("maps/b.tsj", in: folder, to: "\(outside.path)/b.tsj")
        #expect(try GameFolder.load(directory: folder.path).1.contains { $0.file == "maps/1-field.tmj" })
    }

    @Test(
        "the scripts' own tests, definitions for editors, hidden files and editors' temporary files are not read",
        arguments: [
            "tests/walk.lua", "tests/deep/er/walk.lua", "stubs/game.lua", ".perigee/stubs.lua", ".luarc.json",
            ".luacheckrc", "components/.hp.lua.swp", "components/#hp.lua#", "components/.#hp.lua", "components/hp.lua~",
            "components/hp.lua.bak", "components/4913", "components/hp.lua.orig", "components/hp.lua.tmp", ".git/x.lua",
            "client/demo.lua", "music/song.tmj",
        ])
    func ignored(path: String) throws {
        let folder = try ScratchFolder(goodGame)
        let (before, _) = try GameFolder.load(directory: folder.path)
        try folder.write(path, "--@nonsense\n")
        let (after, problems) = try GameFolder.load(directory: folder.path)
        #expect(problems == [])
        #expect(after == before)
    }

    @Test("a hook's file that is named with a number is for the entity with that id")
    func hooksOfOne() throws {
        let files = ["spawn/enemys/7.lua": "x = 1", "leave/players/12.lua": "x = 1", "leave/objects/flag.lua": "x = 1"]
        let folder = try ScratchFolder(files)
        let (game, problems) = try GameFolder.load(directory: folder.path)
        #expect(problems == [])
        #expect(game.script(.spawn(kind: .enemys, .id(7))) != nil)
        #expect(game.script(.leave(kind: .players, .id(12))) != nil)
        #expect(game.script(.leave(kind: .objects, .prefab("flag"))) != nil)
    }

    @Test(
        "a hook's file that is named with something like a number is reported with what is allowed",
        arguments: ["0", "007", "7a", "-7", "1.5", "99999999999999999999", "٧"])
    func noID(name: String) throws {
        let folder = try ScratchFolder(["leave/enemys/\(name).lua": "x = 1"])
        let (_, problems) = try GameFolder.load(directory: folder.path)
        #expect(problems.map(\.file) == ["leave/enemys/\(name).lua"])
        #expect(problems.first?.message.contains("\"\(name)\" ") == true, "\(problems)")
    }

    @Test("folders that are too deep are reported where scripts belong, and ignored elsewhere")
    func deep() throws {
        let folder = try ScratchFolder(goodGame)
        try folder.write("events/a/b/c/d/e/f/g/h.lua", "x = 1")
        try folder.write("notes/a/b/c/d/e/f/g/h.lua", "x = 1")
        let (_, problems) = try GameFolder.load(directory: folder.path)
        #expect(problems.map(\.file) == ["events/a/b/c/d/e/"])
        #expect(problems.first?.message.contains("too deep") == true)
    }

    @Test("a name that is not UTF-8 is reported")
    func wrongName() throws {
        let folder = try ScratchFolder(goodGame)
        let path = Array("\(folder.path)/components/".utf8CString.dropLast()) + [CChar(bitPattern: 0xE9)]
        let descriptor = open(path + Array(".lua".utf8CString), O_CREAT | O_WRONLY, 0o600)
        try #require(descriptor >= 0)
        close(descriptor)
        let (_, problems) = try GameFolder.load(directory: folder.path)
        #expect(problems.map(\.message) == ["its name is not UTF-8; rename it"])
    }

    @Test(
        "bytes that are not UTF-8 are reported with their line",
        arguments: [([0x78, 0x0A, 0x2D, 0x2D, 0xE9, 0x0A], 2, "not UTF-8"), ([0xFF, 0xFE, 0x78, 0x00], 1, "UTF-16")])
    func encodings(bytes: [UInt8], line: Int, says: String) throws {
        let folder = try ScratchFolder(goodGame)
        try folder.write("lib/x.lua", Data(bytes))
        let (_, problems) = try GameFolder.load(directory: folder.path)
        #expect(problems.map(\.line) == [line])
        #expect(problems.first?.message.contains(says) == true)
    }

    @Test("a script may have 64 KiB, and not a byte more")
    func size() throws {
        let folder = try ScratchFolder(["lib/x.lua": String(repeating: " ", count: 65_536)])
        #expect(try GameFolder.load(directory: folder.path).1 == [])
        try folder.write("lib/x.lua", String(repeating: " ", count: 65_537))
        #expect(
            try GameFolder.load(directory: folder.path).1.map(\.message) == [
                "longer than 65536 bytes, all that a script may have; shorten or split it"
            ])
    }
}
