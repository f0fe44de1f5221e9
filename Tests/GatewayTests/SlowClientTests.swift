import JSONValues
import NIOCore
import ServerMetrics
import Simulation
import Testing
import Wire
import World

@testable import Gateway
@testable import Transport

@Suite("Slow clients [1-protocol 4.4]") struct SlowClientTests {
    @Test(
        "over the limit deltas are left out; after draining a fresh snapshot is sent before the next delta",
        arguments: TestTransport.allCases)
    func staleAndBack(transport: TestTransport) throws {
        let bench = try SessionBench(over: transport)
        bench.deliver(.snapshot, "s1")
        bench.deliver(.delta, "d1")
        bench.setWritable(false)
        for kind in [Kind.delta, .direct, .error, .delta] { bench.deliver(kind, "lost") }
        #expect(try bench.texts() == ["s1", "d1"])
        #expect(bench.metrics.registry.value(.messagesDropped) == 4)
        #expect(bench.metrics.registry.value(.slowClients) == 1)
        #expect(!bench.map.inputs.contains("reload 7"))

        bench.setWritable(true)
        #expect(bench.map.inputs.last == "reload 7")
        bench.deliver(.delta, "too early")
        bench.deliver(.snapshot, "s2")
        bench.deliver(.delta, "d2")
        #expect(try bench.texts() == ["s2", "d2"])
    }

    @Test(
        "a buffer that fills and drains between two messages loses no message and needs no snapshot",
        arguments: TestTransport.allCases)
    func quickDrain(transport: TestTransport) throws {
        let bench = try SessionBench(over: transport)
        bench.setWritable(false)
        bench.setWritable(true)
        bench.deliver(.delta, "d1")
        #expect(try bench.texts() == ["d1"])
        #expect(!bench.map.inputs.contains("reload 7"))
    }

    @Test(
        "a client that does not drain for 30 s is closed, one that drains in time is not",
        arguments: TestTransport.allCases)
    func drainTimeout(transport: TestTransport) throws {
        let dead = try SessionBench(over: transport)
        dead.setWritable(false)
        dead.deliver(.delta)
        dead.advance(.seconds(29))
        #expect(dead.isConnected)
        dead.advance(.seconds(1))
        #expect(!dead.isConnected)
        #expect(dead.map.inputs.last == "leave 7")

        let slow = try SessionBench(over: transport)
        slow.setWritable(false)
        slow.deliver(.delta)
        slow.advance(.seconds(29))
        slow.setWritable(true)
        slow.advance(.seconds(29))
        #expect(slow.isConnected)
    }

    @Test("a client that reads nothing gets no pongs, replies or pings either", arguments: TestTransport.allCases)
    func noReplies(transport: TestTransport) throws {
        let bench = try SessionBench(over: transport)
        bench.setWritable(false)
        try bench.link.receive(.ping)
        try bench.receive("not json")
        bench.advance(.seconds(20))
        #expect(try bench.sent().isEmpty)
    }

    @Test("even a slow client receives the messages about takeovers and moves", arguments: TestTransport.allCases)
    func importantMessages(transport: TestTransport) throws {
        let bench = try SessionBench(over: transport)
        bench.setWritable(false)
        bench.deliver(.delta)
        bench.deliver(.reconnect(mapID: 9))
        #expect(try bench.texts().count == 1)
        let reason = #"{"code":"replaced"}"#
        bench.deliver(.replaced, reason)
        #expect(try bench.sent() == [.text(reason), .close(4001)])
    }

    @Test("a snapshot larger than the limit raises the limit until the client has read enough")
    func largeSnapshot() {
        var flow = SendFlow(limit: 100)
        let early = [flow.verdict(onSnapshot: 50), flow.verdict(onSnapshot: 300)]
        #expect(early == [.send(limit: nil), .send(limit: 400)])
        let deltas = [101, 100, 0].map { waiting in flow.verdict(waiting: waiting) }
        #expect(deltas == [.send(limit: nil), .send(limit: 100), .send(limit: nil)])
        // The client still reads the former snapshot, within the raised limit.
        #expect(flow.verdict(onSnapshot: 300) == .send(limit: 400))
        #expect(flow.verdict(waiting: 350) == .send(limit: nil))
        var hasDrained = flow.noteWritability(isWritable: false)
        #expect(!hasDrained)
        let late = [flow.verdict(onSnapshot: 300), flow.verdict(onSnapshot: 300)]
        #expect(late == [.becameSlow, .leaveOut])
        hasDrained = flow.noteWritability(isWritable: true)
        #expect(hasDrained && flow.isAwaitingSnapshot)
        let fresh = [flow.verdict(waiting: 0), flow.verdict(onSnapshot: 300)]
        #expect(fresh == [.leaveOut, .send(limit: 400)])
        #expect(!flow.isAwaitingSnapshot)
    }

    @Test(
        "a real client that stops reading costs the server a bounded buffer, and gets a fresh snapshot",
        .timeLimit(.minutes(5)))
    func overSockets() async throws {
        try await TestServer.run(configure: { configuration, _ in
            configuration.session.sendBufferBytes = 64 * 1024
        }) { server in
            let client = try await server.join(try await server.register("Ann"))
            let (_, sink) = try #require(await server.map.nextJoin())
            try await client.setReading(false)
            let large = "{\"pad\":\"" + String(repeating: "x", count: 10_000) + "\"}"
            // The kernel's buffers on both sides hold some megabytes; when these are full the server drops deltas.
            for _ in 0..<2_000 { server.map.deliver(.delta, large, to: sink) }
            await withCheckedContinuation { written in sink.thread.execute { written.resume() } }
            #expect(try #require(server.metrics.registry.value(.messagesDropped)) > 0)
            #expect(try #require(server.metrics.registry.value(.sentBytes)) < 16 * 1_048_576)
            try await client.setReading(true)
            #expect(await server.map.nextReload() == sink.id)
            server.map.deliver(.snapshot, #"{"action":"fresh"}"#, to: sink)
            while try await client.message()["action"] != .string("fresh") {}
            server.map.deliver(.delta, #"{"tick":2}"#, to: sink)
            #expect(try await client.message()["tick"] == .number(2))
        }
    }

    typealias Kind = OutboundMessage.Kind
}
