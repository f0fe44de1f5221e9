import JSONValues
import Testing

@testable import Gateway

@Suite("Commands of Socket.IO clients that want an acknowledgement") struct PendingAcknowledgementsTests {
    typealias Answer = PendingAcknowledgements.Answer

    private func pending(_ commands: (id: Int, name: String, commandID: Double)...) -> PendingAcknowledgements {
        var pending = PendingAcknowledgements()
        for command in commands {
            let dropped = pending.note(command.id, command.name, commandID: command.commandID)
            #expect(dropped == nil)
        }
        return pending
    }

    private func confirmed(_ group: String, _ commandID: Double, wait: Double? = nil) -> JSONObject {
        var command: JSONObject = ["command_id": .number(commandID)]
        if let wait { command["wait_time"] = .number(wait) }
        return [group: .object(command)]
    }

    private func done(_ id: Int, wait: Double = 0) -> Answer {
        Answer(id: id, content: ["ok": .bool(true), "wait_time": .number(wait)])
    }

    private func codes(_ answers: [Answer]) -> [String] {
        answers.map { "\($0.id) \($0.content["code"]?.string ?? "ok")" }
    }

    @Test("commands without an own number get 1, 2, 3 …")
    func numbers() {
        var pending = PendingAcknowledgements()
        let numbers = (1...3).map { _ in pending.nextCommandID() }
        #expect(numbers == [1, 2, 3])
    }

    @Test("a command that ran is answered once, with its time to wait")
    func ran() {
        var pending = pending((0, "move/to", 5), (1, "say", 6))
        let first = pending.answers(to: confirmed("move", 5, wait: 0.2))
        #expect(first == [done(0, wait: 0.2)])
        let again = pending.answers(to: confirmed("move", 5, wait: 0.2))
        #expect(again == [] && !pending.isEmpty)
        let second = pending.answers(to: confirmed("say", 6))
        #expect(second == [done(1)] && pending.isEmpty)
    }

    @Test("of several commands of a group the later one ran: the earlier ones were replaced, and others still wait")
    func replaced() {
        var pending = pending((0, "move/to", 1), (1, "say", 2), (2, "move/by", 3), (3, "move/to", 4))
        let answers = pending.answers(to: confirmed("move", 3))
        #expect(codes(answers) == ["0 replaced", "2 ok"])
        var both = confirmed("move", 4)
        both["say"] = confirmed("say", 2)["say"]
        let rest = pending.answers(to: both)
        #expect(codes(rest).sorted() == ["1 ok", "3 ok"])
    }

    @Test("a delta that confirms commands which nobody asked about answers nothing")
    func unknown() {
        var pending = pending((0, "move", 1))
        for other in [confirmed("move", 2), confirmed("say", 1), ["move": .number(1)], [:]] as [JSONObject] {
            let answers = pending.answers(to: other)
            #expect(answers == [])
        }
        #expect(!pending.isEmpty)
    }

    @Test("a refusal answers its command, by group and number")
    func refused() {
        var pending = pending((0, "move/to", 1), (1, "say/loud", 1))
        let error: JSONObject = [
            "error": .string("no"), "code": .string("not_public"), "action": .string("say/loud"),
            "command_id": .number(1),
        ]
        let answer = pending.answer(to: error, during: nil)
        #expect(answer == Answer(id: 1, content: ["error": .string("no"), "code": .string("not_public")]))
        let again = pending.answer(to: error, during: nil)
        #expect(again == nil && !pending.isEmpty)
    }

    @Test("a refusal that comes at once answers the request that is being handled, whatever the refusal names")
    func refusedAtOnce() {
        var pending = pending((0, "move/to", 1), (1, "move/to", 2))
        let error: JSONObject = ["error": .string("no"), "code": .string("bad_command")]
        let noted = pending.answer(to: error, during: 0)
        #expect(noted?.id == 0)
        let unnoted = pending.answer(to: error, during: 9)
        #expect(unnoted?.id == 9)
        let later = pending.answer(to: error, during: nil)
        #expect(later == nil)
        let notice = pending.answer(to: ["action": .string("pause")], during: 1)
        #expect(notice == nil && !pending.isEmpty)
    }

    @Test("a snapshot answers all requests for one, and nothing else")
    func loads() {
        var pending = pending((0, "load", 1), (1, "move", 2), (2, "load/index", 3))
        let answers = pending.answersToLoads()
        #expect(answers == [done(0), done(2)])
        let again = pending.answersToLoads()
        #expect(again == [] && !pending.isEmpty)
    }

    @Test("when too many commands wait, the oldest one gets an error")
    func tooMany() {
        var pending = PendingAcknowledgements()
        for id in 0..<PendingAcknowledgements.maxCount {
            let dropped = pending.note(id, "a", commandID: Double(id))
            #expect(dropped == nil)
        }
        let dropped = pending.note(1000, "a", commandID: 1000)
        #expect(dropped?.id == 0 && dropped?.content["code"] == .string("busy"))
        let next = pending.note(1001, "a", commandID: 1001)
        #expect(next?.id == 1)
    }
}
