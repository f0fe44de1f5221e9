import Foundation
import JSONValues
import Testing

@testable import Wire

@Suite("Whole numbers are written in digits, so that a strict reader takes them for whole numbers")
struct WholeNumberTests {
    static let whole: [(Double, String)] = [
        (0, "0"), (-0.0, "0"), (1, "1"), (9e15, "9000000000000000"), (9_007_199_254_740_991, "9007199254740991"),
        (9_007_199_254_740_992, "9007199254740992"), (-9_007_199_254_740_992, "-9007199254740992"),
        (9_007_199_254_740_994, "9007199254740994"), (1e16, "10000000000000000"), (1e17, "100000000000000000"),
        (123_456_789_012_345_680, "123456789012345680"), (-1e18, "-1000000000000000000"),
        (9_223_372_036_854_774_784, "9223372036854774784"), (-9_223_372_036_854_775_808, "-9223372036854775808"),
    ]

    @Test("by both writers", arguments: whole)
    func digits(_ value: Double, _ text: String) throws {
        let writer = ByteWriter()
        writer.write(number: value)
        #expect(String(decoding: writer.bytes, as: UTF8.self) == text)
        #expect(JSON.number(value).text == text)
        #expect(try JSON(parsing: text) == .number(value))
        #expect(Int64(text).map(Double.init) == value)
    }

    @Test(
        "larger ones have an exponent, and what is no whole number keeps its point",
        arguments: [9_223_372_036_854_775_808, 1e19, -1e300, 1e300, 0.5, 4_503_599_627_370_495.5, 1e-7])
    func others(_ value: Double) throws {
        let writer = ByteWriter()
        writer.write(number: value)
        let text = String(decoding: writer.bytes, as: UTF8.self)
        #expect(text == JSON.number(value).text)
        #expect(text.contains { $0 == "." || $0 == "e" })
        #expect(Double(text) == value)
    }

    @Test("both writers agree on any number")
    func agreement() {
        var random = SystemRandomNumberGenerator()
        let writer = ByteWriter()
        for _ in 0..<20_000 {
            let bits = Int64(bitPattern: random.next()) >> Int64.random(in: 0..<63)
            writer.truncate(to: 0)
            writer.write(number: Double(bits))
            let text = String(decoding: writer.bytes, as: UTF8.self)
            #expect(text == JSON.number(Double(bits)).text && !text.contains("."))
        }
    }

    @Test(
        "command_id is refused above 2^53, whatever a double makes of it",
        arguments: [
            "9007199254740993", "-9007199254740993", "9007199254740992.5", "9007199254740991.9", "9007199254740994",
            "1e16", "1e300", "18446744073709551616",
        ])
    func refused(_ digits: String) {
        let text = #"{"action":"move/to","command_id":\#(digits),"x":9007199254740992}"#
        #expect {
            try Command.parse(Array(text.utf8))
        } throws: {
            guard let error = $0 as? CommandError else { return false }
            return error.code == .badCommand && error.message.contains("at most 2^53 (9007199254740992)")
                && error.action == "move/to" && error.commandID == nil
        }
    }

    @Test("and kept up to it", arguments: [9_007_199_254_740_992, -9_007_199_254_740_992, 9_007_199_254_740_991, 0])
    func accepted(_ number: Double) throws {
        let digits = String(format: "%.0f", number)
        let text = #"{"command_id":1,"action":"move/to","data":{"command":"9"},"command_id":\#(digits)}"#
        #expect(try Command.parse(Array(text.utf8)).commandID == number)
    }
}
