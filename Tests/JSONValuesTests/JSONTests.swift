import JSONValues
import Testing

@Suite("JSON text") struct JSONTests {
    @Test(
        "a written value is read back as the same value",
        arguments: [
            "null", "true", "false", "0", "-153", "1670069589.9012", "1e+300", "\"\"", "\"a\\\"b\\\\c\\n\\u0001\"",
            "[]",
            "{}", "[1,[2,{\"a\":[]}]]", "{\"b\":1,\"a\":{\"x\":null}}", "\"žluťoučký 🐎\"",
        ])
    func roundTrip(text: String) throws {
        let value = try JSON(parsing: text)
        #expect(try JSON(parsing: value.text) == value)
    }

    @Test(
        "refuses what RFC 8259 does not allow, and says where",
        arguments: [
            ("", 0), ("{", 1), ("[1,]", 3), ("{a:1}", 1), ("01", 0), ("1.", 0), ("-", 0), ("1e", 0), ("\"\u{1}\"", 1),
            ("nul", 0), ("[1] 2", 4), ("\"\\ud800\"", 3), ("\"\\q\"", 2), ("NaN", 0), ("1e999", 0), ("\"abc", 0),
            ("{\"a\" 1}", 5), ("[1 2]", 3),
        ])
    func refusals(text: String, offset: Int) throws {
        let error = #expect(throws: JSONError.self) { try JSON(parsing: text) }
        #expect(error?.offset == offset, "\(String(describing: error))")
    }

    @Test(
        "a refusal says what stands there and what may",
        arguments: [
            ("[1;2]", "expected ',' or ']' in an array, got ';' (byte 2)"),
            ("{\"a\":1", "expected ',' or '}' in an object, got the end of the text (byte 6)"),
            ("{a:1}", "expected a key in double quotes, got 'a' (byte 1)"),
            ("{\"a\" 1}", "expected ':' after a key, got '1' (byte 5)"),
            ("'a'", "no JSON value begins with '''; write text in double quotes (byte 0)"),
            ("\u{1}", "no JSON value begins with the byte 0x01; write text in double quotes (byte 0)"),
            ("nul", "not a JSON value; without quotes only true, false, null and numbers are allowed (byte 0)"),
            ("\"\n\"", "a string can't contain the byte 0x0a; write it as an escape such as \\n or \\u0001 (byte 1)"),
            ("\"\\q\"", "'q' after \\ is no escape; allowed are \" \\ / b f n r t and u with four digits (byte 2)"),
            ("\"\\u12x4\"", "\\u needs four hexadecimal digits, got 'x' (byte 5)"),
            ("01", "a number has digits, and no 0 before other digits (byte 0)"),
            ("1e999", "a number beyond what a double can hold, about 1.8e308 (byte 0)"),
        ])
    func messages(text: String, message: String) {
        let error = #expect(throws: JSONError.self) { try JSON(parsing: text) }
        #expect(error?.description == message)
    }

    @Test("refuses malformed UTF-8")
    func malformedUTF8() {
        #expect(throws: JSONError.self) { try JSON(parsing: [0x22, 0xC3, 0x28, 0x22]) }
    }

    @Test("reads surrogate pairs as one character")
    func surrogates() throws {
        #expect(try JSON(parsing: "\"\\ud83d\\udc0e\"") == .string("🐎"))
    }

    @Test("nesting has a bound, so that the stack does not overflow")
    func depth() {
        #expect(throws: JSONError.self) { try JSON(parsing: String(repeating: "[", count: 100_000)) }
    }

    @Test("a repeated key keeps its last value, also among many keys")
    func repeatedKeys() throws {
        let many = (0..<50).map { "\"k\($0)\":\($0)" }.joined(separator: ",")
        let object = try #require(try JSON(parsing: "{\(many),\"k3\":\"new\"}").object)
        #expect(object["k3"] == .string("new"))
        #expect(object.count == 50)
    }

    @Test(
        "numbers are written in their shortest exact form",
        arguments: [0.1, 1e21, -0.5, 123_456_789.123, .leastNonzeroMagnitude])
    func numbers(value: Double) throws {
        #expect(try JSON(parsing: JSON.number(value).text) == .number(value))
    }

    @Test("objects are equal in any order of their keys, also very large ones, and only then")
    func objectEquality() {
        for count in [0, 1, 5, 9, 20_000] {
            var (forward, backward) = (JSONObject(), JSONObject())
            for index in 0..<count { forward.append(unique: "k\(index)", .number(Double(index))) }
            for index in (0..<count).reversed() { backward.append(unique: "k\(index)", .number(Double(index))) }
            #expect(forward == backward)
            #expect(forward.hashValue == backward.hashValue)
            guard count > 0 else { continue }
            var (changed, renamed) = (backward, backward)
            changed["k0"] = .null
            renamed["k0"] = nil
            #expect(changed != forward)
            #expect(renamed != forward)
            renamed.append(unique: "other", .number(0))
            #expect(renamed != forward)
            #expect(forward != renamed)
        }
    }
}
