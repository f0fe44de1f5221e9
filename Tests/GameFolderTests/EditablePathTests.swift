import Foundation
import Testing

@testable import GameFolder

@Suite("Which files of the game folder can be edited") struct EditablePathTests {
    @Test(
        "texts inside the folder",
        arguments: [
            "game.yaml", "components/hp.lua", "events/move/to.lua", "spawn/enemys/7.lua", "maps/1-meadow.tmj",
            "client/render/main.js", "tests/bag.lua", "notes/größe.md", "lib/a b.lua",
        ])
    func allowed(path: String) throws { #expect(try EditablePath(path).text == path) }

    @Test(
        "every other path is refused with the reason",
        arguments: [
            ("", "empty"), ("/etc/passwd.txt", "begins with /"), ("../a.lua", "\"..\""), ("lib/../../a.lua", "\"..\""),
            ("lib/./a.lua", "\".\""), ("lib//a.lua", "empty"), ("lib/a.lua/", "empty"), ("lib/.a.lua", "hidden"),
            (".git/hooks/x.txt", "hidden"), ("lib/a.lua~", "backup"), ("lib/#a.lua", "hidden"),
            ("lib/a\u{0}.lua", "not allowed"), ("lib/a\n.lua", "not allowed"), ("lib/a\u{202E}.lua", "not allowed"),
            ("lib\\a.lua", "not allowed"), ("C:/a.lua", "not allowed"), ("lib/ a.lua", "not allowed"),
            ("lib/a", "end in"), ("lib/a.png", "end in"), ("a/b/c/d/e/f/g.lua", "too deep"),
            ("lib/" + String(repeating: "x", count: 252) + ".lua", "256 bytes"),
            ("lib/" + String(repeating: "é", count: 126) + ".lua", "256 bytes"),
        ])
    func refused(path: String, reason: String) {
        let error = #expect(throws: EditError.self) { try EditablePath(path) }
        #expect(error.map { "\($0)".contains(reason) } == true, "\(String(describing: error))")
    }

    @Test("files for browsers are told apart, in any case")
    func served() throws {
        for path in ["client/a.js", "music/a.html", "CLIENT/a.js"] { #expect(try EditablePath(path).isServed) }
        for path in ["clients/a.js", "lib/client.lua", "tests/client/a.lua"] {
            #expect(try !EditablePath(path).isServed)
        }
    }

    @Test("only events and timeouts need code (M11.14)")
    func code() throws {
        let comment = Array("--@about nothing\n-- print(1)\n--[[ x() ]]\n".utf8)
        for path in ["events/move/to.lua", "events/move/timeout.lua"] {
            #expect(try EditablePath(path).missingCode(in: comment)?.hasPrefix("no code") == true)
            #expect(try EditablePath(path).missingCode(in: Array("return 1".utf8)) == nil)
        }
        for path in ["components/hp.lua", "lib/a.lua", "spawn/players.lua", "tests/events/a.lua", "game.yaml"] {
            #expect(try EditablePath(path).missingCode(in: comment) == nil)
        }
    }
}

@Suite("Changing files of the game folder") struct EditableFolderTests {
    private func folder(_ files: [String: String] = [:]) throws -> (ScratchFolder, EditableFolder) {
        let scratch = try ScratchFolder(files)
        return (scratch, EditableFolder(directory: scratch.path))
    }

    private func text(_ folder: EditableFolder, _ path: String) throws -> String? {
        try folder.read(EditablePath(path)).map { String(decoding: $0, as: UTF8.self) }
    }

    @Test("a new file with its folders, a replaced one with its permissions, and nothing left beside it")
    func writing() throws {
        let (scratch, folder) = try folder()
        let path = try EditablePath("events/move/to.lua")
        #expect(try folder.read(path) == nil)
        try folder.write(path, Array("one".utf8), isNew: true)
        chmod("\(scratch.path)/events/move/to.lua", 0o600)
        try folder.write(path, Array("two".utf8), isNew: false)
        #expect(try text(folder, "events/move/to.lua") == "two")
        let attributes = try FileManager.default.attributesOfItem(atPath: "\(scratch.path)/events/move/to.lua")
        #expect((attributes[.posixPermissions] as? NSNumber)?.intValue == 0o600)
        #expect(try FileManager.default.contentsOfDirectory(atPath: "\(scratch.path)/events/move") == ["to.lua"])
        #expect(throws: EditError.exists("events/move/to.lua")) {
            try folder.write(path, Array("three".utf8), isNew: true)
        }
        #expect(throws: EditError.missing("events/move/from.lua")) {
            try folder.write(EditablePath("events/move/from.lua"), [], isNew: false)
        }
    }

    @Test("names that differ only in case are the same one, folders too")
    func clashes() throws {
        let (scratch, folder) = try folder(["components/hp.lua": "", "events/move/to.lua": ""])
        defer { withExtendedLifetime(scratch) {} }
        #expect(throws: EditError.exists("components/hp.lua")) {
            try folder.write(EditablePath("components/HP.lua"), [], isNew: true)
        }
        #expect(throws: EditError.exists("events/move")) {
            try folder.write(EditablePath("events/Move/from.lua"), [], isNew: true)
        }
        #expect(throws: EditError.exists("components/hp.lua")) {
            try folder.rename(EditablePath("events/move/to.lua"), to: EditablePath("components/hp.lua"))
        }
        // The case of the file's own name can be changed.
        try folder.rename(EditablePath("components/hp.lua"), to: EditablePath("components/Hp.lua"))
        #expect(try folder.list().map(\.path.text) == ["components/Hp.lua", "events/move/to.lua"])
    }

    @Test("renaming and deleting remove folders that are empty then, but those at the top stay")
    func removing() throws {
        let (scratch, folder) = try folder(["events/move/to.lua": "x"])
        try folder.rename(EditablePath("events/move/to.lua"), to: EditablePath("events/walk/to.lua"))
        #expect(try text(folder, "events/walk/to.lua") == "x")
        #expect(!FileManager.default.fileExists(atPath: "\(scratch.path)/events/move"))
        try folder.remove(EditablePath("events/walk/to.lua"))
        #expect(try FileManager.default.contentsOfDirectory(atPath: scratch.path) == ["events"])
        #expect(throws: EditError.missing("events/walk/to.lua")) {
            try folder.remove(EditablePath("events/walk/to.lua"))
        }
    }

    @Test("no link leads out of the folder; links inside of it are followed to read")
    func links() throws {
        let outside = try ScratchFolder(["secret.txt": "secret", "lib/x.lua": "x"])
        let (scratch, folder) = try folder(["lib/a.lua": "a"])
        defer { withExtendedLifetime((scratch, outside)) {} }
        let manager = FileManager.default
        try manager.createSymbolicLink(
            atPath: "\(scratch.path)/out.txt", withDestinationPath: "\(outside.path)/secret.txt")
        try manager.createSymbolicLink(atPath: "\(scratch.path)/away", withDestinationPath: outside.path)
        try manager.createSymbolicLink(atPath: "\(scratch.path)/more", withDestinationPath: "lib")
        try manager.createSymbolicLink(atPath: "\(scratch.path)/loop", withDestinationPath: ".")
        try manager.createSymbolicLink(atPath: "\(scratch.path)/b.lua", withDestinationPath: "lib/a.lua")
        for path in ["out.txt", "away/secret.txt"] {
            let path = try EditablePath(path)
            for work in [
                { _ = try folder.read(path) }, { try folder.write(path, [], isNew: false) },
                { try folder.rename(path, to: EditablePath("lib/stolen.txt")) },
            ] as [() throws -> Void] {
                let error = #expect(throws: EditError.self) { try work() }
                guard case .refused = error else { return #expect(Bool(false), "\(String(describing: error))") }
            }
        }
        #expect(throws: EditError.self) { try folder.write(EditablePath("away/new.txt"), [], isNew: true) }
        #expect(throws: EditError.self) { try folder.remove(EditablePath("away/secret.txt")) }
        #expect(try String(contentsOfFile: "\(outside.path)/secret.txt", encoding: .utf8) == "secret")
        #expect(try manager.contentsOfDirectory(atPath: outside.path).sorted() == ["lib", "secret.txt"])
        #expect(try text(folder, "b.lua") == "a" && text(folder, "more/a.lua") == "a")
        #expect(throws: EditError.self) { try folder.write(EditablePath("b.lua"), [], isNew: false) }
        try folder.write(EditablePath("more/a.lua"), Array("b".utf8), isNew: false)
        #expect(try text(folder, "lib/a.lua") == "b")
        #expect(try folder.list().map(\.path.text) == ["b.lua", "lib/a.lua", "more/a.lua"])
    }

    @Test("only texts in UTF-8 of at most 1 MiB")
    func contents() throws {
        let (scratch, folder) = try folder()
        let path = try EditablePath("a.txt")
        for bytes in [[0], [0xFF, 0xFE], [0xC3]] as [[UInt8]] {
            #expect(throws: EditError.notText("a.txt")) { try folder.write(path, bytes, isNew: true) }
            try scratch.write("a.txt", Data(bytes))
            #expect(throws: EditError.notText("a.txt")) { try folder.read(path) }
            try scratch.remove("a.txt")
        }
        let whole = [UInt8](repeating: 0x61, count: EditableFolder.maxBytes)
        try folder.write(path, whole, isNew: true)
        #expect(try folder.read(path)?.count == EditableFolder.maxBytes)
        let error = #expect(throws: EditError.tooLarge("a.txt", bytes: whole.count + 1)) {
            try folder.write(path, whole + [0x61], isNew: false)
        }
        #expect(error.map { "\($0)".contains("1 MiB") } == true)
        try scratch.write("a.txt", Data(whole + [0x61]))
        #expect(throws: EditError.tooLarge("a.txt", bytes: whole.count + 1)) { try folder.read(path) }
    }

    @Test("a folder that can't be written is refused with the system's reason")
    func readOnly() throws {
        // Not even root makes files here.
        let folder = EditableFolder(directory: "/proc/self")
        let error = #expect(throws: EditError.self) { try folder.write(EditablePath("a.txt"), [], isNew: true) }
        #expect(error.map { "\($0)".hasPrefix("a.txt: ") } == true)
    }
}
