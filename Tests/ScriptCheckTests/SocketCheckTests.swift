import ScriptCheck
import Testing

@Suite("What check says of sockets") struct SocketCheckTests {
    /// The errors and warnings in a file with this code.
    private func lines(_ code: String, in path: String = "sockets/go.lua") throws -> [String] {
        let game = try ScratchGame([
            "sockets/move.lua": "socket.broadcast.emit('moved', socket.id, data)", path: code,
        ])
        return try game.lines().filter { $0.hasPrefix(path) }
    }

    @Test("scripts as the docs show them have no findings")
    func fine() throws {
        let game = try ScratchGame([
            "sockets/connect.lua": """
            if data.name == "admin" then return "no" end
            socket.data.x, socket.data.list = 5, {}
            table.insert(socket.data.list, { n = 1 })
            socket:join("all")
            io.emit("new", { id = socket.id, x = socket.data.x, list = socket.data.list })
            """,
            "sockets/say.lua": """
            local room, text = args[1], args[2]
            if type(room) == "string" and socket.data.x > 3 then
              io.to(room).to("all").except(socket.id).emit("said", text, socket.login or "guest")
            end
            for id, other in pairs(io.sockets) do
              if id ~= socket.id and other.connected then other.emit("hi", #io.sockets, other.rooms[1]) end
            end
            local target = socket.to("all")
            target.emit("x")
            if ack then ack({ ok = true }) end
            objects.add("objects", { x = data.x, y = data.y })
            """,
            "sockets/disconnect.lua": "print(reason, socket.data.x) io.emit('left', socket.id, reason)",
            "events/tell/index.lua": "io.emit('told', object.key)",
            "lib/tell.lua": "function tell(text) io.emit('told', text) end",
        ])
        #expect(try game.lines() == [])
    }

    @Test(
        "what fails whenever it runs is an error",
        arguments: [
            ("socket.hp = 3", "a socket has no field 'hp'"), ("socket.id = 'x'", "id of a socket can't be assigned"),
            ("print(socket.emitt)", "did you mean 'emit'?"), ("socket.emit()", "socket.emit needs name"),
            ("socket.emit(5)", "socket.emit takes an event's name, not a number"),
            ("io.emit('disconnect')", "the event 'disconnect' is Socket.IO's own"),
            ("io.emit('x', print)", "an event can't hold a function"),
            ("io.emit('x', {socket})", "an event can't hold a socket; take its id"),
            ("io.emit('x', 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15)", "io.emit takes 14 values"),
            ("socket.join(3)", "socket.join takes a room's name, not a number"),
            ("socket.join('a', 'b')", "socket.join takes room; it does not know argument 2"),
            ("io.to('a').send('x')", "a target has no field 'send'"), ("io.open('f')", "scripts reach no files"),
            ("io.sockets.emit('x')", "io.emit sends to everyone"),
            ("for _, s in ipairs(io.sockets) do print(s) end", "write for id, socket in pairs(io.sockets)"),
            ("for _, s in pairs(io.sockets) do s.foo() end", "a socket has no field 'foo'"),
            ("socket.data = 5", "a socket's data must be a table, not a number"),
            ("socket.data.f = print", "a socket's data can't hold a function"),
            ("io.sockets.x = nil", "a field of io.sockets can't be assigned"),
            ("io.x = 1", "a field of io can't be assigned"),
            ("socket()", "can't call a socket, which is no function"),
            ("print(object.x)", "'object' is not there in this script"),
        ])
    func mistakes(code: String, message: String) throws {
        let lines = try lines(code)
        #expect(lines.count == 1 && lines[0].contains("error: ") && lines[0].contains(message), "\(lines)")
    }

    @Test("what the place of a script decides")
    func places() throws {
        #expect(try lines("print(socket.id)", in: "events/a/index.lua")[0].contains("only in the files of sockets/"))
        #expect(try lines("print(ack, args)", in: "sockets/connect.lua").count == 2)
        #expect(try lines("print(reason)", in: "sockets/go.lua")[0].contains("sockets/disconnect.lua"))
        #expect(try lines("io.emit('x') return 1", in: "events/move/timeout.lua")[0].contains("can't change the world"))
        #expect(try lines("io = 5", in: "events/a/index.lua")[0].contains("this hides the 'io' that every script has"))
        let none = try ScratchGame(["events/a/index.lua": "io.emit('x')"])
        #expect(try none.lines().contains { $0.contains("'io' is not there for scripts; scripts reach no files") })
    }
}
