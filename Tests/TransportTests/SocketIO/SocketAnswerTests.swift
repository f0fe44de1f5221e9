import JSONValues
import NIOCore
import Testing
import Wire

@testable import Transport

@Suite("Acknowledgements of the server's events") struct SocketAnswerTests {
    private final class Answers {
        var all: [SocketAnswer] = []
    }

    private func ask(_ link: SocketLink, _ name: String, _ answers: Answers, timeout: TimeAmount = .seconds(5)) {
        link.emit(name, timeout: timeout) { answers.all.append($0) }
    }

    @Test("each answer reaches its event, in any order, once")
    func answers() {
        let (client, first, second) = (TestClient(), Answers(), Answers())
        let socket = client.join("/a")
        ask(socket.link, "x", first)
        ask(socket.link, "y", second)
        socket.link.flush()
        #expect(client.line.takeSent() == [#"2/a,0["x"]"#, #"2/a,1["y"]"#])
        client.line.receive(#"3/a,1["b"]"#, "61-/a,0[]", .binary([1]))
        #expect(first.all == [.arguments(SocketArguments([], attachments: [[1]]))])
        #expect(second.all == [.arguments([.string("b")])])
        #expect(socket.take() == [])
        client.line.receive("3/a,1[]", "3/a,9[]", "3/a,9223372036854775807[]")
        #expect(socket.take() == [.control, .control, .control])
        #expect(second.all.count == 1)
        client.advance(by: .seconds(10))
        #expect(first.all.count == 1)
    }

    @Test("an answer belongs to the socket that asked")
    func namespaces() {
        let (client, answers) = (TestClient(), Answers())
        let (main, other) = (client.join(), client.join("/a"))
        ask(main.link, "x", answers)
        client.line.receive("3/a,0[]")
        #expect(answers.all == [])
        #expect(other.take() == [.control])
        client.line.receive("30[]")
        #expect(answers.all == [.arguments([])])
    }

    @Test("an event that is not acknowledged times out, and its late answer is ignored")
    func timeout() {
        let (client, answers) = (TestClient(), Answers())
        let socket = client.join()
        ask(socket.link, "x", answers, timeout: .seconds(2))
        client.advance(by: .milliseconds(1999))
        #expect(answers.all == [])
        client.advance(by: .milliseconds(1))
        #expect(answers.all == [.timedOut])
        client.line.receive("30[]")
        #expect(answers.all == [.timedOut])
        #expect(client.line.isConnected)
    }

    @Test("the end of a socket ends its waits, and an ended socket does not wait")
    func end() {
        let (client, answers) = (TestClient(), Answers())
        let socket = client.join()
        ask(socket.link, "x", answers)
        ask(socket.link, "y", answers)
        client.line.disconnect()
        #expect(answers.all == [.ended, .ended])
        ask(socket.link, "z", answers)
        #expect(answers.all == [.ended, .ended, .ended])
    }

    @Test("the number of waits is bounded")
    func bound() {
        let (client, answers) = (TestClient { $0.maxPendingAnswers = 2 }, Answers())
        let socket = client.join()
        for _ in 0..<3 { ask(socket.link, "x", answers) }
        socket.link.flush()
        #expect(answers.all == [.tooMany(limit: 2)])
        #expect(client.line.takeSent().count == 2)
        client.line.receive("31[]")
        ask(socket.link, "x", answers)
        #expect(answers.all == [.tooMany(limit: 2), .arguments([])])
    }

    @Test("an answer may ask again, and may end the socket")
    func nested() {
        let (client, answers) = (TestClient(), Answers())
        let socket = client.join()
        socket.link.emit("x", timeout: .seconds(1)) { answer in
            answers.all.append(answer)
            self.ask(socket.link, "y", answers)
            socket.link.disconnect()
        }
        client.line.receive("30[]")
        #expect(answers.all == [.arguments([]), .ended])
        #expect(socket.take() == [.ended(.serverLeft)])
    }
}
