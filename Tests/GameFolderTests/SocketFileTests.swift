import GameRules
import Testing

@testable import GameFolder

@Suite("Files of sockets/") struct SocketFileTests {
    @Test("each file is a socket event of its name; the game has socket events with the first")
    func roles() throws {
        let folder = try ScratchFolder([
            "sockets/connect.lua": "--@about Comes.\nx = 1", "sockets/disconnect.lua": "x = 1",
            "sockets/end.lua": "x = 1",
            "sockets/notes.md": "words",
        ])
        let (game, problems) = try GameFolder.load(directory: folder.path)
        #expect(problems == [] && game.hasSocketScripts)
        #expect(game.scripts.map(\.role) == [.socket("connect"), .socket("disconnect"), .socket("end")])
        #expect(game.scripts.map(\.role.kind) == [.connect, .disconnect, .socket])
        #expect(game.scripts.first?.about == "Comes.")
        let other = try ScratchFolder(["lib/a.lua": "a = 1"])
        let (none, _) = try GameFolder.load(directory: other.path)
        #expect(!none.hasSocketScripts)
    }

    @Test(
        "a name or a place that no event can have is a mistake that says what is allowed",
        arguments: [
            ("sockets/chat message.lua", "the file's name is the event's, of letters, digits and _"),
            ("sockets/2.lua", "no event can be received under the name \"2\""),
            ("sockets/chat-say.lua", "no event can be received under the name \"chat-say\""),
            ("sockets/connect_error.lua", "the event connect_error is Socket.IO's own"),
            ("sockets/disconnecting.lua", "the event disconnecting is Socket.IO's own"),
            ("sockets/a/b.lua", "no folders inside sockets/; move the file to sockets/b.lua"),
            ("sockets/move.js", "not a Lua file"), ("socket/move.lua", "did you mean sockets/?"),
        ])
    func mistakes(path: String, message: String) throws {
        let folder = try ScratchFolder([path: "x = 1", "sockets/fine.lua": "x = 1"])
        let (game, problems) = try GameFolder.load(directory: folder.path)
        #expect(problems.count == 1 && problems[0].file == path && problems[0].message.contains(message), "\(problems)")
        #expect(game.scripts.map(\.path) == ["sockets/fine.lua"])
    }

    @Test("--@about is the only annotation")
    func annotations() throws {
        let folder = try ScratchFolder(["sockets/move.lua": "--@public true\nx = 1"])
        let (_, problems) = try GameFolder.load(directory: folder.path)
        #expect(problems.map(\.message) == ["unknown annotation --@public; allowed here are --@about"])
    }

    @Test("socket_guests is true or false")
    func guests() throws {
        func load(_ text: String) throws -> (GameDefinition, [GameFolderProblem]) {
            let folder = try ScratchFolder(["game.yaml": text])
            return try GameFolder.load(directory: folder.path)
        }
        #expect(try load("name: x").0.configuration.takesSocketGuests == false)
        #expect(try load("socket_guests: true").0.configuration.takesSocketGuests)
        let (game, problems) = try load("socket_guests: yes")
        #expect(!game.configuration.takesSocketGuests)
        #expect(problems.map(\.message) == ["socket_guests is \"yes\"; it must be true or false"])
    }
}
