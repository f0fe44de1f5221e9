import GameRules
import Testing

@testable import ScriptCheck
@testable import ScriptTest

@Suite("The editors' definitions for tests [perigee stubs]") struct EditorStubsTests {
    @Test("the definitions have exactly the members of world, functions as functions")
    func world() {
        let known = TestStubs.world.members.map { "\($0.name) \($0.function != nil)" }.sorted()
        #expect(known == WorldClass.Member.allCases.map { "\($0) \($0.minimum != nil)" }.sorted())
        for member in WorldClass.Member.allCases {
            guard let function = TestStubs.world.member("\(member)")?.function, let minimum = member.minimum else {
                continue
            }
            #expect(function.minimum == minimum, "\(member)")
        }
    }

    @Test("they have exactly the existing expectations")
    func expectations() throws {
        let text = try #require(try ScratchGame.result(of: "expect(1).nothing()")).text
        let names = try #require(text.split(separator: "it has ").last).split(separator: ", ").map(String.init)
        let known = TestStubs.expectation.members.map(\.name).sorted()
        #expect(names.sorted() == known, "\(text)")
    }
}
