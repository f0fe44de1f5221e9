import Foundation
import Logging
import Testing

@testable import AdminPanel

@Suite("Log files of maps") struct FileLogStoreTests {
    @Test("each line is one line of the file, whatever players wrote, and can neither hide nor turn text around")
    func escaped() throws {
        let folder = NSTemporaryDirectory() + "/log-tests-" + UUID().uuidString
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let store = try FileLogStore(directory: folder, logger: logger)
        let lines = [
            "ada: hi\n2026-01-01 00:00:00.000 tick=1 - forged", "bob:\u{1B}[2J\rgone", "eve: \u{202E}txet", "ok\tžluť",
        ]
        store.append(lines, mapID: 4, isError: false)
        store.append(["boom\u{9B}31m"], mapID: 4, isError: true)
        store.flush()
        #expect(
            try String(contentsOfFile: folder + "/map-4.log", encoding: .utf8) == """
                ada: hi\\n2026-01-01 00:00:00.000 tick=1 - forged
                bob:\\u{001B}[2J\\rgone
                eve: \\u{202E}txet
                ok\tžluť

                """)
        #expect(
            try String(contentsOfFile: folder + "/map-4-errors.log", encoding: .utf8) == "boom\\u{009B}31m\n")
    }
}
