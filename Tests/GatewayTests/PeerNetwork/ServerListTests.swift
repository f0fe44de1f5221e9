import JSONValues
import Testing

@testable import Gateway

@Suite("The list of servers [T9]") struct ServerListTests {
    private var list = ServerList()
    private let now = Duration.seconds(100)
    private static let lifetime = ServerList.lifetime

    private static func entry(_ name: String = "One", port: Int = 8303, players: Int = 1) throws -> ServerEntry {
        try ServerEntry([
            "name": .string(name), "port": .number(Double(port)), "map": .string("dm1"), "mode": .string("dm"),
            "players": .number(Double(players)), "max": .number(8),
        ])
    }

    private mutating func publish(
        _ key: String, _ name: String = "One", port: Int = 8303, room: String = "", address: String = "a",
        limit: Int = 100, at time: Duration? = nil, players: Int = 1
    ) throws(SignalError) {
        let entry: ServerEntry
        do { entry = try Self.entry(name, port: port, players: players) } catch { return }
        try list.publish(
            entry, at: .init(key: key, port: port), of: .init(room: room, addressKey: address), limit: limit,
            now: time ?? now)
    }

    private mutating func names(_ room: String = "", at time: Duration? = nil) throws -> [String] {
        let page = list.page(of: room, now: time ?? now)
        let servers = try JSON(parsing: page.bytes).object?["servers"]?.array ?? []
        return servers.compactMap { $0.object?["name"]?.string }
    }

    @Test("an entry has what its host published, and stays for 30 s after its last refresh")
    mutating func expiry() throws {
        try publish("k1")
        #expect(
            String(decoding: list.page(of: "", now: now).bytes, as: UTF8.self)
                == #"{"servers":[{"name":"One","key":"k1","port":8303,"map":"dm1","mode":"dm","players":1,"max":8}]}"#)
        #expect(try names(at: now + Self.lifetime - .milliseconds(1)) == ["One"])
        try publish("k1", at: now + .seconds(29))
        #expect(try names(at: now + .seconds(58)) == ["One"])
        #expect(try names(at: now + .seconds(59)) == [])
        #expect(list.count(now: now + .seconds(59)) == 0)
        #expect(Self.lifetime == .seconds(30))
    }

    @Test("a refresh changes the entry, and the tag changes only with the text")
    mutating func refresh() throws {
        try publish("k1")
        let first = list.page(of: "", now: now)
        try publish("k1", at: now + .seconds(10))
        #expect(list.page(of: "", now: now + .seconds(10)) == first)
        try publish("k1", at: now + .seconds(20), players: 2)
        let second = list.page(of: "", now: now + .seconds(20))
        #expect(second.tag != first.tag)
        #expect(String(decoding: second.bytes, as: UTF8.self).contains(#""players":2"#))
        #expect(list.page(of: "nobody", now: now).bytes == Array(#"{"servers":[]}"#.utf8))
    }

    @Test("entries of many hosts expire each in its own time, and rooms are apart")
    mutating func many() throws {
        for index in 0..<20 {
            try publish(
                "k\(index)", "S\(10 + index)", room: index.isMultiple(of: 2) ? "" : "x", address: "a\(index)",
                at: now + .seconds(index))
        }
        for second in 20..<60 {
            let alive = (0..<20).filter { now + .seconds(second) < now + .seconds($0) + Self.lifetime }
            let time = now + .seconds(second)
            #expect(try names(at: time) == alive.filter { $0.isMultiple(of: 2) }.map { "S\(10 + $0)" })
            #expect(try names("x", at: time) == alive.filter { !$0.isMultiple(of: 2) }.map { "S\(10 + $0)" })
            #expect(list.count(now: time) == alive.count)
        }
    }

    @Test("entries are bounded in all, by key and by address; expired ones make room")
    mutating func bounds() throws {
        for index in 0..<3 { try publish("k\(index)", limit: 3) }
        var copy = list
        let entry = try Self.entry()
        let owner = ServerList.Owner(room: "", addressKey: "a")
        #expect(throws: SignalError.self) {
            try copy.publish(entry, at: .init(key: "k9", port: 1), of: owner, limit: 3, now: now)
        }
        try copy.publish(entry, at: .init(key: "k0", port: 8303), of: owner, limit: 3, now: now)
        try copy.publish(entry, at: .init(key: "k9", port: 1), of: owner, limit: 3, now: now + Self.lifetime)

        list = ServerList()
        for port in 1...ServerList.maxPerKey { try publish("k", port: port) }
        copy = list
        #expect(throws: SignalError.self) {
            try copy.publish(entry, at: .init(key: "k", port: 99), of: owner, limit: 100, now: now)
        }
        for index in ServerList.maxPerKey..<ServerList.maxPerAddress { try publish("k\(index)") }
        copy = list
        #expect(throws: SignalError.self) {
            try copy.publish(entry, at: .init(key: "n", port: 1), of: owner, limit: 100, now: now)
        }
        try publish("n", address: "b")
        list.withdraw(.init(key: "k", port: 1), now: now)
        try publish("n2")
    }

    @Test("a host's entries go with it, and an entry that changes its address is counted there")
    mutating func leaving() throws {
        try publish("k1", "A", port: 1)
        try publish("k1", "B", port: 2)
        try publish("k2", "C")
        list.withdrawAll(of: "k1")
        #expect(try names() == ["C"])
        let removed = list.withdraw(.init(key: "k1", port: 1), now: now)
        #expect(!removed)
        for index in 0..<ServerList.maxPerAddress - 1 { try publish("m\(index)") }
        try publish("k2", "C", address: "b")
        try publish("more")
        #expect(try names().count == ServerList.maxPerAddress + 1)
    }

    @Test(
        "what is not an entry is refused, with the member and what is allowed",
        arguments: [
            ("name", .null, "text"), ("name", .string(""), "visible"), ("name", .string("  "), "visible"),
            ("name", .string(String(repeating: "x", count: 65)), "64"), ("name", .string("a\nb"), "control"),
            ("name", .string("a\u{202E}b"), "control"), ("name", .string("a\tb"), "control"),
            ("name", .string("a" + String(repeating: "\u{301}", count: 300)), "64"), ("name", .number(1), "text"),
            ("map", .string(String(repeating: "x", count: 33)), "32"), ("mode", .number(1), "text"),
            ("port", .number(0), "1 to 65535"), ("port", .number(65_536), "1 to 65535"),
            ("port", .number(1.5), "whole"),
            ("players", .number(9), "0 to 8"), ("players", .number(-1), "0 to 8"), ("max", .number(0), "1 to 65535"),
            ("max", .string("8"), "whole"),
        ] as [(String, JSON, String)])
    func wrong(name: String, value: JSON, says: String) throws {
        var members: JSONObject = [
            "name": .string("One"), "port": .number(1), "players": .number(0), "max": .number(8),
        ]
        _ = try ServerEntry(members)
        members[name] = value == .null ? nil : value
        do {
            _ = try ServerEntry(members)
            Issue.record("accepted")
        } catch {
            #expect(error.message.contains(name) && error.message.contains(says), "\(error)")
        }
    }
}
