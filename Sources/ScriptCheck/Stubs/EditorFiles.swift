package import GameFolder
import GameRules
import World

/// The files that `perigee stubs` writes; they tell an editor's Lua language server what scripts can use.
package enum EditorFiles {
    /// One file.
    package struct File: Sendable, Equatable {
        /// The path within the game folder.
        package var path: String
        /// The whole text.
        package var text: String
    }

    /// The folder of the definitions within the game folder; the server reads nothing in it.
    package static let folder = "stubs"

    /// Makes all files for a game.
    ///
    /// - Parameter game: The game.
    /// - Returns: The definitions of the API, those of this game, those for its tests, and the language server's
    ///   settings.
    package static func files(of game: GameDefinition) -> [File] {
        [
            File(path: "\(folder)/api.lua", text: APIStubs.text()),
            File(path: "\(folder)/game.lua", text: GameStubs(game.withBuiltInEvents).text()),
            File(path: "\(folder)/tests.lua", text: TestStubs.text()),
            File(path: ".luarc.json", text: settings),
        ]
    }

    /// The settings of the Lua language server.
    static let settings: String = {
        // Of these libraries, the ones that scripts have in part are declared in api.lua.
        let disabled = [
            "debug", "ffi", "io", "jit", "bit", "bit32", "os", "package", "utf8", "table.clear", "table.new",
        ]
        let builtin = disabled.sorted().map { "    \"\($0)\": \"disable\"" }.joined(separator: ",\n")
        let globals = ScriptAPI.environmentGlobals.map { "\"\($0.name)\"" }.joined(separator: ", ")
        return """
            {
              "$schema": "https://raw.githubusercontent.com/LuaLS/vscode-lua/master/setting/schema.json",
              "runtime.version": "Lua 5.1",
              "runtime.builtin": {
            \(builtin)
              },
              "workspace.library": ["\(folder)"],
              "workspace.checkThirdParty": "Disable",
              "workspace.ignoreDir": [".vscode", "client", "music", "maps"],
              "diagnostics.globals": [\(globals)],
              "diagnostics.disable": ["lowercase-global"]
            }

            """
    }()
}

/// Writes the lines of a definition file.
struct StubWriter {
    private(set) var text: String

    init(_ about: String) {
        text = "---@meta\n\n-- \(about)\n-- Made by `perigee stubs`, which writes it anew.\n"
    }

    mutating func line(_ line: String) { text += line + "\n" }

    mutating func gap() { text += "\n" }

    /// Begins the definition of a class; the caller adds the fields, and a table for the functions.
    mutating func beginClass(_ name: String, about: String) {
        gap()
        line("---\(about)")
        line("---@class \(name)")
    }

    mutating func field(_ name: String, _ type: String, _ about: String) {
        let about = about.isEmpty ? "" : " \(about)"
        if type.hasSuffix("?") {
            line("---@field \(name)? \(type.dropLast())\(about)")
        } else {
            line("---@field \(name) \(type)\(about)")
        }
    }

    /// Writes a function, as a member of the table `owner`, or as a global without one.
    mutating func function(_ member: APIMember, of owner: String?, overloads: [String] = []) {
        guard let function = member.function else { return }
        gap()
        line("---\(member.about)")
        for overload in overloads { line("---@overload \(overload)") }
        for parameter in function.parameters {
            line("---@param \(parameter.name)\(parameter.isOptional ? "?" : "") \(parameter.type)")
        }
        for result in function.results { line("---@return \(result)") }
        let names = function.parameters.map(\.name).joined(separator: ", ")
        line("function \(owner.map { "\($0)." } ?? "")\(member.name)(\(names)) end")
    }
}
