import GameFolder
import GameRules
import Testing

@Suite("Mistakes of game.yaml are told at once") struct AllMistakesTests {
    /// The mistakes as `line:column` and message.
    private func mistakes(_ text: String, previous: GameDefinition? = nil) throws -> [String] {
        let folder = try ScratchFolder(["game.yaml": text, "maps/1-field.tmj": smallMap()])
        return try GameFolder.load(directory: folder.path, previous: previous).1.map {
            "\($0.line ?? 0):\($0.column ?? 0) \($0.message)"
        }
    }

    @Test(
        "of all kinds together: names, values, values that don't fit, lists, neighbours, the start, keys that are there twice"
    )
    func together() throws {
        let found = try mistakes(
            """
            name: ""
            tick_rate: 20
            send_rate: 30
            ping_seconds: 9
            dead_after_seconds: 5
            view_distance: 10
            border_view: 2
            colour: red
            allowed_origins: [a, "https://b.example", c]
            start_map: 9
            tick_rate: 40
            neighbours:
              1: {lefft: 1, up: x}
              7: {left: 1}
              8: 1
            metrics: open
            """)
        let expected = [
            "1:7 name is empty", "3:1 send_rate is 30", "5:1 dead_after_seconds is 5",
            "8:1 unknown key colour", "9:19 \"a\" is no origin", "9:43 \"c\" is no origin",
            "10:1 start_map is 9, but no map has that number; there are 1",
            "11:1 tick_rate is there twice, in line 2 too",
            "13:7 \"lefft\" is no side", "13:21 \"x\" is no number of a map", "14:7 no map has the number 7",
            "15:6 write one map a line", "16:10 metrics is \"open\"; it must be private or public",
        ]
        for (found, expected) in zip(found, expected) { #expect(found.hasPrefix(expected), "\(found)") }
        #expect(found.count == expected.count, "\(found)")
    }

    @Test("a value that can't be read is compared with no other")
    func broken() throws {
        #expect(try mistakes("tick_rate: fast\nsend_rate: 100\n").count == 1)
        #expect(try mistakes("send_rate: fast\ntick_rate: 1\n").count == 1)
        #expect(try mistakes("ping_seconds: x\ndead_after_seconds: 2\n").count == 1)
    }

    @Test(
        "a key that is there twice hides no other mistake, however its first value is written",
        arguments: [
            ("tick_rate: 30\ntick_rate: 60\ncolour: red", [2, 3]), ("name: A\n\n# more\nname: B\nname: C\n", [4, 5]),
            ("allowed_origins:\n  - a\nallowed_origins:\n- b\n- c\ncolour: red", [2, 3, 6]),
            ("neighbours:\n  1: {left: 1}\nneighbours:\n  9: {left: 9}\ncolour: red", [3, 5]),
            ("tick_rate: 30\r\ntick_rate: 60\r\ncolour: red\r\n", [2, 3]),
            ("name: |\n  name: x\n  name: y\ncolour: red", [4]),
            ("neighbours:\n  1: {left: 1}\n  1: {up: 9}\ncolour: red", [3, 4]),
            ("neighbours:\n  1:\n    lefft: 1\n    lefft: 1\n  9: {up: 1}\ncolour: red", [3, 4, 5, 6]),
            ("colour: red\nneighbours:\n  1: {up: 1, up: 1}\nsize: 3", [1, 3, 4]),
            ("neighbours: {\n  1: {up: 1},\n  1: {up: 1}\n}\ncolour: red", [3, 5]),
            ("neighbours: {\n  1: {up: 1},\n  1: {up: 1}}\ncolour: red", [2, 4]),
            ("\"name\": A\nname: B\ncolour: red", [2, 3]), ("name : A\n'name': B\ncolour: red", [2, 3]),
            ("name: [{a: 1, a: 2}]\ncolour: red", [1, 2]), ("{name: A, name: B}", [1]),
        ] as [(String, [Int])])
    func twice(text: String, lines: [Int]) throws {
        #expect(try mistakes(text).map { Int($0.prefix { $0 != ":" }) } == lines)
    }

    @Test("a key that is there twice is told with its place, in a table within the file too")
    func places() throws {
        let found = try mistakes(
            "neighbours:\n  1:\n    up: 1\n    up: 1\n  1: {left: 1}\ntrusted_proxies: {a: 1, a: 2}\n")
        #expect(
            found == [
                "4:5 up is there twice, in line 3 too; keep one", "5:3 1 is there twice, in line 2 too; keep one",
                "6:19 a is there twice in one table; keep one",
            ])
    }

    @Test("thousands of repeated keys are no long work")
    func many() throws {
        let keys = (0..<3000).map { "k\($0): 1\n" }.joined()
        let found = try mistakes(keys + keys)
        #expect(found.first?.contains("too many keys are there twice") == true, "\(found.first ?? "")")
        #expect(found.count == 101)
    }

    @Test("a file with mistakes changes nothing, and neither does it move the start")
    func kept() throws {
        let folder = try ScratchFolder([
            "game.yaml": "start_map: 2\ntick_rate: 30\n", "maps/1-a.tmj": smallMap(), "maps/2-b.tmj": smallMap(),
        ])
        let before = try GameFolder.load(directory: folder.path).0
        try folder.write("game.yaml", "start_map: 1\ntick_rate: x\n")
        let (now, problems) = try GameFolder.load(directory: folder.path, previous: before)
        #expect(problems.map(\.line) == [2])
        #expect(now.configuration == before.configuration)
        try folder.write("game.yaml", "start_map: 7\ntick_rate: x\n")
        let (later, more) = try GameFolder.load(directory: folder.path, previous: before)
        #expect(more.map(\.line) == [1, 2])
        #expect(later.configuration.startMap == 2)
    }
}
