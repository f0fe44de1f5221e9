import JSONValues
import NIOCore
import NIOEmbedded
import Synchronization
import Testing
import Wire

@testable import Transport

@Suite("Clients that come back to their sockets") struct SocketRecoveryTests {
    private let clock = TestClock()
    private let store: RecoveryStore
    private let server = TestSockets()

    init() {
        let clock = clock
        store = RecoveryStore(now: { clock.now })
    }

    private func connect(_ text: String) -> TestClient {
        let ids = Self.ids
        let client = TestClient(server, recovery: store) { $0.makeID = { ids.next() } }
        client.line.receive(.text(text))
        return client
    }

    /// Ids that no two clients of a test share.
    private static let ids = Counter()

    /// The members of the CONNECT answer, which is the first packet.
    private func answer(_ client: TestClient) throws -> (sid: String, pid: String, rest: [PacketLine.Message]) {
        var sent = client.line.takeSent()
        guard case .text(let text)? = sent.first, text.first == "0" else { throw NoAnswer() }
        sent.removeFirst()
        let object = try #require(try JSON(parsing: String(text.dropFirst())).object)
        return (try #require(object["sid"]?.string), try #require(object["pid"]?.string), sent)
    }

    private struct NoAnswer: Error {}

    private func back(_ pid: String, _ offset: String?) -> String {
        offset.map { #"0{"pid":"\#(pid)","offset":"\#($0)"}"# } ?? #"0{"pid":"\#(pid)"}"#
    }

    /// The last argument of an event.
    private func offset(_ message: PacketLine.Message?) throws -> String {
        guard case .text(let text)? = message else { throw NoAnswer() }
        let json = try #require(text.firstIndex(of: "["))
        return try #require(try JSON(parsing: String(text[json...])).array?.last?.string)
    }

    @Test("without a store the answer has the id only, and events have no offset")
    func off() {
        let client = TestClient()
        client.line.receive(#"0{"pid":"x","offset":"y"}"#)
        client.socket.link.emit("a")
        client.socket.link.flush()
        #expect(client.line.takeSent() == [#"0{"sid":"id1"}"#, #"2["a"]"#])
        #expect(client.socket.link.recovery == nil)
    }

    @Test("a server may leave a socket out; its client is not told how to come back, and its events have no offset")
    func leftOut() throws {
        server.mayReturn = false
        let client = connect("0")
        client.socket.link.emit("a")
        client.socket.link.flush()
        let sent = client.line.takeSent()
        #expect(sent.last == #"2["a"]"#)
        guard case .text(let answer)? = sent.first else { throw NoAnswer() }
        #expect(!answer.contains("pid"))
        client.line.disconnect()
        #expect(client.socket.take().last == .ended(.connectionLost(error: nil)))
        #expect(store.count == 0)
    }

    @Test("a client that comes back in time gets its id, and what it missed, before anything new")
    func recover() throws {
        let first = connect("0")
        let (sid, pid, _) = try answer(first)
        let socket = first.socket
        let shared = SocketPackets(offsets: PacketOffsets(prefix: "m"))
        socket.link.emit("a", [.number(1)])
        socket.link.emit(PacketRun(PacketBatch([shared.event("b", [])]), 0..<1))
        socket.link.emit("c", SocketArguments([SocketArguments.placeholder(0)], attachments: [[7]]))
        socket.link.flush()
        let sent = first.line.takeSent()
        #expect(sent.count == 4)
        let offset = try offset(sent[0])
        #expect(sent[1] == #"2["b","m1"]"#)
        first.line.disconnect()
        #expect(socket.take().last == .ended(.connectionLost(error: nil)))
        let missed = shared.event("d", [])
        try #require(socket.link.recovery).keep(missed)

        clock.advance(by: .milliseconds(119_999))
        server.opened = { $0.link.emit("new") }
        let second = connect(back(pid, offset))
        let again = try answer(second)
        #expect(again.sid == sid && again.pid == pid)
        #expect(second.socket.link.isRecovered)
        #expect(second.socket.link.id == sid)
        #expect(Array(again.rest.prefix(4)) == Array(sent[1...]) + [#"2["d","m2"]"#])
        #expect(try self.offset(again.rest.last) != offset)
        #expect(again.rest.count == 5)
    }

    @Test("a client that received nothing gets everything, and one that missed nothing gets nothing")
    func ends() throws {
        let first = connect("0")
        let (_, pid, _) = try answer(first)
        first.socket.link.emit("a")
        first.socket.link.emit("b")
        first.socket.link.flush()
        let sent = first.line.takeSent()
        first.line.disconnect()
        let second = connect(back(pid, nil))
        #expect(try answer(second).rest == sent)
        second.line.disconnect()
        let third = connect(back(pid, try offset(sent[1])))
        #expect(try answer(third).rest == [])
        #expect(third.socket.link.isRecovered)
    }

    @Test(
        "a client that can't have its socket gets a new one",
        arguments: ["late", "unknown secret", "unknown offset", "namespace", "left", "closed", "number"])
    func refused(why: String) throws {
        let first = connect("0")
        let (sid, pid, _) = try answer(first)
        first.socket.link.emit("a")
        first.socket.link.flush()
        let offset = try offset(first.line.takeSent()[0])
        switch why {
        case "left": first.line.receive("1")
        case "closed": first.socket.link.close(.kicked, reason: "out")
        default: first.line.disconnect()
        }
        if why == "late" { clock.advance(by: .seconds(120)) }
        let text =
            switch why {
            case "unknown secret": back("x", offset)
            case "unknown offset": back(pid, "x")
            case "namespace": #"0/a,{"pid":"\#(pid)","offset":"\#(offset)"}"#
            case "number": #"0{"pid":7,"offset":"\#(offset)"}"#
            default: back(pid, offset)
            }
        let second = connect(text)
        #expect(!second.socket.link.isRecovered)
        #expect(second.socket.link.id != sid)
        #expect(second.line.takeSent().count == 1)
    }

    @Test("events that want an answer are neither named nor kept")
    func acknowledged() throws {
        let first = connect("0")
        let (_, pid, _) = try answer(first)
        first.socket.link.emit("a", [.string("b")], timeout: .seconds(1)) { _ in }
        first.socket.link.flush()
        #expect(first.line.takeSent() == [#"20["a","b"]"#])
        first.line.disconnect()
        #expect(try answer(connect(back(pid, nil))).rest == [])
    }

    @Test("a client that is back before the end of its connection was noticed takes its socket over")
    func takeOver() throws {
        let first = connect("0")
        let (sid, pid, _) = try answer(first)
        let old = first.socket
        old.link.emit("a")
        old.link.flush()
        let sent = first.line.takeSent()
        let second = connect(back(pid, nil))
        #expect(second.line.takeSent() == [])
        #expect(server.sockets.count == 1)
        first.line.loop.run()
        #expect(old.take().last == .ended(.returned))
        #expect(!first.line.isConnected)
        second.line.loop.run()
        let again = try answer(second)
        #expect(again.sid == sid)
        #expect(again.rest == sent)
        #expect(second.socket.link.isRecovered)
    }

    @Test("a connection with other sockets stays when one of them is taken over")
    func takeOverOne() throws {
        let first = connect("0")
        let (_, pid, _) = try answer(first)
        first.line.receive("0/a,")
        let other = first.socket
        let second = connect(back(pid, nil))
        first.line.loop.run()
        second.line.loop.run()
        #expect(second.socket.link.isRecovered)
        #expect(first.line.isConnected)
        #expect(other.take() == [.opened])
    }

    @Test("a client that leaves while it waits for its socket gets nothing, and the socket stays to come back to")
    func leaveWhileWaiting() throws {
        let first = connect("0")
        let (sid, pid, _) = try answer(first)
        let second = connect(back(pid, nil))
        second.line.disconnect()
        first.line.loop.run()
        second.line.loop.run()
        #expect(server.sockets.count == 1)
        let third = connect(back(pid, nil))
        #expect(try answer(third).sid == sid)
    }

    @Test("a server that refuses a client that is back forgets the socket")
    func refuse() throws {
        let first = connect("0")
        let (_, pid, _) = try answer(first)
        first.line.disconnect()
        let gone = Mutex(0)
        first.socket.link.recovery?.whenGone { gone.withLock { $0 += 1 } }
        server.decidesLater = true
        let second = connect(back(pid, nil))
        #expect(server.waiting.first?.link.isRecovered == true)
        server.decide(accepts: false)
        #expect(second.line.takeSent() == [#"4{"message":"Invalid namespace"}"#])
        #expect(store.count == 0)
        // The client had come back, so nothing is to be said about the former socket.
        #expect(gone.withLock { $0 } == 0)
    }

    @Test("a client that loses its connection while the server decides may come back once more")
    func lostWhileDeciding() throws {
        let first = connect("0")
        let (sid, pid, _) = try answer(first)
        first.socket.link.emit("a")
        first.socket.link.flush()
        let sent = first.line.takeSent()
        first.line.disconnect()
        server.decidesLater = true
        let second = connect(back(pid, nil))
        second.line.disconnect()
        server.decide(accepts: true)
        #expect(second.socket.take() == [.ended(.connectionLost(error: nil))])
        server.decidesLater = false
        let third = connect(back(pid, nil))
        let again = try answer(third)
        #expect(again.sid == sid && again.rest == sent)
    }

    @Test("what is kept is freed in time, also when no further client comes")
    func freed() throws {
        let first = connect("0")
        first.socket.link.emit("a")
        #expect(store.bytes > 0)
        let gone = Mutex(0)
        first.line.disconnect()
        first.socket.link.recovery?.whenGone { gone.withLock { $0 += 1 } }
        clock.advance(by: .seconds(120))
        first.advance(by: .milliseconds(120_001))
        #expect(store.count == 0 && store.bytes == 0)
        #expect(gone.withLock { $0 } == 1)
        first.socket.link.recovery?.whenGone { gone.withLock { $0 += 1 } }
        #expect(gone.withLock { $0 } == 2)
    }
}
