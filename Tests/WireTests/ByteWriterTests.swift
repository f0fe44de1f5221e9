import JSONValues
import Testing
import Wire
import World

@Suite("Byte writer") struct ByteWriterTests {
    private func written(by body: (ByteWriter) -> Void) -> String {
        let writer = ByteWriter(capacity: 1)
        body(writer)
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    @Test(
        "a number is written in its shortest form",
        arguments: [
            (0.0, "0"), (-0.0, "0"), (1, "1"), (-153, "-153"), (0.5, "0.5"), (-0.5, "-0.5"), (0.1, "0.1"),
            (12.25, "12.25"), (-7.0001, "-7.0001"), (0.0001, "0.0001"), (100, "100"), (100.01, "100.01"),
            (1_670_069_589_900, "1670069589900"), (-8_999_999_999_999_999, "-8999999999999999"),
            (1_670_069_589.9012, "1670069589.9012"), (0.30000000000000004, "0.30000000000000004"), (1e300, "1e+300"),
            (0.00001, "1e-05"), (.infinity, "null"), (-.infinity, "null"), (.nan, "null"),
        ])
    func shortest(value: Double, expected: String) {
        #expect(written { $0.write(number: value) } == expected)
    }

    @Test("numbers with up to four decimals are written without extra digits")
    func fourDecimals() throws {
        var random = SeededGenerator(seed: 5)
        for _ in 0..<20_000 {
            let digits = Int.random(in: 0...4, using: &random)
            let scale = [1.0, 10, 100, 1000, 10_000][digits]
            let whole = Int.random(in: -1_000_000_000...1_000_000_000, using: &random)
            let value = Double(whole) / scale
            let form = written { $0.write(number: value) }
            #expect(Double(form) == value)
            #expect(!form.contains("e"))
            let decimals = form.split(separator: ".").dropFirst().first?.count ?? 0
            #expect(decimals <= digits, "\(form)")
        }
    }

    private static let cornerCases: [Double] = [
        .leastNonzeroMagnitude, -.leastNonzeroMagnitude, .leastNormalMagnitude, .greatestFiniteMagnitude,
        -.greatestFiniteMagnitude, .ulpOfOne, 9e15, 9e15 - 1, 9_007_199_254_740_991, 9_007_199_254_740_992,
        9_007_199_254_740_994, 9e11, 9e11 - 0.0001, 899_999_999_999.99994, -9e11, 1e21, 1e15 + 0.125,
        9.2233720368547758e18,
        -9.2233720368547758e18, 1.8446744073709552e19, 0.00005, 0.00004999, 4.35, 2.675, 1.005, 0.99995, 0.999_949_999,
    ]

    @Test("every number is read back unchanged: extremes", arguments: cornerCases)
    func extremes(value: Double) throws {
        for value in [value, value.nextUp, value.nextDown] where value.isFinite {
            let form = written { $0.write(number: value) }
            #expect(Double(form) == value, "\(form)")
            #expect(try JSON(parsing: form) == .number(value))
        }
    }

    @Test("every number is read back unchanged: 200,000 random ones")
    func roundTrip() throws {
        var random = SeededGenerator(seed: 9)
        let writer = ByteWriter()
        var failures = 0
        func check(_ value: Double) {
            writer.truncate(to: 0)
            writer.write(number: value)
            if Double(String(decoding: writer.bytes, as: UTF8.self)) != value { failures += 1 }
        }
        for _ in 0..<50_000 {
            let bits = Double(bitPattern: random.next())
            if bits.isFinite { check(bits) }
            check(Double.random(in: -1000...1000, using: &random))
            check((Double.random(in: -1e12...1e12, using: &random) * 10_000).rounded() / 10_000)
            check(Double(Int64(truncatingIfNeeded: random.next()) >> Int64.random(in: 0..<60, using: &random)) / 10_000)
        }
        #expect(failures == 0)
    }

    @Test("a number has the digits of its description: 40,000 random ones, of many sizes, and of few bits")
    func digits() {
        var random = SeededGenerator(seed: 21)
        let writer = ByteWriter()
        var wrong: [String] = []
        func check(_ value: Double) {
            if value == value.rounded() { return }
            writer.truncate(to: 0)
            writer.write(number: value)
            if !writer.bytes.elementsEqual(value.description.utf8) { wrong.append(value.description) }
        }
        for _ in 0..<6000 {
            // From 2^-13 to 2^37: around the ends of the exact path too. From 2^39 on several numbers of four decimals
            // read back as the same one.
            let exponent = UInt64.random(in: 1010...1060, using: &random)
            check(Double(bitPattern: exponent << 52 | UInt64.random(in: 0..<1 << 52, using: &random)))
            check(-Double.random(in: 0...300, using: &random))
            let scale = [1e1, 1e3, 1e5, 1e6, 1e7, 1e8, 1e10][Int.random(in: 0..<7, using: &random)]
            let decimal = Double(Int.random(in: 1...100_000_000, using: &random)) / scale
            for value in [decimal, decimal.nextUp, decimal.nextDown] { check(value) }
            // Numbers in the middle between two decimals have few bits.
            let bits = Double(Int.random(in: 1...1 << 20, using: &random))
            check(bits / Double(1 << Int.random(in: 1...30, using: &random)))
        }
        for exponent in 1010...1060 {
            for step in -3...3 { check(Double(bitPattern: UInt64(exponent << 52 + step))) }
        }
        #expect(wrong.isEmpty)
    }

    @Test(
        "a time has at most four decimals, \"float with microseconds\" being more than the wire needs [M8.5.2]",
        arguments: [
            (1_670_069_589.9012, "1670069589.9012"), (1_670_069_589.90124, "1670069589.9012"),
            (1_670_069_589.90126, "1670069589.9013"), (1_670_069_589.99999, "1670069590"), (0, "0"), (0.2, "0.2"),
            (-0.00001, "0"), (-1.5, "-1.5"), (1e12, "1000000000000"), (.infinity, "null"), (.nan, "null"),
        ])
    func times(value: Double, expected: String) {
        #expect(written { $0.write(time: value) } == expected)
    }

    @Test("integers of every length", arguments: [0, 7, -7, 10, 99, 100, -100, 1_000_000, .max, .min, .max - 1])
    func integers(value: Int) {
        #expect(written { $0.write(integer: value) } == "\(value)")
    }

    @Test("strings in any writing system are escaped as JSON")
    func strings() throws {
        let value = "a\"b\\c\n\u{1}žluťoučký 🐎"
        #expect(try JSON(parsing: written { $0.write(string: value) }) == .string(value))
        #expect(written { $0.write(string: "") } == "\"\"")
        #expect(written { $0.write(.object(["a": .array([.null, .bool(true)])])) } == #"{"a":[null,true]}"#)
    }

    @Test("the buffer grows as needed, keeps its contents, and can be cut to any length")
    func growth() {
        let writer = ByteWriter(capacity: 1)
        var expected: [UInt8] = []
        for index in 0..<5000 {
            writer.write(integer: index)
            expected += Array("\(index)".utf8)
            writer.write(UInt8(ascii: ","))
            expected.append(UInt8(ascii: ","))
            writer.write("text")
            expected += Array("text".utf8)
            writer.write([])
        }
        #expect(Array(writer.bytes) == expected)
        #expect(Array(writer[10..<20]) == Array(expected[10..<20]))
        #expect(Array(writer[7..<7]).isEmpty)
        writer.truncate(to: 12)
        writer.truncate(to: 100)
        #expect(Array(writer.bytes) == Array(expected[..<12]))
        writer.write(Array(repeating: UInt8(ascii: "x"), count: 100_000))
        #expect(writer.count == 100_012)
        #expect(Array(writer.bytes[..<12]) == Array(expected[..<12]))
    }
}
