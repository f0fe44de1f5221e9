import JSONValues
import NIOEmbedded
import Simulation
import Testing
import Transport
import Wire
import World

@testable import Gateway

@Suite("Resuming without a login") struct ResumeTests {
    static let ann = Admission(playerID: 1, login: "Ann", mapID: 4)

    @Test("a token is valid once, only for its player, during the session and for 30 s after it")
    func lifetime() {
        let clock = TestClock()
        let table = ResumeTable(lifetime: .seconds(30), time: clock.source)
        let first = table.issue(1, Self.ann)
        clock.advance(by: .seconds(100_000))
        #expect(table.redeem(first, playerID: 2) == nil)
        #expect(table.redeem(first, playerID: 1) == Self.ann)
        #expect(table.redeem(first, playerID: 1) == nil)

        let second = table.issue(2, Self.ann)
        table.ended(2, mayResume: true)
        clock.advance(by: .milliseconds(29_999))
        #expect(table.redeem(second, playerID: 1) == Self.ann)

        let third = table.issue(3, Self.ann)
        table.ended(3, mayResume: true)
        clock.advance(by: .seconds(30))
        #expect(table.redeem(third, playerID: 1) == nil)

        let fourth = table.issue(4, Self.ann)
        table.ended(4, mayResume: false)
        #expect(table.redeem(fourth, playerID: 1) == nil)
    }

    @Test("expired tokens are dropped, and the number of kept tokens is bounded")
    func bounded() {
        let clock = TestClock()
        let table = ResumeTable(lifetime: .seconds(30), maxEnded: 100, time: clock.source)
        for session in 1...10_000 as ClosedRange<UInt64> {
            _ = table.issue(session, Self.ann)
            table.ended(session, mayResume: true)
        }
        #expect(table.count <= 100)
        clock.advance(by: .seconds(30))
        _ = table.issue(10_001, Self.ann)
        table.ended(10_001, mayResume: true)
        #expect(table.count == 1)
    }

    /// The ways in which a session can end.
    enum Ending: String, CaseIterable {
        case vanished, closedByClient, timedOut
        case replaced, replacedElsewhere, refused, moved, refusedTooOften, brokeTheRules

        var mayResume: Bool { [.vanished, .closedByClient, .timedOut].contains(self) }
    }

    @Test("the way in which a session ended decides whether its player may resume", arguments: Ending.allCases)
    func endings(ending: Ending) throws {
        var limits = SessionLimits()
        limits.maxRefusals = 2
        let bench = try SessionBench(over: .inMemory, limits: limits)
        switch ending {
        case .vanished: bench.link.disconnect()
        case .closedByClient: try bench.link.receive(.close(1000))
        case .timedOut: bench.advance(limits.deadAfter + limits.pingInterval)
        case .replaced: bench.deliver(.replaced)
        case .replacedElsewhere:
            bench.session.replace()
            bench.link.loop.run()
        case .refused: bench.deliver(.refused)
        case .moved:
            bench.deliver(.reconnect(mapID: 4))
            bench.link.disconnect()
        case .refusedTooOften: for _ in 0..<3 { try bench.receive("no JSON") }
        case .brokeTheRules: bench.session.violated(.badData, "no UTF-8")
        }
        #expect(bench.mayResume == ending.mayResume)
        #expect(bench.ended == 1)
    }

    @Test("a client whose connection broke resumes with the token that followed its first snapshot")
    func comesBack() async throws {
        try await TestServer.run(configure: { configuration, _ in configuration.resumeTime = .seconds(30) }) { server in
            let login = try await server.register("Ann")
            let client = try await server.join(login)
            let told = try await client.message()
            #expect(told["action"] == .string("resume"))
            #expect(told["seconds"] == .number(30))
            let query = TestServer.query(["id": .number(1), "token": told["token"] ?? .null])
            try await client.close()
            let second = try await server.client()
            #expect(try await second.handshake(query).status == 101)
            #expect(try await second.message()["action"] == .string("load/index"))
            let next = try await second.message()
            #expect(next["token"] != told["token"])
            #expect(try await server.client().handshake(query).status == 401)
            try await second.close()
        }
    }

    @Test("a replaced client can't resume with the old session's token")
    func replaced() async throws {
        try await TestServer.run(configure: { configuration, _ in configuration.resumeTime = .seconds(30) }) { server in
            let client = try await server.join(try await server.register("Ann"))
            let token = try await client.message()["token"] ?? .null
            let (_, sink) = try #require(await server.map.nextJoin())
            server.map.deliver(.replaced, #"{"error":"…","code":"replaced"}"#, to: sink)
            #expect(try await client.message()["code"] == .string("replaced"))
            #expect(try await client.closeCode() == 4001)
            let query = TestServer.query(["id": .number(1), "token": token])
            #expect(try await server.client().handshake(query).status == 401)
        }
    }
}
