import Foundation
import GameFolder
import JSONValues
import LuaSyntax
import ScriptCheck
import Testing

/// `broken-game/` has a mistake of every kind; comments in its files say what must be found, and where. For a file
/// that can't have comments they are in a file beside it, with `.txt` added to the name.
@Suite("perigee check on a broken game") struct BrokenGameTests {
    /// The lines `-- expect LINE:COLUMN severity: message` of all files, as the command prints them.
    private func expected() throws -> [String] {
        let root = URL(filePath: Paths.brokenGame)
        var lines: [String] = []
        for file in try FileManager.default.subpathsOfDirectory(atPath: root.path).sorted() {
            guard let data = FileManager.default.contents(atPath: root.appending(path: file).path) else { continue }
            let name = file.hasSuffix(".txt") ? String(file.dropLast(4)) : file
            for line in String(decoding: data, as: UTF8.self).split(separator: "\n") {
                guard let mark = line.firstRange(of: "-- expect ") ?? line.firstRange(of: "# expect ") else { continue }
                lines.append("\(name):\(line[mark.upperBound...])")
            }
        }
        return lines
    }

    @Test("finds each seeded mistake at its line and column, and nothing else")
    func all() throws {
        let expected = try expected()
        #expect(expected.count >= 40)
        let found = try GameCheck(directory: Paths.brokenGame).diagnostics.map {
            "\($0.file):\($0.position.line):\($0.position.column) \($0.severity.rawValue): \($0.message)"
        }
        for line in Set(expected).subtracting(found).sorted() { Issue.record("not found: \(line)") }
        for line in Set(found).subtracting(expected).sorted() { Issue.record("not expected: \(line)") }
        #expect(found.count == Set(expected).count)
    }

    @Test("prints a line that editors understand, sorted by file and place")
    func lines() throws {
        let check = try GameCheck(directory: Paths.brokenGame)
        let line = try #require(check.diagnostics.first { $0.message.contains("'mvoe'") }).line(in: "game/")
        #expect(line.hasPrefix("game/events/fight/attack.lua:"))
        #expect(line.hasSuffix(":19: error: there is no event group 'mvoe'; did you mean 'move'?"))
        #expect(check.diagnostics == check.diagnostics.sorted())
        #expect(check.count(.error) + check.count(.warning) == check.diagnostics.count)
    }

    @Test("docs/check.md: the pattern for editors matches every line")
    func pattern() throws {
        let page = String(
            decoding: try Data(contentsOf: Paths.root.appending(path: "docs/check.md")), as: UTF8.self)
        let line = try #require(page.split(separator: "\n").first { $0.contains("\"regexp\": ") })
        let member = "{" + line.trimmingCharacters(in: CharacterSet(charactersIn: " ,")) + "}"
        let text = try #require(try JSON(parsing: member).object?["regexp"]?.string)
        let regex = try Regex(text)
        for finding in try GameCheck(directory: Paths.brokenGame).diagnostics {
            let match = try #require(try regex.wholeMatch(in: finding.line(in: "some game/")))
            #expect(match[1].substring == "some game/\(finding.file)")
            #expect(match[2].substring == "\(finding.position.line)")
            #expect(match[3].substring == "\(finding.position.column)")
            #expect(match[4].substring == "\(finding.severity.rawValue)")
            #expect(match[5].substring == "\(finding.message)")
        }
    }

    @Test("a folder that does not exist is an error, not a game with mistakes")
    func missing() {
        #expect(throws: GameFolderError.self) { try GameCheck(directory: Paths.brokenGame + "/nothing") }
    }
}
