import ScriptCheck
import Testing

@Suite("What check says of views") struct ViewTests {
    @Test("a view or a relevance that the server would refuse is an error, at its line")
    func mistakes() throws {
        let game = try ScratchGame([
            "events/go/index.lua": """
            object.view = 30
            object.view = nil
            object.relevant = "always"
            object.relevant = nil
            object.view = -1
            object.view = 4097
            object.view = "far"
            object.relevant = "near"
            object.relevant = 1
            """
        ])
        let lines = try game.lines().filter { $0.hasPrefix("events/go") }
        let range = "view must be a number of tiles from 0 to 4096, or nil"
        let expected = [
            range, range, "view must be a number or nil, not a string", "relevant must be 'always' or nil",
            "relevant must be a string or nil, not a number",
        ]
        #expect(lines.count == expected.count, "\(lines)")
        for (index, (line, text)) in zip(lines, expected).enumerated() {
            #expect(line.hasPrefix("events/go/index.lua:\(index + 5):") && line.hasSuffix("error: \(text)"), "\(line)")
        }
    }
}
