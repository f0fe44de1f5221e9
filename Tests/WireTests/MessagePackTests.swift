import JSONValues
import Testing
import Wire
import World

@Suite("MessagePack") struct MessagePackTests {
    @Test(
        "values keep their value both ways",
        arguments: [
            "null", "true", "false", "0", "127", "128", "255", "256", "65535", "65536", "4294967295", "4294967296",
            "-1",
            "-32", "-33", "-128", "-129", "-32768", "-32769", "-2147483648", "-2147483649", "9007199254740992", "1e+19",
            "0.1", "-0.5", "1670069589.9178", "1e-300", "123456789012.3456", #""""#, #""a\u0001\"\\\n🐎""#, "[]", "{}",
            #"{"a":[1,{"b":null}],"c\"d":"x"}"#,
        ])
    func roundTrip(text: String) throws {
        #expect(try MessagePack.read(packed(text), maxDepth: 8) == JSON(parsing: text))
    }

    @Test(
        "texts, arrays and maps of every length of their heads", arguments: [15, 16, 31, 32, 255, 256, 65_535, 65_536])
    func lengths(count: Int) throws {
        let text = JSON.string(String(repeating: "x", count: count))
        let array = JSON.array((0..<count).map { .number(Double($0)) })
        var object = JSONObject()
        for index in 0..<count { object.append(unique: "k\(index)", .null) }
        for value in [text, array, .object(object)] {
            #expect(try MessagePack.read(packed(value.text), maxDepth: 2) == value)
        }
    }

    private func packed(_ text: String) -> [UInt8] {
        Array(text.utf8).withUnsafeBufferPointer { MessagePack.translate(json: $0) }
    }

    @Test("numbers are written in the shortest form")
    func shortest() {
        #expect(
            packed("[5,-5,200,-100,1000,0.5,0.1]") == [
                0x97, 5, 0xFB, 0xCC, 200, 0xD0, 0x9C, 0xCD, 3, 0xE8, 0xCA, 0x3F, 0, 0, 0, 0xCB, 0x3F, 0xB9, 0x99, 0x99,
                0x99,
                0x99, 0x99, 0x9A,
            ])
    }

    @Test(
        "a command in MessagePack is the command in JSON",
        arguments: [
            #"{"action":"move/to","command_id":1670069589900,"x":1.5,"y":-2}"#,
            #"{"action":"move","data":{"a":[true,null,"é"]},"ping":0.05,"unixtime":1670069589.9147}"#,
        ])
    func command(text: String) throws {
        #expect(try Command.parse(messagePack: packed(text)) == Command.parse(Array(text.utf8)))
    }

    @Test(
        "what is no command is refused",
        arguments: [
            ([], "ends within"), ([0x81], "ends within"), ([0xA5, 0x61], "ends within a text"),
            ([0xDF, 0xFF, 0xFF, 0xFF, 0xFF], "ends within"), ([0xDD, 0xFF, 0xFF, 0xFF, 0xFF, 0], "ends within"),
            ([0xDB, 0xFF, 0xFF, 0xFF, 0xFF, 0x61], "ends within a text"),
            ([0xCB, 0x7F, 0xF8, 0, 0, 0, 0, 0, 0], "finite"),
            ([0xC4, 1, 1], "a binary"), ([0xD4, 1, 1], "a binary"), ([0xC1], "a binary"), ([0xA1, 0xFF], "UTF-8"),
            ([0x81, 1, 1], "key is no text"), ([0x81, 0x91, 1, 1], "nested deeper"), ([0x80, 0x80], "more bytes"),
            ([0x90], "but array"), ([5], "but number"), ([0x80], "no action"),
            ([UInt8](repeating: 0x91, count: 16_000), "nested deeper than 16"),
        ] as [([UInt8], String)])
    func refused(bytes: [UInt8], says: String) {
        #expect { try Command.parse(messagePack: bytes) } throws: { error in
            (error as? CommandError)?.message.contains(says) == true
        }
    }

    @Test("a command_id of 2^53 is the last one, as in JSON")
    func largeCommandID() throws {
        let start: [UInt8] = [0x82, 0xA6] + Array("action".utf8) + [0xA4] + Array("move".utf8) + [0xAA]
        let name = start + Array("command_id".utf8) + [0xCF, 0, 0x20, 0, 0, 0, 0, 0]
        #expect(try Command.parse(messagePack: name + [0]).commandID == 9_007_199_254_740_992)
        #expect(throws: CommandError.self) { try Command.parse(messagePack: name + [1]) }
    }

    @Test("no bytes crash the reader, and none are read beyond the end", arguments: 0..<4 as Range<UInt64>)
    func garbage(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<20_000 {
            let count = Int.random(in: 0...40, using: &random)
            var bytes = (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
            if Bool.random(using: &random), count > 0 { bytes[0] = UInt8.random(in: 0x80...0x9F, using: &random) }
            _ = try? MessagePack.read(bytes, maxDepth: 16)
        }
    }
}
