import JSONValues
import Testing

@testable import Wire

@Suite("Texts of Socket.IO packets") struct SocketPacketReaderTests {
    private static func read(
        _ text: String, _ limits: SocketPacketLimits = SocketPacketLimits()
    ) throws(SocketPacketError) -> SocketPacketReader.Text {
        try SocketPacketReader.read(Array(text.utf8), limits)
    }

    private static func event(_ name: String, _ values: [JSON] = [], id: Int? = nil) -> SocketPacket.Content {
        .event(SocketEvent(name, SocketArguments(values), acknowledgement: id))
    }

    @Test(
        "each type is read with its namespace, id and payload",
        arguments: [
            ("0", .connect(auth: nil), "/"), ("0{}", .connect(auth: [:]), "/"),
            (#"0{"token":"123"}"#, .connect(auth: ["token": .string("123")]), "/"),
            ("0/custom", .connect(auth: nil), "/custom"), ("0/custom,", .connect(auth: nil), "/custom"),
            ("0/custom,{}", .connect(auth: [:]), "/custom"), ("0/", .connect(auth: nil), "/"),
            ("0/,{}", .connect(auth: [:]), "/"),
            ("1", .disconnect, "/"), ("1/custom", .disconnect, "/custom"), ("1/custom,", .disconnect, "/custom"),
            (#"2["a"]"#, event("a"), "/"), (#"2["a",1,null]"#, event("a", [.number(1), .null]), "/"),
            (#"27["a"]"#, event("a", id: 7), "/"), (#"2/custom,["a"]"#, event("a"), "/custom"),
            (#"2/custom,007["a"]"#, event("a", id: 7), "/custom"), (#"20["a"]"#, event("a", id: 0), "/"),
            ("2[1,2]", event("1", [.number(2)]), "/"), (#"2 [ "a" ] "#, event("a"), "/"),
            (#"29223372036854775807["a"]"#, event("a", id: .max), "/"),
            (#"2["a",{"_placeholder":true,"num":5}]"#, event("a", [SocketArguments.placeholder(5)]), "/"),
            ("2[\"\"]", event(""), "/"), (#"2["Connect"]"#, event("Connect"), "/"),
            ("31[]", .acknowledgement(id: 1, []), "/"),
            (#"3/a/b,12["x"]"#, .acknowledgement(id: 12, [.string("x")]), "/a/b"),
            (#"4"no""#, .connectError(.string("no")), "/"),
            (#"4/x,{"message":"no"}"#, .connectError(.object(["message": .string("no")])), "/x"),
        ] as [(String, SocketPacket.Content, String)])
    func texts(text: String, content: SocketPacket.Content, namespace: String) throws {
        #expect(
            try Self.read(text) == .init(packet: SocketPacket(content, namespace: namespace), attachments: 0))
    }

    @Test(
        "a binary packet says how many attachments follow",
        arguments: [
            (#"50-["a"]"#, 0, "/"), (#"52-["a",{"_placeholder":true,"num":1}]"#, 2, "/"),
            (#"510-/x,["a"]"#, 10, "/x"), (#"51-9["a"]"#, 1, "/"), ("61-9[]", 1, "/"), ("6001-/x,9[]", 1, "/x"),
        ])
    func attachmentCounts(text: String, count: Int, namespace: String) throws {
        let read = try Self.read(text)
        #expect(read.attachments == count)
        #expect(read.packet.namespace == namespace)
    }

    @Test(
        "the query that some clients send with a namespace is left out",
        arguments: ["0/nsp?x=y,", "0/nsp?x=y", "0/nsp?,", "0/nsp?x=y?z,", "0/nsp?a=/b,"])
    func query(text: String) throws {
        #expect(try Self.read(text).packet == SocketPacket(.connect(auth: nil), namespace: "/nsp"))
    }

    @Test(
        "a namespace ends at its first comma, wherever that stands",
        arguments: [#"2/nsp["a",1]"#, #"2/nsp?x=a,b,["e"]"#, #"2/nsp"#, #"2/nsp["a"]"#, "1/a,b"])
    func namespaceEnds(text: String) { #expect(throws: SocketPacketError.self) { try Self.read(text) } }

    @Test(
        "what breaks the protocol is refused with the reason",
        arguments: [
            ("", .empty), ("abc", .unknownType(97)), ("7", .unknownType(55)), ("9[]", .unknownType(57)),
            (" 2[\"a\"]", .unknownType(32)), ("/", .unknownType(47)), ("-1", .unknownType(45)),
            ("2", .badPayload(allowed: "an array")), ("2{}", .badPayload(allowed: "an array")),
            ("2\"a\"", .badPayload(allowed: "an array")), ("2null", .badPayload(allowed: "an array")),
            ("212", .badPayload(allowed: "an array")), ("2/x,5", .badPayload(allowed: "an array")),
            ("2[]", .noEventName), ("2[null]", .noEventName), ("2[[\"a\"]]", .noEventName), ("2[{}]", .noEventName),
            ("2[true]", .noEventName),
            ("2[\"connect\"]", .reservedEventName("connect")),
            ("2[\"connect_error\",1]", .reservedEventName("connect_error")),
            ("21[\"disconnect\"]", .reservedEventName("disconnect")),
            ("2[\"disconnecting\"]", .reservedEventName("disconnecting")),
            ("2/x,[\"newListener\"]", .reservedEventName("newListener")),
            ("50-[\"removeListener\"]", .reservedEventName("removeListener")),
            ("2[\"conn\\u0065ct\"]", .reservedEventName("connect")),
            ("3[]", .noID), ("3/x,[]", .noID), ("60-[]", .noID), ("31", .badPayload(allowed: "an array")),
            ("31{}", .badPayload(allowed: "an array")),
            ("29223372036854775808[\"a\"]", .largeID), ("399999999999999999999999[]", .largeID),
            ("01", .unexpectedID), ("01{}", .unexpectedID), ("11", .unexpectedID), ("41{}", .unexpectedID),
            ("0[]", .badPayload(allowed: "an object, or left out")),
            ("0null", .badPayload(allowed: "an object, or left out")),
            ("0\"x\"", .badPayload(allowed: "an object, or left out")),
            ("0/x,[]", .badPayload(allowed: "an object, or left out")),
            ("1{}", .badPayload(allowed: "left out")), ("1/x,null", .badPayload(allowed: "left out")),
            ("1 ", .badPayload(allowed: "left out")),
            ("4", .badPayload(allowed: "an object or a text")), ("4[]", .badPayload(allowed: "an object or a text")),
            ("4null", .badPayload(allowed: "an object or a text")),
            ("5[\"a\"]", .noAttachmentCount), ("5-[\"a\"]", .noAttachmentCount), ("5", .noAttachmentCount),
            ("51", .noAttachmentCount), ("51[\"a\"]", .noAttachmentCount), ("5+1-[\"a\"]", .noAttachmentCount),
            ("51.0-[\"a\"]", .noAttachmentCount), ("5/x,1-[\"a\"]", .noAttachmentCount), ("6[]", .noAttachmentCount),
            ("511-[\"a\"]", .tooManyAttachments(limit: 10)),
            ("5999999999999999999999999999-[\"a\"]", .tooManyAttachments(limit: 10)),
        ] as [(String, SocketPacketError)])
    func malformed(text: String, error: SocketPacketError) {
        #expect(throws: error, "\(text)") { try Self.read(text) }
    }

    @Test(
        "a payload that is not JSON is refused with its place in the packet",
        arguments: [
            ("2abc[\"a\"]", 1), ("2/x,[\"a\"", 8), ("21[\"a\"]x", 7), ("2[\"a\"],", 6), ("2[\"a\",]", 6), ("2['a']", 2),
            ("0{", 2), ("0{\"a\"}", 5), ("2-1[\"a\"]", 3), ("2[\"a\"]\u{0}", 6), ("20x1[]", 2),
        ])
    func badJSON(text: String, offset: Int) throws {
        let error = try #require(throws: SocketPacketError.self, "\(text)") { try Self.read(text) }
        guard case .badJSON(let place) = error else {
            Issue.record("\(text): \(error)")
            return
        }
        #expect(place.offset == offset, "\(text): \(place)")
    }

    @Test(
        "a placeholder of a binary packet must stand for one of its attachments, at any depth",
        arguments: [
            #""num":2"#, #""num":-1"#, #""num":0.5"#, #""num":"0""#, #""num":null"#, #""num":1e300"#, #""n":0"#,
        ])
    func badPlaceholders(number: String) {
        let placeholder = #"{"_placeholder":true,\#(number)}"#
        for text in [#"52-["a",\#(placeholder)]"#, #"62-1[[{"x":[\#(placeholder)]}]]"#] {
            #expect(throws: SocketPacketError.badPlaceholder(attachments: 2)) { try Self.read(text) }
        }
    }

    @Test("what only looks like a placeholder is a value", arguments: ["false", "1", "null", "\"true\"", "{}"])
    func noPlaceholders(mark: String) throws {
        #expect(try Self.read(#"50-["a",{"_placeholder":\#(mark),"num":9}]"#).attachments == 0)
    }

    @Test("the limits are kept to the byte")
    func limits() throws {
        let limits = SocketPacketLimits(maxAttachments: 1, maxBytes: 20, maxNamespaceBytes: 4, maxDepth: 2)
        _ = try Self.read(#"2/abc,["a",[1],"xx"]"#, limits)
        #expect(throws: SocketPacketError.tooLarge(limit: 20)) { try Self.read(#"2/abc,["a",[1],"xxx"]"#, limits) }
        #expect(throws: SocketPacketError.longNamespace(limit: 4)) { try Self.read("0/abcd", limits) }
        _ = try Self.read("0/abc?de,", limits)
        _ = try Self.read(#"51-["a"]"#, limits)
        #expect(throws: SocketPacketError.tooManyAttachments(limit: 1)) { try Self.read(#"52-["a"]"#, limits) }
        let error = try #require(throws: SocketPacketError.self) { try Self.read(#"2["a",[[]]]"#, limits) }
        #expect("\(error)".contains("nested deeper than 2"))
    }

    @Test(
        "texts that are not UTF-8 are refused",
        arguments: [
            [0x30, 0x2F, 0xFF], [0x30, 0x2F, 0xC3, 0x2C], [0x32, 0x5B, 0x22, 0xED, 0xA0, 0x80, 0x22, 0x5D], [0xFF],
            [0x32, 0x80],
        ] as [[UInt8]])
    func badUTF8(bytes: [UInt8]) {
        #expect(throws: SocketPacketError.self) { try SocketPacketReader.read(bytes, SocketPacketLimits()) }
    }

    @Test("a message that was cut after any byte is refused, but for a namespace without its end")
    func truncated() {
        let text = Array(#"52-/custom,12["event",{"a":[1,"é"]},{"_placeholder":true,"num":0}]"#.utf8)
        for length in 0..<text.count {
            #expect(throws: SocketPacketError.self, "\(length)") {
                try SocketPacketReader.read(Array(text.prefix(length)), SocketPacketLimits())
            }
        }
    }

    /// Each of these takes minutes when reading is quadratic, or overflows the stack.
    @Test(
        "a megabyte of anything is read or refused in linear time", .timeLimit(.minutes(5)),
        arguments: ["[", "{\"a\":", "0", "9", "/", "-", ",", "\"", "\\", "?", "{", "[0,", "1-", "\u{1F600}", " ", "[]"])
    func large(unit: String) {
        let body = String(repeating: unit, count: 1_000_000 / unit.utf8.count)
        for head in ["0", "1", "2", "3", "4", "5", "51-", "6", "2/x,", "2/x", "21", #"2[""#, #"2["a","#, #"2["a",""#] {
            _ = try? Self.read(head + body.dropLast(head.utf8.count))
        }
    }

    @Test("many keys, names and placeholders are read in linear time", .timeLimit(.minutes(5)))
    func manyKeys() throws {
        let limits = SocketPacketLimits(maxBytes: 4_000_000)
        let keys = (0..<100_000).map { #""k\#($0)":0"# }.joined(separator: ",")
        _ = try Self.read("51-[\"a\",{\(keys)}]", limits)
        let placeholders = [String](repeating: #"{"_placeholder":true,"num":0}"#, count: 100_000).joined(separator: ",")
        _ = try Self.read("51-[\"a\",\(placeholders)]", limits)
    }

    @Test("each error says what is allowed, and fits into a close frame with short values")
    func descriptions() {
        let errors: [SocketPacketError] = [
            .empty, .unknownType(97), .noAttachmentCount, .tooManyAttachments(limit: 10), .longNamespace(limit: 256),
            .badNamespace, .largeID, .noID, .unexpectedID, .badPayload(allowed: "an object, or left out"), .noEventName,
            .reservedEventName("connect"), .badPlaceholder(attachments: 2), .textInsteadOfAttachment,
            .unexpectedAttachment, .tooLarge(limit: 1_000_000),
        ]
        for error in errors { #expect(error.description.utf8.count <= 123 && !error.description.isEmpty) }
        #expect(
            SocketPacketError.unknownType(97).description
                == "no packet begins with the byte 97; the types are the digits 0 to 6")
    }
}
