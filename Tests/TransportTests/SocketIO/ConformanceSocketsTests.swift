import ConformanceEcho
import Testing

@testable import Transport

@Suite("The sockets of the conformance server") struct ConformanceSocketsTests {
    /// A client that has joined `/`, and the packets that it was sent for that.
    private func open(_ text: String = "0") -> (line: PacketLine, sent: [PacketLine.Message]) {
        let line = PacketLine()
        line.open(ConformanceSockets.session(for: line))
        line.receive(.text(text))
        return (line, line.takeSent())
    }

    @Test(
        "the id comes first and alone, then what the client said about itself",
        arguments: [
            ("0", "", "{}"), ("0{}", "", "{}"), (#"0{"token":"123"}"#, "", #"{"token":"123"}"#),
            ("0/custom,", "/custom,", "{}"), (#"0/custom,{"token":"abc"}"#, "/custom,", #"{"token":"abc"}"#),
        ])
    func auth(text: String, namespace: String, auth: String) throws {
        let sent = open(text).sent
        try #require(sent.count == 2)
        guard case .text(let answer) = sent[0] else { return }
        #expect(answer.wholeMatch(of: /0(\/custom,)?\{"sid":"[A-Za-z0-9_-]{22}"\}/) != nil, "\(answer)")
        #expect(answer.hasPrefix("0\(namespace){"))
        #expect(sent[1] == .text(#"2\#(namespace)["auth",\#(auth)]"#))
    }

    @Test("other namespaces are refused")
    func refused() { #expect(open("0/random").sent == [#"4/random,{"message":"Invalid namespace"}"#]) }

    @Test("messages come back, and are acknowledged, with their attachments")
    func echo() {
        let line = open().line
        line.receive(#"2["message",1,"2",{"3":[true]}]"#, #"2456["message-with-ack",1,"2",{"3":[false]}]"#)
        #expect(line.takeSent() == [#"2["message-back",1,"2",{"3":[true]}]"#, #"3456[1,"2",{"3":[false]}]"#])
        let arguments = #"{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}"#
        line.receive(.text(#"52-["message",\#(arguments)]"#), .binary([1, 2, 3]), .binary([4, 5, 6]))
        #expect(
            line.takeSent() == [.text(#"52-["message-back",\#(arguments)]"#), .binary([1, 2, 3]), .binary([4, 5, 6])])
        line.receive(.text(#"52-789["message-with-ack",\#(arguments)]"#), .binary([1]), .binary([]))
        #expect(line.takeSent() == [.text("62-789[\(arguments)]"), .binary([1]), .binary([])])
    }

    @Test("a client leaves one namespace and keeps the other")
    func leave() {
        let line = open().line
        line.receive("0/custom", "1/custom", #"2["message","x"]"#)
        #expect(line.takeSent().last == #"2["message-back","x"]"#)
        line.receive("1")
        #expect(line.isConnected)
    }

    @Test("what breaks the protocol closes the connection", arguments: ["abc", "2{}", #"2abc["message-with-ack"]"#])
    func violations(text: String) {
        let line = open().line
        line.receive(.text(text))
        #expect(!line.isConnected)
    }
}
