import JSONValues
import OperatorAPI
import Simulation
import Storage
import Synchronization
import Testing

@testable import AdminPanel
@testable import Gateway

@Suite("The last hour of a map (rows 162, 165)", .timeLimit(.minutes(5))) struct MapHistoryTests {
    private func sample(_ time: Double) -> MapHistory.Sample {
        MapHistory.Sample(
            time: time, fps: 60, tickMs: 1, tickP95Ms: 2, players: 3, entities: 4, luaBytes: 5, sentPerSecond: 6,
            receivedPerSecond: 7)
    }

    @Test("it keeps the samples of an hour and no more, oldest first; later ones can be asked for")
    func ring() {
        var history = MapHistory()
        #expect(history.latest == nil && history.samples(since: 0, at: 100) == [])
        for index in 0..<2000 { history.note(sample(Double(index) * 5)) }
        let now = 1999.0 * 5
        let all = history.samples(since: -.infinity, at: now)
        #expect(all.map(\.time) == (1280..<2000).map { Double($0) * 5 })
        #expect(history.latest?.time == now)
        #expect(history.samples(since: now - 10, at: now).map(\.time) == [now - 5, now])
        #expect(history.samples(since: now, at: now) == [])
        #expect(
            history.samples(since: 0, at: now + 3590).map(\.time) == [now - 5, now],
            "what is older than an hour is gone")
        #expect(history.samples(since: 0, at: now + 4000) == [])
    }

    @Test("a sample has what happened since the look before: ticks and bytes a second")
    func rates() throws {
        let (map, game) = makeGame()
        let histories = MapHistories()
        func look(_ now: Double, tick: UInt64, statusTime: Double, sent: Int = 0, received: Int = 0) {
            map.statusTime.withLock { $0 = (statusTime, tick) }
            map.traffic?.noteSent(sent)
            map.traffic?.noteReceived(received)
            histories.sample(game, at: now)
        }
        look(100, tick: 1000, statusTime: 99.9, sent: 50)
        #expect(histories.latest(of: 4) == nil, "the first look is only the beginning")
        look(105, tick: 1288, statusTime: 104.7, sent: 5000, received: 250)
        let first = try #require(histories.latest(of: 4))
        #expect(first.time == 105 && abs(first.fps - 60) < 0.01, "288 ticks in the 4.8 s between both statuses")
        #expect(first.sentPerSecond == 1000 && first.receivedPerSecond == 50)
        #expect(first.tickMs == 0.5 && first.tickP95Ms == 2 && first.players == 1 && first.luaBytes == 1024)
        // The map sleeps: it does not renew its status.
        look(110, tick: 1288, statusTime: 104.7)
        #expect(histories.latest(of: 4)?.fps == 0 && histories.latest(of: 4)?.tickP95Ms == 0)
        look(115, tick: 1298, statusTime: 114.9)
        #expect(histories.latest(of: 4)?.fps == 2, "ten ticks in five seconds, whenever they were")
        // A map that was made anew counts its ticks from 0.
        look(120, tick: 5, statusTime: 119.9)
        #expect(histories.samples(of: 4, since: 0, at: 120).map(\.time) == [105, 110, 115])
        look(125, tick: 305, statusTime: 124.9)
        #expect(histories.latest(of: 4)?.fps == 60)
        // Two looks at one status, half a second apart.
        look(130, tick: 605, statusTime: 124.9)
        look(130.5, tick: 605, statusTime: 124.9)
        #expect(histories.latest(of: 4)?.time == 130.5 && histories.latest(of: 4)?.fps == 0)
    }

    private func makeGame() -> (StubMap, StubGame) {
        let map = StubMap(mapID: 4)
        return (map, StubGame([map]))
    }

    @Test("a stopped map has a gap and keeps its samples; a map that the game no longer has is forgotten")
    func gaps() async throws {
        let (map, game) = makeGame()
        let histories = MapHistories()
        for index in 0..<4 { histories.sample(game, at: 100 + Double(index) * 5) }
        try await game.stopMap(4)
        for index in 4..<8 { histories.sample(game, at: 100 + Double(index) * 5) }
        try await game.startMap(4)
        for index in 8..<11 { histories.sample(game, at: 100 + Double(index) * 5) }
        #expect(histories.samples(of: 4, since: 0, at: 150).map(\.time) == [105, 110, 115, 145, 150])
        map.isReady = false
        histories.sample(game, at: 155)
        #expect(histories.latest(of: 4)?.time == 150, "a map that starts or closes has no sample")
        histories.sample(StubGame([]), at: 160)
        #expect(histories.latest(of: 4) == nil)
    }

    @Test("the API answers with lists of equal length; a chart asks for later samples only")
    func answers() async throws {
        try await PanelServer.run(maps: [StubMap(mapID: 4)]) { panel in
            let viewer = try await panel.user(.viewer)
            for _ in 0..<4 {
                panel.panel.sampleMaps()
                panel.server.clock.advance(by: .seconds(5))
            }
            let answer = try await panel.send(.mapHistory, ["map_id": "4"], as: viewer)
            #expect(answer.status == 200, "\(answer.text)")
            let times = try #require(answer.json["time"]?.array).compactMap(\.number)
            #expect(times.count == 3 && answer.json["interval"] == .number(5))
            #expect(answer.json["target_fps"] == .number(60))
            let lists = [
                "fps", "tick_ms", "tick_p95_ms", "players", "entities", "lua_bytes", "sent_per_second",
                "received_per_second",
            ]
            for list in lists { #expect(answer.json[list]?.array?.count == 3, "\(list)") }
            let later = try await panel.send("GET", "/server/api/v1/maps/4/history?since=\(times[1])", as: viewer)
            #expect(later.json["time"] == .array([.number(times[2])]))
            #expect(try await panel.send("GET", "/server/api/v1/maps/9/history", as: viewer).status == 404)
            for text in ["x", "nan", "inf"] {
                let reply = try await panel.send("GET", "/server/api/v1/maps/4/history?since=\(text)", as: viewer)
                #expect(reply.status == 400 && reply.json["field"] == .string("since"))
            }
        }
    }
}
