import Testing

@testable import LuaSyntax

@Suite("The places of annotations") struct AnnotationTests {
    private func found(_ text: String) -> [String] {
        LuaAnnotations(Array(text.utf8)).all.map { "\($0.line):\($0.column) \($0.name)=\($0.value)" }
    }

    @Test("a line comment that begins with @ is an annotation anywhere; strings and long comments hold none")
    func places() {
        #expect(found("--@a 1\n  --@b  x y \r\n--@c") == ["1:1 a=1", "2:3 b=x y", "3:1 c="])
        #expect(found("-- text\n--- @a\n---@b\n--@c") == ["4:1 c="])
        #expect(found("x = [[\n--@a\n]] --@b\n--[==[\n--@c\n]]]==]\n--@d") == ["3:4 b=", "7:1 d="])
        #expect(found("x = \"--@a\" y = '\\'--@b' --@c") == ["1:25 c="])
        #expect(found("x = '\\\n--@a' --@b") == ["2:7 b="])
    }

    @Test("annotations are found in code that does not compile: an unfinished string ends with its line")
    func broken() {
        #expect(found("x = 'a\n--@a\ny = [==x\n--@b\nz = 3x \\ @\n--@c") == ["2:1 a=", "4:1 b=", "6:1 c="])
        #expect(found("--[[ [[ ]]\n--@a") == ["2:1 a="])
        #expect(found("x = [[\n--@a") == [])
    }

    @Test("says whether there is code, which annotations come after it, and the last line with a comment")
    func code() {
        let comments = LuaAnnotations(Array("--@a\r\r--[[\n]]\n\n".utf8))
        #expect(!comments.hasCode)
        #expect(comments.lastCommentLine == 4)
        let code = LuaAnnotations(Array("--@a\nx = 1 --@b\n-- @c".utf8))
        #expect(code.hasCode)
        #expect(code.all.map(\.isAfterCode) == [false, true, true])
        #expect(code.all.map(\.hasSpace) == [false, false, true])
    }

    @Test("a value's column counts characters, its position counts Unicode scalars")
    func columns() throws {
        let annotation = try #require(LuaAnnotations(Array("--@a\u{65}\u{301} x".utf8)).all.first)
        #expect(annotation.valueColumn == 7)
        #expect(annotation.valuePosition == SourcePosition(line: 1, column: 8))
    }
}
