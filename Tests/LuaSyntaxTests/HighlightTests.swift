import Testing

@testable import LuaSyntax

@Suite("Pieces of a script for colours") struct HighlightTests {
    private func kinds(_ text: String) -> [String] {
        LuaHighlight.pieces(of: text).map { "\($0.kind?.rawValue ?? "-") \($0.text)" }
    }

    @Test("words, strings, numbers and comments are pieces of their own, and everything between them is one piece")
    func pieces() {
        #expect(
            kinds("local x = 0x1F -- one\nreturn x .. \"a\"") == [
                "keyword local", "-  x = ", "number 0x1F", "-  ", "comment -- one", "- \n", "keyword return",
                "-  x .. ", "string \"a\"",
            ])
        #expect(kinds("") == [] && kinds(" \n") == ["-  \n"])
    }

    @Test(
        "the pieces, joined, are the script, also of one that does not compile",
        arguments: ["x = 'ä\nend end", "--[==[ open", "a = [[\u{1F411}]] b=", "if \\ @ 3x 'é'\n", "\u{FEFF}é = 1"])
    func complete(text: String) {
        #expect(LuaHighlight.pieces(of: text).map(\.text).joined() == text)
    }
}
