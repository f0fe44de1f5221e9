import Foundation
import Testing

@testable import GameRules

@Suite("The table of game.yaml's keys") struct SettingTests {
    @Test("every property of a configuration has one row, and every row has a unique name")
    func complete() {
        let configuration = GameConfiguration()
        let properties =
            Mirror(reflecting: configuration).children.count - 3
            + Mirror(reflecting: configuration.connections).children.count
            + Mirror(reflecting: configuration.peerNetwork).children.count
            + Mirror(reflecting: configuration.webRTC).children.count
        let rows = Setting.all.filter { $0.shown(configuration) != nil }
        #expect(rows.count == properties)
        // Only `neighbours` is not a part of the configuration.
        #expect(Setting.all.filter { $0.shown(configuration) == nil }.map(\.name) == ["neighbours"])
        #expect(Set(Setting.names).count == Setting.all.count)
    }

    /// Values that differ from the default, for the keys whose value is not a number.
    private static let values: [String: SettingValue] = [
        "name": .text("Other", isPlain: true), "allowed_origins": .list([.text("*", isPlain: false)]),
        "trusted_proxies": .list([.text("::1", isPlain: false)]), "metrics": .text("public", isPlain: true),
        "socket_guests": .text("true", isPlain: true), "webrtc": .text("true", isPlain: true),
        "webrtc_addresses": .list([.text("203.0.113.5", isPlain: true)]),
        "ice_servers": .list([.text("stun:stun.example.org", isPlain: false)]),
    ]

    @Test("the report has a changed key once, and says whether it is for new connections or the next start only")
    func reported() throws {
        let before = GameConfiguration()
        for setting in Setting.all where setting.shown(before) != nil {
            var after = before
            let number = SettingValue.text(setting.name == "dead_after_seconds" ? "61" : "3", isPlain: true)
            do {
                try after.set(Self.values[setting.name] ?? number, for: setting.name)
            } catch {
                try after.set(.text("20000", isPlain: true), for: setting.name)
            }
            let changes = after.changes(since: before)
            #expect(changes.count == 1, "\(setting.name)")
            #expect(changes.first?.hasPrefix("\(setting.name) ") == true)
            #expect(
                changes.first?.hasSuffix(" for connections made from now on") == (setting.effect == .nextConnection))
            #expect(changes.first?.hasSuffix(" from the next start on") == (setting.effect == .nextStart))
            setting.reset(&after)
            #expect(after == before)
        }
    }

    @Test("docs/game-folder.md has the same rows in the same order")
    func documented() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let page = try String(contentsOf: root.appending(path: "docs/game-folder.md"), encoding: .utf8)
        let lines = page.split(separator: "\n").map(String.init)
        let names = Set(Setting.names.map { "| `\($0)` |" })
        let documented = lines.filter { line in names.contains { line.hasPrefix($0) } }
        #expect(documented == Setting.all.map(\.documentation))
    }
}
