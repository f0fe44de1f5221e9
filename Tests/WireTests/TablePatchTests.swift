import JSONValues
import Testing
import World

@testable import Wire

/// Row 48: "Nested JSON components sent partially".
@Suite("Patches of tables [1-protocol 7, L-DLT-4]") struct TablePatchTests {
    private static func patch(_ old: String, _ new: String) -> String? {
        let out = ByteWriter()
        out.write("before")
        let isWritten = TablePatch.write(from: Array(old.utf8), to: Array(new.utf8), into: out, path: ByteWriter())
        let text = String(decoding: out.bytes, as: UTF8.self)
        #expect(text.hasPrefix("before"))
        return isWritten ? String(text.dropFirst(6)) : nil
    }

    /// A table that has the value as `t` and is longer than any patch; `~` in the value is a long text.
    private static func padded(_ value: String) -> String {
        let long = "\"\(String(repeating: "p", count: 100))\""
        return "{\"pad\":\(long),\"t\":\(value.replacing("~", with: long))}"
    }

    @Test(
        "each change is a path and a value, and null removes",
        arguments: [
            (#"{"a":1,"b":2}"#, #"{"a":1,"b":3}"#, #"[["t","b"],3]"#),
            (#"{"a":1}"#, #"{"a":1,"b":{"c":[]}}"#, #"[["t","b"],{"c":[]}]"#),
            (#"{"a":~,"b":2}"#, #"{"a":~}"#, #"[["t","b"],null]"#),
            (#"{"a":1,"b":2,"c":3,"d":~}"#, #"{"d":~,"c":4,"a":1}"#, #"[["t","c"],4,["t","b"],null]"#),
            (#"[{"n":1},{"n":2}]"#, #"[{"n":1},{"n":5}]"#, #"[["t",1,"n"],5]"#),
            (#"[~]"#, #"[~,2,3]"#, #"[["t",1],2,["t",2],3]"#),
            (#"[~,2,3]"#, #"[~]"#, #"[["t",1],null,["t",1],null]"#),
            (#"[1,2,3,4]"#, #"[1,3,4]"#, #"[["t",1],null]"#),
            (#"[1,2,~,4]"#, #"[9,~,4]"#, #"[["t",0],9,["t",1],null]"#),
            (#"[~,~,1,1]"#, #"[~,~]"#, #"[["t",2],null,["t",2],null]"#),
            (#"{"1":1,"3":3}"#, #"{"1":1,"3":4}"#, #"[["t","3"],4]"#),
            (#"{"1":1,"3":3}"#, #"[1,2,3]"#, #"[["t"],[1,2,3]]"#),
            (#"[]"#, #"{}"#, #"[["t"],{}]"#),
            (#"{"a":"x"}"#, #"{"a":["x"]}"#, #"[["t","a"],["x"]]"#),
            (#"{"q\"\\\n":1,"é":2}"#, #"{"q\"\\\n":3,"é":2}"#, #"[["t","q\"\\\n"],3]"#),
            ("{\"\u{E9}\":1,\"e\u{301}\":2}", "{\"\u{E9}\":1,\"e\u{301}\":3}", "[[\"t\",\"e\u{301}\"],3]"),
            (#"{"a":",}]","b":"[{"}"#, #"{"a":",}]:","b":"[{"}"#, #"[["t","a"],",}]:"]"#),
            (#"{"a":1,"b":2}"#, #"{"b":2,"a":1}"#, "[]"),
        ])
    func changes(old: String, new: String, expected: String) {
        #expect(Self.patch(Self.padded(old), Self.padded(new)) == expected)
    }

    @Test("a table inside of which nearly everything changed is sent whole, at the depth where that is shortest")
    func wholeInside() {
        let old = Self.padded(#"{"list":[1,2,3,4,5,6],"n":1}"#)
        let new = Self.padded(#"{"list":[7,8,9,10,11],"n":1}"#)
        #expect(Self.patch(old, new) == #"[["t","list"],[7,8,9,10,11]]"#)
    }

    @Test("patches that are not shorter than the whole, another kind of table, and numbers that are not finite: none")
    func none() {
        #expect(Self.patch(#"{"a":1}"#, #"{"a":2}"#) == nil)
        #expect(Self.patch(#"{"abc":1}"#, #"{"abc":2,"d":{}}"#) == nil)
        #expect(Self.patch(#"{"x":{"y":1}}"#, #"{"x":{"y":2}}"#) == nil, "exactly as long")
        #expect(Self.patch(#"{"x":{"y":1},"":0}"#, #"{"x":{"y":2},"":0}"#) == #"[["x","y"],2]"#)
        #expect(Self.patch(#"{"bcdef":0}"#, #"{"bcdef":2}"#) == nil)
        #expect(Self.patch(Self.padded("1"), "[1]") == nil)
        #expect(Self.patch("[]", #"{"a":1}"#) == nil)
        #expect(Self.patch(Self.padded(#"{"n":1}"#), Self.padded(#"{"n":null}"#)) == #"[["t"],{"n":null}]"#)
        #expect(Self.patch(Self.padded("1"), Self.padded("null")) == nil)
    }

    @Test("texts that are no JSON are read to their end, and not beyond")
    func broken() {
        for text in ["", "{", "[", #"{"a"#, #"{"a":"#, "{{{{", "]]", "{,}", "[,,]", "\0", "{\0}", #"["a\"#] {
            _ = Self.patch(text, Self.padded("1"))
            _ = Self.patch(Self.padded("1"), text)
            _ = Self.patch("{\(text)}", "{\(text) }")
            _ = Self.patch("[\(text)]", "[\(text) ]")
        }
    }
}
