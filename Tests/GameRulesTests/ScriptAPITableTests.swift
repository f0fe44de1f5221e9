import Testing

@testable import GameRules

@Suite("The table of what scripts can use") struct ScriptAPITableTests {
    @Test("every case of ScriptMember has exactly one row")
    func members() {
        var answered: [ScriptMember] = []
        for member in ScriptAPI.classes.flatMap(\.members) {
            switch member.source {
            case .host(let id): answered.append(id)
            case .column, .proxy: #expect(member.function == nil)
            case .none: Issue.record("\(member.name) has no source")
            }
        }
        #expect(Set(answered).count == answered.count)
        #expect(Set(answered) == Set(ScriptMember.allCases))
    }

    @Test("names are unique within a class, and functions come after fields in the lists of messages")
    func listings() {
        for owner in ScriptAPI.classes {
            #expect(Set(owner.members.map(\.name)).count == owner.members.count)
            let firstFunction = owner.members.firstIndex { $0.function != nil } ?? owner.members.endIndex
            #expect(owner.members[firstFunction...].allSatisfy { $0.function != nil })
        }
        #expect(
            ScriptAPI.objects.listing == ["add(type, data)", "remove(key)", "near(x, y, radius, type)", "count(type)"])
    }
}
