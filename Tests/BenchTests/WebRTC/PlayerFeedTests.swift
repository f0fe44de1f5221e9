import NIOEmbedded
import Testing

@testable import Bench

@Suite("What a player over WebRTC has received") struct PlayerFeedTests {
    private let shard: LoadShard
    private let feed: PlayerFeed
    private static let ownEntry = Array("[24,".utf8)

    init() {
        var options = PlayersBenchmark.Options()
        options.dialect = .lanes
        shard = LoadShard(eventLoop: EmbeddedEventLoop(), options: options)
        let seat = PlayerRole(
            index: 0, login: "bench1", admission: .init(id: 24, token: "t", port: 8_080), isSampled: false,
            neverReads: false)
        feed = PlayerFeed(seat: seat, shard: shard, joined: {})
    }

    private func receive(_ text: String) { Array(text.utf8).withUnsafeBytes { feed.receive($0, 9) } }

    private func receivePositions(_ text: String) {
        Array(text.utf8).withUnsafeBytes { feed.receivePositions($0, ownEntry: Self.ownEntry) }
    }

    @Test("a tick in which the player moved is held when its own position came on fast")
    func held() {
        receive(#"{"action":"load/index","tick":1,"time":1,"players":[{"id":24,"x":5,"y":5}]}"#)
        #expect(feed.isPlaying)
        for tick in [5, 6] {
            let command = feed.nextCommand()
            feed.noteSent(command.id, isMeasured: true, now: 1)
            receive(
                #"{"tick":\#(tick),"time":2,"players":[{"id":24,"commands":{"move":{"command_id":\#(command.id)}}}]}"#)
        }
        receivePositions(#"{"tick":5,"time":2,"players":[[7,1,2],[24,4,5]]}"#)
        receivePositions(#"{"tick":6,"time":2,"players":[[7,1,2],[240,4,5]]}"#)
        #expect(feed.movedTicks == [5, 6])
        #expect(feed.heldTicks == [5])
        #expect(shard.tally.incidents.isEmpty)
    }

    @Test("what has no positions on fast is noted")
    func strange() {
        receivePositions("{}")
        #expect(shard.tally.incidents == ["a message on fast that has no positions": 1])
    }

    @Test("the share of held ticks is that of all clients")
    func share() {
        var tally = ShardTally()
        (tally.movedTicks, tally.heldTicks, tally.datagrams) = (200, 199, 50)
        tally.add(tally)
        tally.age.record(nanoseconds: 3_000_000)
        var report = PlayersBenchmark.Report()
        (report.seconds, report.joined) = (2, 10)
        #expect(report.heldShare == nil)
        report.add(tally)
        let row = report.positionRow("WebRTC")
        #expect(row.value("held_percent") == 99.5)
        #expect(row.value("datagrams_per_second") == 5)
        #expect((row.value("position_age_p50_ms") ?? 0) >= 3)
        #expect(row.value("server_cpu_us_per_change") == nil && !row.figures.contains { $0.key == "bytes_per_change" })
    }
}
