import Testing

@testable import Bench

@Suite("Packets of Socket.IO") struct SocketPacketTests {
    /// What a packet is, as a text.
    private static func name(_ text: String) -> String {
        Array(text.utf8).withUnsafeBytes { bytes in
            switch SocketPacket(bytes) {
            case .opened: "opened"
            case .ping: "ping"
            case .connected: "connected"
            case .refused(let reason): "refused \(reason)"
            case .event(let values): "event \(String(decoding: values, as: UTF8.self))"
            case .closed: "closed"
            case .other: "other"
            }
        }
    }

    @Test(
        "are told apart by their first characters",
        arguments: [
            (#"0{"sid":"a"}"#, "opened"), ("1", "closed"), ("2", "ping"), (#"40{"sid":"b"}"#, "connected"),
            ("41", "closed"), (#"44{"message":"full"}"#, #"refused {"message":"full"}"#), ("", "other"), ("4", "other"),
            ("3probe", "other"), ("430[]", "other"), (#"451-["a"]"#, "other"), (#"421["a",1]"#, "other"),
        ])
    func kinds(packet: String, kind: String) { #expect(Self.name(packet) == kind) }

    @Test(
        "an event's values are what stands after its name",
        arguments: [
            (#"42["delta",{"tick":1}]"#, #"{"tick":1}"#), (#"42["a",1,[2]]"#, "1,[2]"), (#"42["a"]"#, ""),
            (#"42["load/index",{}]"#, "{}"),
        ])
    func events(packet: String, values: String) { #expect(Self.name(packet) == "event \(values)") }

    @Test("a packet that is cut off is no event", arguments: [#"42["a"#, #"42["a","#, "42", "42["])
    func broken(packet: String) { #expect(Self.name(packet) == "other") }
}
