import JSONValues
import NIOCore
import NIOEmbedded
import Testing
import Wire

@testable import Gateway
@testable import Transport

@Suite("The end of a connection says whether coming back is welcome [1-protocol 7]") struct ClosingTests {
    /// The ways in which the server ends a connection.
    enum Ending: String, CaseIterable {
        case unreadable, noMap, mapStarting
        case silent, refusedTooOften, brokeTheRules, tooBig
        case replacedElsewhere, stopping, shed

        /// The code that the client is told, and the seconds after which it should come back; `nil` for never.
        var expected: (code: String, retry: Double?) {
            switch self {
            case .unreadable: ("internal", 5)
            case .noMap: ("no_map", 5)
            case .mapStarting: ("map_starting", 2)
            case .silent: ("timeout", 1)
            case .refusedTooOften: ("too_many_refusals", nil)
            case .brokeTheRules: ("bad_json", nil)
            case .tooBig: ("too_big", nil)
            case .replacedElsewhere: ("replaced", nil)
            case .stopping: ("shutting_down", 2)
            case .shed: ("send_memory", 1)
            }
        }
    }

    @Test(
        "the message before the close has `return`, and `retry` when coming back is welcome; a dead token is never offered",
        arguments: Ending.allCases, TestTransport.allCases)
    func endings(ending: Ending, transport: TestTransport) throws {
        var limits = SessionLimits()
        limits.maxRefusals = 2
        let joins = ![.unreadable, .mapStarting, .noMap].contains(ending)
        let bench = try SessionBench(over: transport, limits: limits, joins: joins)
        switch ending {
        case .unreadable: bench.failToJoin(ChannelError.eof)
        case .noMap: bench.join(onMap: 99)
        case .mapStarting:
            bench.map.isFull = true
            bench.join()
        case .silent: bench.advance(limits.deadAfter)
        case .refusedTooOften: for _ in 0..<3 { try bench.receive("no JSON") }
        case .brokeTheRules: bench.session.violated(.badData, "no UTF-8")
        case .tooBig: bench.session.violated(.tooBig, "17 KiB")
        case .replacedElsewhere:
            bench.session.replace()
            bench.link.loop.run()
        case .stopping: bench.session.serverStops()
        case .shed: bench.link.shed()
        }
        let sent = try bench.sent()
        let told = try JSON(parsing: sent.last(where: { $0.text != nil })?.text ?? "").object
        let (code, retry) = ending.expected
        #expect(told?["code"] == .string(code))
        #expect(told?["return"] == .bool(retry != nil))
        #expect(told?["retry"] == retry.map { .number($0) })
        #expect(told?["error"]?.string?.isEmpty == false)
        guard case .close = sent.last else {
            Issue.record("no close: \(sent)")
            return
        }
        // Whoever is not welcome has no token any more.
        if joins, retry == nil { #expect(bench.mayResume == false) }
        if joins, retry != nil { #expect(bench.mayResume == true) }
    }

    // Over Socket.IO a text that is not JSON is no event; the protocol itself ends such a connection.
    @Test("a refusal that ends nothing says nothing about coming back", arguments: TestTransport.ownProtocol)
    func refusals(transport: TestTransport) throws {
        let bench = try SessionBench(over: transport)
        try bench.receive("no JSON")
        let told = try JSON(parsing: bench.texts().first ?? "").object
        #expect(told?["code"] == .string("bad_json"))
        #expect(told?["return"] == nil && told?["retry"] == nil)
    }
}
