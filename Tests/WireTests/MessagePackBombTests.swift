import JSONValues
import Testing
import Wire

@Suite("MessagePack from hostile clients: bounded depth and memory, and nothing that JSON does not have")
struct MessagePackBombTests {
    private func message(of bytes: [UInt8], maxDepth: Int = 16) -> String? {
        do {
            _ = try MessagePack.read(bytes, maxDepth: maxDepth)
            return nil
        } catch {
            return error.message
        }
    }

    /// A text as MessagePack.
    private static func text(_ text: String) -> [UInt8] { [0xA0 | UInt8(text.utf8.count)] + Array(text.utf8) }

    @Test("arrays and maps nest as deep as in JSON, and no deeper", arguments: [1, 2, 15, 16, 64])
    func depth(limit: Int) {
        for depth in [limit, limit + 1, 10_000] {
            let arrays = [UInt8](repeating: 0x91, count: depth) + [0xC0]
            let level: [UInt8] = [0x81] + Self.text("a")
            let maps = Array([[UInt8]](repeating: level, count: depth).joined()) + [0xC0]
            let text = String(repeating: "[", count: depth) + "null" + String(repeating: "]", count: depth)
            #expect((message(of: arrays, maxDepth: limit) == nil) == (depth <= limit))
            #expect((message(of: maps, maxDepth: limit) == nil) == (depth <= limit))
            #expect(((try? JSON(parsing: text, maxDepth: limit)) != nil) == (depth <= limit))
        }
        #expect(message(of: [UInt8](repeating: 0x91, count: 10_000)) == "nested deeper than 16")
    }

    @Test(
        "a length that the message does not have is refused where it stands, also far inside",
        arguments: [
            [0xDB, 0xFF, 0xFF, 0xFF, 0xFF], [0xDB, 0x7F, 0xFF, 0xFF, 0xFF], [0xDA, 0xFF, 0xFF], [0xD9, 0xFF],
            [0xDD, 0xFF, 0xFF, 0xFF, 0xFF], [0xDD, 0x80, 0, 0, 0], [0xDC, 0xFF, 0xFF],
            [0xDF, 0xFF, 0xFF, 0xFF, 0xFF], [0xDF, 0x40, 0, 0, 0], [0xDE, 0xFF, 0xFF],
        ] as [[UInt8]])
    func claims(head: [UInt8]) throws {
        let rest = [UInt8](repeating: 0, count: 200)
        for inner in [[], [0x93, 1, 2], [0x81] + Self.text("key")] as [[UInt8]] {
            let bytes = inner + head + rest
            let mistake = try #require(throws: MessagePack.Mistake.self) { try MessagePack.read(bytes, maxDepth: 16) }
            #expect(mistake.message.contains("ends within"))
            #expect(mistake.offset == inner.count + head.count)
        }
        #expect(throws: MessagePack.Mistake.self) { try MessagePack.read([0x81] + head + rest, maxDepth: 16) }
    }

    @Test("a message that was cut after any byte is refused")
    func truncated() throws {
        var bytes: [UInt8] = [0xDE, 0, 5]
        bytes += Self.text("action")
        bytes += [0xD9, 3]
        bytes += Array("a/b".utf8)
        bytes += Self.text("s")
        bytes += [0xDA, 0, 2]
        bytes += Array("hi".utf8)
        bytes += [0xDB, 0, 0, 0, 1]
        bytes += Array("t".utf8)
        bytes += [0xDD, 0, 0, 0, 10, 0xCC, 1, 0xCD, 0, 1, 0xCE, 0, 0, 0, 1, 0xCF, 0, 0, 0, 0, 0, 0, 0, 1]
        bytes += [0xD0, 1, 0xD1, 0, 1, 0xD2, 0, 0, 0, 1, 0xD3, 0, 0, 0, 0, 0, 0, 0, 1]
        bytes += [0xCA, 0x3F, 0x80, 0, 0, 0xCB, 0x3F, 0xF0, 0, 0, 0, 0, 0, 0]
        bytes += Self.text("u")
        bytes += [0xDC, 0, 2, 0x80, 0xC3]
        bytes += Self.text("ping")
        bytes += [0xCB, 0x3F, 0xF0, 0, 0, 0, 0, 0, 0]
        let command = try Command.parse(messagePack: bytes)
        #expect(command.action == "a/b" && command.ping == 1)
        #expect(command.parameters["t"] == .array([JSON](repeating: .number(1), count: 10)))
        for count in 0..<bytes.count {
            #expect(message(of: Array(bytes[..<count]))?.contains("ends within") == true, "after \(count) bytes")
        }
    }

    @Test("of a repeated key the last value counts, as in JSON", arguments: [2, 20])
    func repeatedKeys(count: Int) throws {
        let names = (0..<count).map { "k\($0 % (count / 2))" }
        var bytes: [UInt8] = [0xDE, 0, UInt8(count + 2)]
        bytes += Self.text("action") + Self.text("a")
        for (index, name) in names.enumerated() { bytes += Self.text(name) + [UInt8(index)] }
        bytes += Self.text("action") + Self.text("b")
        let members = names.enumerated().map { "\"\($1)\":\($0)" }.joined(separator: ",")
        let command = try Command.parse(messagePack: bytes)
        #expect(command == (try Command.parse(Array("{\"action\":\"a\",\(members),\"action\":\"b\"}".utf8))))
        #expect(command.group == "b" && command.parameters["k0"] == .number(Double(count / 2)))
        #expect(command.parameters.keys == (0..<count / 2).map { "k\($0)" })
    }

    @Test(
        "binaries, extensions and the byte that is never used are refused, at any place",
        arguments: [0xC1, 0xC4, 0xC5, 0xC6, 0xC7, 0xC8, 0xC9, 0xD4, 0xD5, 0xD6, 0xD7, 0xD8] as [UInt8])
    func foreignTypes(head: UInt8) {
        let value = [head] + [UInt8](repeating: 0, count: 20)
        for start in [[], [0x91], [0x81] + Self.text("a"), [0x81]] as [[UInt8]] {
            #expect(message(of: start + value)?.hasPrefix("a binary, an extension") == true)
        }
    }

    @Test(
        "a number that is not finite is refused",
        arguments: [
            [0xCA, 0x7F, 0xC0, 0, 0], [0xCA, 0x7F, 0x80, 0, 0], [0xCA, 0xFF, 0x80, 0, 0], [0xCA, 0x7F, 0x80, 0, 1],
            [0xCB, 0x7F, 0xF8, 0, 0, 0, 0, 0, 0], [0xCB, 0x7F, 0xF0, 0, 0, 0, 0, 0, 0],
            [0xCB, 0xFF, 0xF0, 0, 0, 0, 0, 0, 0], [0xCB, 0x7F, 0xF0, 0, 0, 0, 0, 0, 1],
        ] as [[UInt8]])
    func notFinite(number: [UInt8]) {
        #expect(message(of: number) == "a number that is not finite")
        #expect(message(of: [0x81] + Self.text("x") + number) == "a number that is not finite")
    }

    @Test("a number means the same in every form")
    func longForms() throws {
        for (bytes, number) in [
            ([0xCC, 5], 5), ([0xCD, 0, 5], 5), ([0xCE, 0, 0, 0, 5], 5), ([0xCF, 0, 0, 0, 0, 0, 0, 0, 5], 5),
            ([0xD0, 0xFB], -5), ([0xD1, 0xFF, 0xFB], -5), ([0xD2, 0xFF, 0xFF, 0xFF, 0xFB], -5),
            ([0xD3, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFB], -5), ([0xCA, 0xC0, 0xA0, 0, 0], -5),
            ([0xCF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF], 18_446_744_073_709_551_616),
            ([0xD3, 0x80, 0, 0, 0, 0, 0, 0, 0], -9_223_372_036_854_775_808),
        ] as [([UInt8], Double)] {
            #expect(try MessagePack.read(bytes, maxDepth: 1) == .number(number))
        }
    }
}
