import JSONValues
import Testing

@Suite("Texts are cut to a number of bytes, between code points") struct ClippedTextTests {
    @Test(
        "texts with any code points",
        arguments: [
            ("abc", 3, "abc"), ("abcd", 3, "abc…"), ("", 0, ""), ("a", 0, "…"), ("aü", 2, "a…"), ("aü", 3, "aü"),
            ("a€b", 3, "a…"), ("a€b", 4, "a€…"), ("😀b", 3, "…"), ("😀b", 4, "😀…"), ("e\u{301}\u{301}", 3, "e\u{301}…"),
        ])
    func cut(text: String, limit: Int, expected: String) {
        #expect(text.clipped(to: limit).isExactly(expected))
    }

    @Test("a character of a million code points is cut like any other text")
    func oneCharacter() {
        let text = String(repeating: "\u{301}", count: 1_000_000)
        #expect(text.count == 1)
        #expect(text.clipped(to: 4000).utf8.count == 4003)
    }

    @Test("bytes that are not UTF-8 are repaired, and move the cut back by less than a code point's length")
    func invalid() {
        let bytes = [UInt8](repeating: 0x80, count: 100)
        let text = bytes.withUnsafeBytes { String(clipping: $0, to: 10) }
        #expect(text.unicodeScalars.dropLast().allSatisfy { $0 == "\u{FFFD}" })
        #expect((7...10).contains(text.unicodeScalars.count - 1))
    }

    @Test("texts are equal only when their bytes are, however long they are and whatever they look like")
    func exactly() {
        let marks = String(repeating: "\u{301}\u{323}", count: 100)
        let others = String(repeating: "\u{323}\u{301}", count: 100)
        #expect("a" + marks == "a" + others || marks.utf8.count == others.utf8.count)
        #expect(!("a" + marks).isExactly("a" + others))
        #expect(("a" + marks).isExactly("a" + marks))
        #expect(!"é".isExactly("e\u{301}"))
        #expect(!"a".isExactly("b"))
    }
}
