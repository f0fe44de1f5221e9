import JSONValues
import Testing
import World

@testable import Wire

@Suite("Packets of texts and attachments") struct SocketPacketAssemblerTests {
    private static func assembler(_ limits: SocketPacketLimits = SocketPacketLimits()) -> SocketPacketAssembler {
        SocketPacketAssembler(limits: limits)
    }

    @Test("a packet is complete with the last of its attachments")
    func attachments() throws {
        var assembler = Self.assembler()
        let text = Array(#"52-7["a",{"_placeholder":true,"num":1},[{"_placeholder":true,"num":0}]]"#.utf8)
        #expect(try assembler.receive(text: text) == nil)
        #expect(assembler.isWaiting)
        #expect(try assembler.receive(attachment: [1, 2]) == nil)
        let packet = try #require(try assembler.receive(attachment: []))
        #expect(!assembler.isWaiting)
        guard case .event(let event) = packet.content else {
            Issue.record("\(packet)")
            return
        }
        #expect(event.acknowledgement == 7)
        #expect(event.arguments.attachments == [[1, 2], []])
        #expect(event.arguments.attachment(for: event.arguments.values[0]) == [])
        #expect(event.arguments.attachment(for: event.arguments.values[1].array?[0] ?? .null) == [1, 2])
        #expect(event.arguments.attachment(for: event.arguments.values[1]) == nil)
        #expect(try assembler.receive(text: Array("1".utf8)) == SocketPacket(.disconnect))
    }

    @Test("acknowledgements have attachments too, and a binary packet may have none")
    func acknowledgements() throws {
        var assembler = Self.assembler()
        #expect(try assembler.receive(text: Array(#"61-3[{"_placeholder":true,"num":0}]"#.utf8)) == nil)
        let arguments = SocketArguments([SocketArguments.placeholder(0)], attachments: [[9]])
        #expect(
            try assembler.receive(attachment: [9]) == SocketPacket(.acknowledgement(id: 3, arguments)))
        #expect(try assembler.receive(text: Array(#"50-["a"]"#.utf8)) == SocketPacket(.event(SocketEvent("a"))))
        #expect(!assembler.isWaiting)
    }

    @Test("bytes that no packet announced are refused")
    func unexpected() throws {
        var assembler = Self.assembler()
        #expect(throws: SocketPacketError.unexpectedAttachment) { try assembler.receive(attachment: [1]) }
        assembler = Self.assembler()
        _ = try assembler.receive(text: Array(#"51-["a"]"#.utf8))
        _ = try assembler.receive(attachment: [])
        #expect(throws: SocketPacketError.unexpectedAttachment) { try assembler.receive(attachment: []) }
    }

    @Test("a text before the last attachment is refused", arguments: ["1", #"2["a"]"#, #"51-["a"]"#, "", "x"])
    func text(second: String) throws {
        var assembler = Self.assembler()
        _ = try assembler.receive(text: Array(#"52-["a"]"#.utf8))
        _ = try assembler.receive(attachment: [1])
        #expect(throws: SocketPacketError.textInsteadOfAttachment) { try assembler.receive(text: Array(second.utf8)) }
    }

    @Test("the text and the attachments of a packet are counted together")
    func bytes() throws {
        let text = Array(#"52-["a"]"#.utf8)
        for (last, isAllowed) in [(6, true), (7, false)] {
            var assembler = Self.assembler(SocketPacketLimits(maxBytes: text.count + 10))
            _ = try assembler.receive(text: text)
            _ = try assembler.receive(attachment: [0, 0, 0, 0])
            let attachment = [UInt8](repeating: 0, count: last)
            if isAllowed {
                #expect(try assembler.receive(attachment: attachment) != nil)
            } else {
                #expect(throws: SocketPacketError.tooLarge(limit: text.count + 10)) {
                    try assembler.receive(attachment: attachment)
                }
            }
        }
    }

    @Test("what was written is read again", arguments: [UInt64](1...200))
    func roundTrip(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        var assembler = Self.assembler()
        for _ in 0..<20 {
            let packet = RandomPackets.packet(&random)
            var read = try assembler.receive(text: packet.text)
            for attachment in packet.attachments {
                #expect(read == nil)
                read = try assembler.receive(attachment: attachment)
            }
            #expect(read == packet)
        }
    }

    @Test(
        "texts with random mistakes are read or refused, and what is read can be written", arguments: [UInt64](1...200))
    func mutations(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<50 {
            var text = RandomPackets.packet(&random).text
            for _ in 0..<Int.random(in: 1...4, using: &random) where !text.isEmpty {
                let place = Int.random(in: 0..<text.count, using: &random)
                switch Int.random(in: 0..<3, using: &random) {
                case 0: text.remove(at: place)
                case 1: text[place] = UInt8.random(in: 0...255, using: &random)
                default: text.insert(Array("0123456-,/?[]{}\"\\:".utf8).randomElement(using: &random) ?? 0, at: place)
                }
            }
            guard let read = try? SocketPacketReader.read(text, SocketPacketLimits()), read.attachments == 0 else {
                continue
            }
            #expect(
                (try? SocketPacketReader.read(read.packet.text, SocketPacketLimits()))?.packet == read.packet,
                "\(String(decoding: text, as: UTF8.self))")
        }
    }
}

/// Random packets of all types.
enum RandomPackets {
    static func packet(_ random: inout SeededGenerator) -> SocketPacket {
        let content: SocketPacket.Content
        switch Int.random(in: 0..<6, using: &random) {
        case 0: content = .connect(auth: Bool.random(using: &random) ? nil : object(&random, depth: 2))
        case 1: content = .disconnect
        case 2: content = .connectError(.object(object(&random, depth: 2)))
        case 3: content = .acknowledgement(id: id(&random), arguments(&random))
        default:
            let name = text(&random)
            content = .event(
                SocketEvent(
                    SocketEvent.reservedNames.contains(name) ? "x" : name, arguments(&random),
                    acknowledgement: Bool.random(using: &random) ? id(&random) : nil))
        }
        let namespaces = ["/", "/custom", "/a/b-c", "/é", "/0", "/[\"a\"]"]
        return SocketPacket(content, namespace: namespaces.randomElement(using: &random) ?? "/")
    }

    private static func id(_ random: inout SeededGenerator) -> Int {
        Bool.random(using: &random)
            ? Int.random(in: 0..<100, using: &random) : Int.random(in: 0...Int.max, using: &random)
    }

    private static func arguments(_ random: inout SeededGenerator) -> SocketArguments {
        let count = Bool.random(using: &random) ? 0 : Int.random(in: 1...10, using: &random)
        let attachments = (0..<count).map { _ in
            (0..<Int.random(in: 0...20, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) }
        }
        var values = (0..<Int.random(in: 0...4, using: &random)).map { _ in value(&random, depth: 3) }
        for number in 0..<count {
            let placeholder = SocketArguments.placeholder(number)
            values.append(Bool.random(using: &random) ? placeholder : .array([.object(["x": placeholder])]))
        }
        return SocketArguments(values, attachments: attachments)
    }

    private static func object(_ random: inout SeededGenerator, depth: Int) -> JSONObject {
        var object = JSONObject()
        for _ in 0..<Int.random(in: 0...3, using: &random) { object[text(&random)] = value(&random, depth: depth - 1) }
        return object
    }

    private static func value(_ random: inout SeededGenerator, depth: Int) -> JSON {
        switch Int.random(in: 0..<(depth > 0 ? 6 : 4), using: &random) {
        case 0: .null
        case 1: .bool(Bool.random(using: &random))
        case 2: .number((Double.random(in: -1e6...1e6, using: &random) * 8).rounded() / 8)
        case 3: .string(text(&random))
        case 4: .array((0..<Int.random(in: 0...3, using: &random)).map { _ in value(&random, depth: depth - 1) })
        default: .object(object(&random, depth: depth))
        }
    }

    private static func text(_ random: inout SeededGenerator) -> String {
        let pieces = [
            "a", "/", ",", "-", "\"", "\\", "é", "😀", "\n", "\u{1}", "connect", "0", "[", " ",
        ]
        return (0..<Int.random(in: 0...4, using: &random)).map { _ in pieces.randomElement(using: &random) ?? "" }
            .joined()
    }
}
