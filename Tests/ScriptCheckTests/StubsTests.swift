import Foundation
import GameFolder
import GameRules
import JSONValues
import LuaSyntax
import Testing

@testable import ScriptCheck

@Suite("perigee stubs") struct StubsTests {
    private func files(_ directory: String) throws -> [String: String] {
        let game = try GameFolder.load(directory: directory).0
        return Dictionary(uniqueKeysWithValues: EditorFiles.files(of: game).map { ($0.path, $0.text) })
    }

    @Test("the stubs of the bundled game are up to date; if not, run perigee stubs")
    func current() throws {
        for (path, text) in try files(Paths.meadow) {
            let data = FileManager.default.contents(atPath: "\(Paths.meadow)/\(path)")
            #expect(data.map { String(decoding: $0, as: UTF8.self) } == text, "\(path)")
        }
    }

    @Test("a game folder does not load stubs as scripts")
    func ignored() throws {
        let game = try ScratchGame()
        let before = try GameFolder.load(directory: game.directory.path)
        for (path, text) in try files(game.directory.path) {
            let url = game.directory.appending(path: path)
            try FileManager.default.createDirectory(
                at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(text.utf8).write(to: url)
        }
        let after = try GameFolder.load(directory: game.directory.path)
        #expect(after.1 == [])
        #expect(after.0 == before.0)
    }

    @Test("stubs are Lua, and every annotation follows the notation", arguments: [Paths.meadow, Paths.brokenGame])
    func notation(directory: String) throws {
        let files = try files(directory)
        var reader = AnnotationReader()
        for (path, text) in files where path.hasSuffix(".lua") {
            _ = try LuaParser.parse(Array(text.utf8))
            #expect(text.hasPrefix("---@meta\n"))
            reader.read(text)
        }
        #expect(reader.problems == [])
        #expect(reader.count > 150)
        #expect(reader.used.subtracting(reader.defined).sorted() == [], "types that nobody defines")
    }

    @Test("stubs have every class, field and function of the API, with its parameters")
    func complete() throws {
        let api = try #require(try files(Paths.meadow)["stubs/api.lua"])
        let game = try #require(try files(Paths.meadow)["stubs/game.lua"])
        for owner in ScriptAPI.classes {
            for member in owner.members {
                if let function = member.function {
                    let names = function.parameters.map(\.name).joined(separator: ", ")
                    #expect((api + game).contains(".\(member.name)(\(names)) end"), "\(owner.name).\(member.name)")
                } else if !(owner.name == "EventGroup" && member.name == "action") {
                    #expect(api.contains("---@field \(member.name)"), "\(owner.name).\(member.name)")
                }
                #expect((api + game).contains(member.about), "\(owner.name).\(member.name)")
            }
        }
        for global in ScriptAPI.environmentGlobals { #expect(api.contains("\n\(global.name) = nil\n")) }
    }

    @Test("stubs have a game's components, events and parameters with their types")
    func game() throws {
        let game = try #require(try files(Paths.meadow)["stubs/game.lua"])
        let players = try #require(
            game.components(separatedBy: "---@class Components.players\n").last?.components(separatedBy: "\n\n").first)
        #expect(players.contains("---@field hp number Life."))
        #expect(players.contains("---@field bag table "))
        #expect(!players.contains("---@field home"))
        #expect(game.contains("---@field to_map? number The map_id a portal leads to."))
        #expect(game.contains("---@overload fun(group: \"move\", event: \"to\", data: Parameters.move.to)\n"))
        #expect(game.contains("---@overload fun(group: \"regen\", event?: \"index\")\n"))
        #expect(
            game.contains(
                "---@overload fun(group: \"resurrect\", event?: \"index\", data?: Parameters.resurrect.index)\n"))
        #expect(game.contains("---@class Parameters.move.to\n---@field x number tile to walk to\n---@field y number\n"))
        #expect(game.contains("---@field life? number hp to come back with; 10 without it\n"))
        #expect(game.contains("---@field action? \"attack\" "))
    }

    /// Whether the file uses a known setting of the Lua language server with an allowed value.
    private func isAllowed(_ key: String, _ value: JSON) -> Bool {
        func texts(_ allowed: Set<String>?) -> Bool {
            guard let array = value.array else { return false }
            return array.allSatisfy { element in element.string.map { allowed?.contains($0) ?? true } ?? false }
        }
        switch key {
        case "$schema": return value.string?.hasPrefix("https://") == true
        case "runtime.version": return value == .string("Lua 5.1")
        case "runtime.builtin":
            let libraries: Set<String> = [
                "basic", "bit", "bit32", "builtin", "coroutine", "debug", "ffi", "io", "jit", "math", "os", "package",
                "string", "table", "table.clear", "table.new", "utf8",
            ]
            guard let object = value.object else { return false }
            return object.members.allSatisfy {
                libraries.contains($0.key) && ["default", "enable", "disable"].contains($0.value.string)
            }
        case "workspace.checkThirdParty":
            return ["Ask", "Apply", "ApplyInMemory", "Disable"].contains(value.string)
        case "workspace.library", "workspace.ignoreDir", "diagnostics.globals": return texts(nil)
        case "diagnostics.disable": return texts(["lowercase-global"])
        default: return false
        }
    }

    @Test("the language server's settings have only known keys, for Lua 5.1 without the libraries that scripts lack")
    func settings() throws {
        let settings = try #require(try JSON(parsing: EditorFiles.settings).object)
        for (key, value) in settings.members { #expect(isAllowed(key, value), "\(key)") }
        let builtin = try #require(settings["runtime.builtin"]?.object)
        // A library is disabled when scripts have nothing of it, or only a part, which the definitions declare.
        for library in ["io", "package", "os", "debug"] { #expect(builtin[library] == .string("disable")) }
        for library in ["string", "table", "math", "coroutine"] { #expect(builtin[library] == nil) }
        #expect(settings["workspace.library"] == .array([.string(EditorFiles.folder)]))
    }
}
