import JSONValues
import Simulation
import SimulationTestKit
import Testing
import Wire
import World

@testable import Recording

@Suite("Replay of sockets") struct SocketReplayTests {
    private static let files = [
        "game.yaml": "tick_rate: 16\nsend_rate: 4\n",
        "sockets/connect.lua": """
        if data.name == "bad" then return "not you" end
        socket.data.x = math.random(100)
        socket.join(socket.login or "guests")
        io.emit("joined", socket.id, socket.data.x, socket.address, socket.player_id)
        """,
        "sockets/move.lua": """
        socket.data.x = socket.data.x + data.dx
        socket.broadcast.emit("moved", socket.id, socket.data.x)
        io.to("guests").to("anna").emit("again")
        if ack then ack(socket.data.x, args[2]) end
        """,
        "sockets/out.lua": "for _, other in pairs(io.sockets) do other.disconnect() end",
        "sockets/disconnect.lua": "print(socket.id, reason) objects.add('objects', {prefab = reason})",
    ]

    private static func play(_ map: TestMap) {
        let first = map.connect(
            SocketOpening(login: "anna", playerID: 4, auth: .object(["name": .string("Anna")]), address: "10.0.0.1"))
        let second = map.connect()
        map.connect(SocketOpening(auth: .object(["name": .string("bad")])))
        map.emit(first, "move", #"{"dx":3},"text""#, acknowledgement: 5)
        map.emit(second, "move", #"{"dx":-1.5}"#)
        map.emit(second, "fly", acknowledgement: 6)
        map.emit(second, "move", #""no table""#, acknowledgement: 7)
        map.disconnect(first, reason: "ping timeout")
        map.connect()
        map.emit(second, "out")
        map.connect()
        map.advance(1.5)
        map.tick([.close])
    }

    @Test("what sockets did is replayed, with the same answers, packets and ends")
    func replayed() throws {
        let recorded = try RecordedMap(Self.files)
        Self.play(recorded.map)
        let log = recorded.map.log
        for reason in ["ping timeout", "server namespace disconnect", "server shutting down"] {
            #expect(log.contains { $0.hasSuffix("\t\(reason)") }, "\(reason): \(log)")
        }
        let report = try recorded.finished().replay()
        #expect(report.difference == nil && report.hashes > 1, "\(String(describing: report.difference))")
    }

    @Test("a tick whose events would send too much is cut at the same place in the replay, without a note of it")
    func budget() throws {
        let recorded = try RecordedMap([
            "game.yaml": "tick_rate: 16\nsend_rate: 16\nworld_limit_mb: 1\n",
            "sockets/say.lua": "print(data) io.emit('said', string.rep('x', 50000 + data))",
        ])
        let map = recorded.map
        let socket = map.connect()
        map.tick((1...40).map { socket.event("say", "\($0)") })
        #expect(map.simulation.hasWaitingSockets)
        map.advance(1)
        #expect(!map.simulation.hasWaitingSockets && map.errors == [])
        let report = try recorded.finished().replay()
        #expect(report.difference == nil, "\(String(describing: report.difference))")
    }

    @Test("packets that clients get again cost the same, and are the same, in a replay, where they have no names")
    func recovery() throws {
        let files = [
            "game.yaml": "tick_rate: 16\nsend_rate: 16\nworld_limit_mb: 1\nevent_time_limit_ms: 10000\n",
            "sockets/fill.lua": """
            local text = string.rep("y", 1000)
            while pcall(function() io.emit("x", text) end) do end
            -- How long a text still fits shows each byte that was counted.
            repeat text = string.sub(text, 2) until #text == 0 or pcall(function() io.emit("x", text) end)
            print(#text)
            """,
        ]
        let recorded = try RecordedMap(files, socketPackets: SocketPackets(offsets: PacketOffsets(prefix: "m")))
        recorded.map.emit(recorded.map.connect(), "fill")
        recorded.map.tick([.close])
        #expect(recorded.map.errors == [])
        let report = try recorded.finished().replay()
        #expect(report.difference == nil, "\(String(describing: report.difference))")
    }

    @Test("an edited game that sends something else to a socket differs there")
    func edited() throws {
        let recorded = try RecordedMap(Self.files)
        Self.play(recorded.map)
        let recording = try recorded.finished()
        let same = try recording.replay(game: recorded.edited([:]))
        #expect(same.difference == nil, "\(String(describing: same.difference))")
        let other = try recording.replay(
            game: recorded.edited([
                "sockets/move.lua": "socket.broadcast.emit('moved', socket.id, 0)"
            ]))
        guard case .message(let session, _, let was, let isNow) = other.difference?.kind else {
            Issue.record("\(String(describing: other.difference))")
            return
        }
        #expect(session == 1001 || session == 1002)
        #expect(was?.contains("moved") == true || was?.contains("again") == true)
        #expect(isNow != was)
    }

    @Test("a recording has the places where ticks were cut, and the replay cuts them there")
    func cut() throws {
        let recorded = try RecordedMap(
            [
                "game.yaml": "tick_rate: 16\nsend_rate: 16\ntick_limit_ms: 10\n",
                "sockets/work.lua": "os.clock() os.clock() print(data) io.emit('did', data)",
            ], clockStepNs: 2_000_000)
        let map = recorded.map
        let socket = map.connect()
        map.tick(
            (1...8).map { socket.event("work", "\($0)") })
        #expect(map.simulation.hasWaitingSockets)
        map.advance(1)
        #expect(!map.simulation.hasWaitingSockets)
        let report = try recorded.finished().replay()
        #expect(report.difference == nil, "\(String(describing: report.difference))")
    }
}
