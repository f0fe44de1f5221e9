import Foundation
import GameFolder
import Testing
import World

@Suite("Whatever a path leads through is watched [3-game-folder]") struct LinkWatcherTests {
    /// Makes or replaces a link in one step, as deployments do.
    private func link(_ path: String, in folder: ScratchFolder, to target: String) throws {
        let new = "\(folder.path)/.new-link"
        try FileManager.default.createSymbolicLink(atPath: new, withDestinationPath: target)
        #expect(rename(new, "\(folder.path)/\(path)") == 0)
    }

    /// Two releases of a game, whose only component tells which one it is.
    private func releases(prefix: String = "") throws -> ScratchFolder {
        try ScratchFolder([
            "\(prefix)releases/1/lua/components/one.lua": "--@type number\n",
            "\(prefix)releases/2/lua/components/two.lua": "--@type number\n",
        ])
    }

    /// Watches a game folder, and compares its components with what they should be after each change.
    private final class Watched {
        private let directory: String
        private let calls = Calls()
        private let watcher: GameFolderWatcher

        init(_ directory: String) throws {
            self.directory = directory
            let calls = calls
            watcher = try GameFolderWatcher(directory: directory, quietPeriod: .milliseconds(20)) { calls.add() }
        }

        deinit { watcher.stop() }

        /// Waits until the folder was told to have changed and has these components.
        func expect(_ components: [String], _ location: SourceLocation = #_sourceLocation) {
            repeat {
                guard calls.next() else {
                    Issue.record("the change was not told: \(components)", sourceLocation: location)
                    return
                }
            } while (try? GameFolder.load(directory: directory).0.schema.components.map(\.name)) != components
            calls.forgetArrived()
        }
    }

    @Test(
        "a link in the game's path that is swapped to another release, and each release from then on",
        arguments: ["relative", "absolute", "chain", "parent", "slash"])
    func swapped(kind: String) throws {
        let folder = try releases()
        func target(_ number: Int) -> String {
            kind == "absolute" ? "\(folder.path)/releases/\(number)" : "releases/\(number)"
        }
        try link(kind == "chain" ? "stage" : "current", in: folder, to: target(1))
        if kind == "chain" { try link("current", in: folder, to: "./stage/../../stage") }
        let way = kind == "parent" ? "releases/../current/lua" : "current/lua\(kind == "slash" ? "/" : "")"
        let watched = try Watched("\(folder.path)/\(way)")
        for round in 0..<2 {
            try link(kind == "chain" ? "stage" : "current", in: folder, to: target(2))
            watched.expect(["two"])
            try folder.write("releases/2/lua/components/new\(round).lua", "--@type number\n")
            watched.expect(round == 0 ? ["new0", "two"] : ["new1", "two"])
            try folder.remove("releases/2/lua/components/new\(round).lua")
            watched.expect(["two"])
            try link(kind == "chain" ? "stage" : "current", in: folder, to: target(1))
            watched.expect(["one"])
        }
    }

    @Test("a folder above the game that is moved away and replaced")
    func parents() throws {
        let folder = try releases(prefix: "app/")
        let watched = try Watched("\(folder.path)/app/releases/1/lua")
        try folder.move("app", to: "old")
        try folder.write("app/releases/1/lua/components/three.lua", "--@type number\n")
        watched.expect(["three"])
        try folder.remove("app/releases/1/lua")
        try folder.move("old/releases/2/lua", to: "app/releases/1/lua")
        watched.expect(["two"])
    }

    @Test("a link that leads nowhere for a moment")
    func lost() throws {
        let folder = try releases()
        try link("current", in: folder, to: "releases/1")
        let watched = try Watched("\(folder.path)/current/lua")
        try link("current", in: folder, to: "releases/3")
        try folder.write("releases/3/lua/components/three.lua", "--@type number\n")
        watched.expect(["three"])
        try folder.remove("current")
        try link("current", in: folder, to: "releases/2")
        watched.expect(["two"])
    }

    /// A volume as the kubelet writes it: `..data` leads to a folder with a time as its name, what is in it is reached
    /// through links beside it.
    private func mount(_ folder: ScratchFolder, _ version: String, _ files: [String: String]) throws {
        for (path, text) in files { try folder.write("..\(version)/\(path)", text) }
        try link("..data", in: folder, to: "..\(version)")
    }

    @Test("a mounted volume's ..data, inside the game folder and in its path", arguments: [false, true])
    func configMap(isAbove: Bool) throws {
        let folder = try ScratchFolder()
        let prefix = isAbove ? "lua/" : ""
        try mount(folder, "2026_01", ["\(prefix)components/one.lua": "--@type number\n", "\(prefix)game.yaml": ""])
        for name in isAbove ? ["lua"] : ["components", "game.yaml"] { try link(name, in: folder, to: "..data/\(name)") }
        let watched = try Watched(isAbove ? "\(folder.path)/lua" : folder.path)
        for version in ["two", "three"] {
            let files = ["\(prefix)components/\(version).lua": "--@type number\n", "\(prefix)game.yaml": ""]
            try mount(folder, "2026_\(version)", files)
            watched.expect([version])
        }
        try folder.remove("..2026_01")
    }

    @Test("files whose links lead into hidden folders: the file itself, and the links on the way")
    func linkedFiles() throws {
        let folder = try ScratchFolder([".shared/a/x.lua": "--@type number\n", ".shared/b/x.lua": "--@type string\n"])
        try link(".shared/now", in: folder, to: "a")
        try folder.write("components/plain.lua", "--@type number\n")
        let watched = try Watched(folder.path)
        try link("components/hp.lua", in: folder, to: "../.shared/now/x.lua")
        watched.expect(["hp", "plain"])
        try link(".shared/now", in: folder, to: "b")
        watched.expect(["hp", "plain"])
        try folder.write(".shared/b/x.lua", "--@type colour\n")
        watched.expect(["plain"])
        try folder.remove("components/hp.lua")
        try folder.remove("components/plain.lua")
        watched.expect([])
    }
}
