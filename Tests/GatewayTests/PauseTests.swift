import NIOCore
import Simulation
import Synchronization
import Testing
import Wire

@testable import Gateway
@testable import Transport

@Suite("Pauses of the server do not count against clients") struct PauseTests {
    /// A clock that a test advances.
    private final class Clock: Sendable {
        private let time = Mutex((now: NIODeadline.uptimeNanoseconds(1_000_000_000), work: TimeAmount.zero))
        var now: NIODeadline { time.withLock { $0.now } }
        var work: TimeAmount { time.withLock { $0.work } }

        /// Lets time pass; for `work` of it the thread that calls `beat` is busy.
        func advance(_ amount: TimeAmount, work: TimeAmount = .zero) {
            time.withLock { $0 = ($0.now + amount, $0.work + work) }
        }
    }

    private let clock = Clock()
    private let pauses: ServerPauses

    init() {
        let clock = clock
        pauses = ServerPauses(now: { clock.now }, threadClock: { { clock.work } })
    }

    @Test("a beat in time is no pause; a late one is, as soon as `total` is read or the beat comes")
    func beats() {
        clock.advance(.hours(1))
        #expect(pauses.total == .zero, "nothing beats yet")
        pauses.beat()
        for _ in 0..<100 {
            clock.advance(.milliseconds(150))
            pauses.beat()
        }
        #expect(pauses.total == .zero)
        clock.advance(.seconds(3))
        #expect(pauses.total == .seconds(3))
        #expect(pauses.total == .seconds(3))
        clock.advance(.milliseconds(100))
        pauses.beat()
        #expect(pauses.total == .seconds(3))
        clock.advance(.seconds(2))
        pauses.beat()
        #expect(pauses.total == .seconds(5))
        pauses.end()
        clock.advance(.hours(1))
        #expect(pauses.total == .seconds(5))
    }

    @Test("a beat that is late because its thread is busy is not a pause: floods must not stop deadlines")
    func overload() {
        pauses.beat()
        for _ in 0..<20 {
            clock.advance(.milliseconds(900), work: .milliseconds(500))
            pauses.beat()
        }
        #expect(pauses.total == .zero)
        clock.advance(.seconds(3), work: .milliseconds(100))
        #expect(pauses.total == .seconds(3))
    }

    @Test("tokens to connect and to resume don't expire during a pause")
    func tokens() {
        let source = TimeSource(monotonic: { [clock] in clock.now.sinceStart }, unix: { 0 })
        let ann = Admission(playerID: 1, login: "Ann", mapID: 4)
        let tokens = TokenTable(time: pauses.running(source))
        let resumes = ResumeTable(lifetime: .seconds(30), time: pauses.running(source))
        pauses.beat()
        let token = tokens.issue(ann)
        let resume = resumes.issue(7, ann)
        resumes.ended(7, mayResume: true)
        clock.advance(.hours(2))
        #expect(tokens.redeem(token, playerID: 1) == ann)
        #expect(resumes.redeem(resume, playerID: 1) == ann)
    }

    @Test(
        "commands sent during a pause at the allowed rate are accepted, and a flood is refused as always",
        arguments: TestTransport.allCases)
    func commands(transport: TestTransport) throws {
        let bench = try SessionBench(over: transport)
        for _ in 0..<120 { try bench.receive(#"{"action":"a"}"#) }
        bench.pause(.seconds(3))
        for _ in 0..<180 { try bench.receive(#"{"action":"a"}"#) }
        #expect(try bench.sent().isEmpty)
        try bench.receive(#"{"action":"a"}"#)
        #expect(try bench.texts().count == 1)
        bench.advance(.seconds(10))
        for _ in 0..<120 { try bench.receive(#"{"action":"a"}"#) }
        #expect(try bench.texts().isEmpty)
        try bench.receive(#"{"action":"a"}"#)
        #expect(try bench.texts().count == 1, "what the pause added was for once")
    }

    @Test(
        "an idle client may send its whole burst and the commands of the pause",
        arguments: TestTransport.allCases)
    func fullBucket(transport: TestTransport) throws {
        let bench = try SessionBench(over: transport)
        bench.pause(.seconds(3))
        for _ in 0..<300 { try bench.receive(#"{"action":"a"}"#) }
        #expect(try bench.sent().isEmpty)
        for _ in 0..<20 { try bench.receive(#"{"action":"a"}"#) }
        #expect(try bench.sent().last == .close(1008))
    }

    @Test("however long a pause is, at most a minute's commands are added", arguments: TestTransport.allCases)
    func longPause(transport: TestTransport) throws {
        let bench = try SessionBench(over: transport)
        bench.pause(.hours(10))
        for _ in 0..<(120 + 3600) { try bench.receive(#"{"action":"a"}"#) }
        #expect(try bench.texts().isEmpty)
        try bench.receive(#"{"action":"a"}"#)
        #expect(try bench.texts().count == 1)
    }

    @Test(
        "a client that was not pinged during a pause is not closed for its silence", arguments: TestTransport.allCases)
    func silence(transport: TestTransport) throws {
        let bench = try SessionBench(over: transport)
        bench.advance(.seconds(15))
        bench.pause(.seconds(300))
        #expect(try bench.sent().isEmpty)
        bench.advance(.seconds(5))
        #expect(try bench.sent() == [.ping])
        bench.advance(.seconds(39))
        #expect(try bench.sent().last == .ping)
        bench.advance(.seconds(1))
        #expect(try bench.sent().last == .close(1001))
    }

    @Test("a pause does not count in a slow client's time to drain", arguments: TestTransport.allCases)
    func draining(transport: TestTransport) throws {
        let bench = try SessionBench(over: transport)
        bench.setWritable(false)
        bench.deliver(.delta)
        bench.advance(.seconds(29))
        bench.pause(.seconds(300))
        #expect(bench.isConnected)
        bench.advance(.seconds(1))
        #expect(!bench.isConnected)
    }
}
