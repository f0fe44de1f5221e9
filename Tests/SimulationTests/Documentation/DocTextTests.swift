import Foundation
import Testing

@Suite("The text of the pages") struct DocTextTests {
    /// The paragraphs of a page outside of fenced blocks.
    private static func paragraphs(_ text: String) -> [String] {
        var paragraphs = [""]
        var isFenced = false
        for line in text.components(separatedBy: "\n") {
            if line.hasPrefix("```") {
                isFenced.toggle()
                paragraphs.append("")
            } else if line.isEmpty {
                paragraphs.append("")
            } else if !isFenced {
                paragraphs[paragraphs.count - 1] += line + "\n"
            }
        }
        return paragraphs
    }

    @Test("no page has a paragraph twice")
    func repeats() throws {
        for page in DocPage.all {
            let text = try String(contentsOf: DocPage.repository.appendingPathComponent(page.name), encoding: .utf8)
            // A short one, such as the head of a table, may well stand under several headings.
            let long = Self.paragraphs(text).filter { $0.count > 120 }
            #expect(long.count > 1, "\(page.name)")
            for (paragraph, same) in Dictionary(grouping: long, by: \.self) where same.count > 1 {
                Issue.record("\(page.name) has this twice: \(paragraph)")
            }
        }
    }

    @Test("every fenced block of a page of docs/ ends, and every heading has an empty line or a comment above")
    func fences() throws {
        let docs = DocPage.repository.appendingPathComponent("docs")
        let paths = try #require(FileManager.default.enumerator(atPath: docs.path)).compactMap { $0 as? String }
            .filter { $0.hasSuffix(".md") }
        #expect(paths.count > 10)
        for path in paths {
            let text = try String(contentsOf: docs.appendingPathComponent(path), encoding: .utf8)
            let lines = text.components(separatedBy: "\n")
            #expect(lines.count { $0.hasPrefix("```") }.isMultiple(of: 2), "a block of docs/\(path) does not end")
            var isFenced = false
            for (index, line) in lines.enumerated() {
                if line.hasPrefix("```") { isFenced.toggle() }
                guard !isFenced, line.hasPrefix("#"), index > 0 else { continue }
                let above = lines[index - 1]
                #expect(above.isEmpty || above.hasSuffix("-->"), "docs/\(path):\(index + 1): no empty line above")
            }
        }
    }
}
