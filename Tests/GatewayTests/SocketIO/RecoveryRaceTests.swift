import JSONValues
import NIOCore
import NIOPosix
import Testing

@testable import Gateway
@testable import Transport

@Suite("Clients that come back on other threads") struct RecoveryRaceTests {
    @Test("a client that is lost again and again, while its map sends, gets each event once, in order")
    func races() async throws {
        let bench = try SocketBench()
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 3)
        let loops = Array(group.makeIterator())
        let (rounds, burst) = (300, 20)
        var auth = ""
        var received: [String] = []
        for round in 0..<rounds {
            // 3 and 7 have no common factor, so that each loop follows each other one and itself.
            let line = LoopLine(loops[(round + round / 7) % loops.count])
            async let sent: Void = Self.send(round == 0 ? 0 : burst, from: (round - 1) * burst, by: bench.map)
            try await line.open(auth: auth) { bench.session(of: $0) }
            try await line.wait(forPackets: 1)
            await sent
            let isLast = round == rounds - 1
            if isLast { try await line.wait(forPackets: 1 + rounds * burst - burst - received.count) }
            var packets = try await line.lose()
            let answer = packets.removeFirst()
            let pid = try #require(try JSON(parsing: String(answer.dropFirst())).object?["pid"], "\(answer)")
            // The client has got a part of what it was sent when it is lost; it gets the rest when it is back.
            received += packets.prefix(isLast ? packets.count : packets.count * (round % 5) / 4)
            var back: JSONObject = ["pid": pid]
            if let last = received.last { back["offset"] = .string(Self.values(of: last)[1]) }
            auth = String(decoding: JSON.object(back).bytes, as: UTF8.self)
        }
        #expect(received.map { Self.values(of: $0)[0] } == (0..<(rounds - 1) * burst).map(String.init))
        #expect(bench.map.takeTexts() == ["open guest"])
        try await group.shutdownGracefully()
    }

    /// The name and the offset of an event.
    private static func values(of packet: String) -> [String] {
        ((try? JSON(parsing: String(packet.dropFirst())))?.array ?? []).compactMap(\.string)
    }

    /// Sends events whose names are successive numbers, one in each tick, while the client comes back.
    private static func send(_ count: Int, from first: Int, by map: SocketMap) async {
        for number in 0..<count {
            map.send(map.events("\(first + number)"))
            await Task.yield()
        }
    }
}
