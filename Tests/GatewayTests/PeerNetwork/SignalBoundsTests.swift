import GameRules
import JSONValues
import ServerMetrics
import Testing

@testable import Gateway

@Suite("The bounds of signalling [T7, T15]") struct SignalBoundsTests {
    private let bench = SignalBench()

    @Test("messages have a rate, and too many refusals end the connection")
    func rates() throws {
        let peer = try bench.join()
        let ice: JSONObject = ["type": .string("ice")]
        // One message was the join.
        for _ in 1..<Int(SignalLimits.messageRate.burst) { #expect(try peer.refusal(ice) == nil) }
        #expect(try peer.refusal(ice) == "rate_limited")
        bench.advance(by: .milliseconds(50))
        #expect(try peer.refusal(ice) == nil)
        for _ in 0..<18 { #expect(try peer.refusal(ice) == "rate_limited") }
        try peer.say(ice)
        #expect(try peer.closeCode() == 1008)
    }

    @Test("peers of one address join at a rate, and are bounded")
    func addresses() throws {
        var rules = GameConfiguration().peerNetwork
        rules.maxPeersPerAddress = 2
        bench.network.apply(rules)
        let first = try bench.join()
        _ = try bench.join()
        let third = try bench.connect()
        #expect(try third.refusal(["type": .string("join")]) == "full")
        first.connection.disconnect()
        #expect(try third.refusal(["type": .string("join")]) == nil)
        third.connection.disconnect()
        for _ in 4..<Int(SignalLimits.joinRate.burst) {
            let peer = try bench.connect()
            #expect(try peer.refusal(["type": .string("join")]) == nil)
            peer.connection.disconnect()
        }
        #expect(try bench.connect().refusal(["type": .string("join")]) == "rate_limited")
        #expect(try bench.connect(address: "b").refusal(["type": .string("join")]) == nil)
        bench.advance(by: .milliseconds(250))
        #expect(try bench.connect().refusal(["type": .string("join")]) == nil)
    }

    @Test("a silent peer is pinged after 20 s and closed after 60 s")
    func silence() throws {
        let peer = try bench.join()
        _ = try peer.heard()
        bench.advance(by: .seconds(20))
        #expect(try peer.connection.takeSent() == [.ping])
        try peer.connection.receive(.pong)
        bench.advance(by: .seconds(40))
        #expect(try peer.closeCode() == nil)
        bench.advance(by: .seconds(20))
        #expect(try peer.closeCode() == 1001)
    }

    @Test("a peer that does not read gets nothing more, is not heard, and is ended after 30 s")
    func slow() throws {
        let host = try bench.join(ports: 8303)
        let client = try bench.join()
        _ = try host.heard()
        host.connection.setWritable(false)
        try client.say(SignalBench.offer(to: host.key))
        #expect(try host.heard() == [])
        host.connection.setWritable(true)
        try client.say(SignalBench.offer(to: host.key, id: 2))
        #expect(try host.heard().map { $0["id"] } == [.number(2)])
        host.connection.setWritable(false)
        bench.advance(by: .seconds(30))
        #expect(!host.connection.isConnected)
        #expect(try client.types().contains("gone"))
    }

    @Test("answers that come too late don't end the connection of the peer that is flooded with offers")
    func lateAnswers() throws {
        let host = try bench.join(ports: 8303)
        let flooder = try bench.join()
        let late = SessionLimits().maxRefusals + 10
        for id in 1...late {
            try flooder.say(SignalBench.offer(to: host.key, id: id))
            try flooder.say(SignalBench.offer(to: host.key, id: id + late))
            #expect(try host.refusal(SignalBench.answer(to: flooder.key, id: id)) == "no_offer")
        }
        #expect(try host.closeCode() == nil)
        #expect(bench.registry.value(.netRefusals, "no_offer") == Double(late))
    }

    @Test("a peer gets no more offers than it can answer; the others hear that it is busy")
    func manyOffers() throws {
        let host = try bench.join(ports: 8303)
        let (one, two) = (try bench.join(), try bench.join())
        let half = Int(SignalLimits.offerRate.burst) / 2
        for id in 1...half {
            for peer in [one, two] { #expect(try peer.refusal(SignalBench.offer(to: host.key, id: id)) == nil) }
        }
        let refusal = try one.ask(SignalBench.offer(to: host.key))
        #expect(refusal["code"] == .string("busy") && refusal["retry"] == .number(5))
        #expect(try host.heard().filter { $0["type"] == .string("offer") }.count == 2 * half)
        bench.advance(by: .milliseconds(150))
        #expect(try two.refusal(SignalBench.offer(to: host.key)) == nil)
        #expect(try two.refusal(SignalBench.offer(to: host.key)) == "busy")
    }
}
