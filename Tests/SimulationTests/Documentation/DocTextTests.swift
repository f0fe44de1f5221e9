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
}
