import Testing

@testable import ScriptTest

@Suite("Sockets in a game's tests") struct SocketTests {
    private static let files = [
        "sockets/connect.lua": """
        if data.name == "bad" then return "not you" end
        socket.data.name = data.name or socket.login
        io.emit("joined", socket.id, socket.data.name, socket.player_id, socket.address)
        """,
        "sockets/say.lua": "socket.broadcast.emit('said', unpack(args)) if ack then ack(#args, {n = data}) end",
        "sockets/quiet.lua": "print('quiet', ack)", "sockets/out.lua": "socket.disconnect()",
        "sockets/disconnect.lua": "io.emit('left', socket.id, reason)", "sockets/bad.lua": "nobody.knows()",
        "events/tell/index.lua": "--@public true\nio.emit('told', object.login)",
    ]

    static let cases = [
        LuaCase(
            "connect returns the id, or nil and the reason",
            "expect({ world.connect() }).is({ 'socket1' })\nlocal id, why = world.connect({ auth = { name = 'bad' } })\n"
                + "expect(id).isNil()\nexpect(why).is('not you')"),
        LuaCase(
            "the options are what the script sees; a player that joined has its number",
            "local p = world.join('ann')\nlocal s = world.connect({ login = 'ann', address = '10.0.0.9' })\n"
                + "expect(world.emitted(s)[1].args).is({ 'socket1', 'ann', p.id, '10.0.0.9' })"),
        LuaCase(
            "connect refuses other options", "world.connect({ name = 'x' })",
            fails: "connect(options) has the options login, auth and address, not 'name'"),
        LuaCase("connect refuses a wrong login", "world.connect({ login = 5 })", fails: "login is a text, not 5"),
        LuaCase(
            "emit reaches the others, and emitted shows name, args, data and time",
            "local a, b = world.connect(), world.connect()\nworld.emit(a, 'say', { x = 1 }, nil, true)\n"
                + "local got = world.emitted(b, 'said')\nexpect(#got).is(1)\nexpect(got[1].data).is({ x = 1 })\n"
                + "expect(got[1].args[3]).is(true)\nexpect(got[1].time).near(world.now, 0.1)\n"
                + "expect(world.emitted(a, 'said')).is({})"),
        LuaCase(
            "request returns the answer, and nothing without one",
            "local a = world.connect()\nlocal count, data = world.request(a, 'say', 'x', 2)\nexpect(count).is(2)\n"
                + "expect(data).is({ n = 'x' })\nexpect(world.request(a, 'quiet')).isNil()\n"
                + "expect(world.request(a, 'fly')).has({ code = 'unknown_event' })"),
        LuaCase(
            "disconnect tells the others why, and connected knows",
            "local a, b = world.connect(), world.connect()\nworld.disconnect(a)\nexpect(world.connected(a)).is(false)\n"
                + "expect(world.emitted(b, 'left')[1].args).is({ a, 'client namespace disconnect' })\n"
                + "world.emit(b, 'out')\nexpect(world.connected(b)).is(false)"),
        LuaCase(
            "who is gone can't send", "local a = world.connect()\nworld.emit(a, 'out')\nworld.emit(a, 'say')",
            fails: "socket1 is not connected"),
        LuaCase("there must be such a socket", "world.emit('x', 'say')", fails: "there is no socket 'x'"),
        LuaCase(
            "io is there as for scripts",
            "local a = world.connect({ auth = { name = 'Ann' } })\nexpect(io.sockets[a].data.name).is('Ann')\n"
                + "expect(#io.sockets).is(1)\nio.emit('hello')\nworld.tick()\nexpect(#world.emitted(a, 'hello')).is(1)"),
        LuaCase(
            "events of entities reach sockets",
            "local a, p = world.connect(), world.join('ann')\nworld.command(p, 'tell')\n"
                + "expect(world.emitted(a, 'told')[1].data).is('ann')"),
        LuaCase(
            "an error of a socket's script fails the test", "local a = world.connect()\nworld.emit(a, 'bad')",
            fails: "error in the map's log: sockets/bad.lua:1:"),
    ]

    @Test("world", arguments: cases)
    func world(_ test: LuaCase) throws {
        let result = try #require(try ScratchGame.result(of: test.body, Self.files))
        if let failure = test.failure {
            #expect(!result.hasPassed && result.text.contains(failure), "\(result.text)")
        } else {
            #expect(result.hasPassed, "\(result.text)")
        }
    }
}
