import Testing

@testable import Storage

@Suite("Versions of the game folder's files") struct FileVersionTests {
    private func version(_ path: String, _ text: String?, at time: Double = 1) -> FileVersion {
        FileVersion(path: path, time: time, author: "ada", text: text.map { Array($0.utf8) })
    }

    @Test("versions come back with their texts, the latest first, also after a restart", arguments: Engine.allCases)
    func reading(engine: Engine) async throws {
        let store = try await TestStore(engine)
        defer { store.remove() }
        try await store.storage.appendFileVersions(
            [version("a", "one"), version("b", ""), version("a", nil)], limits: .init())
        let storage = try await store.reopened()
        let list = try await storage.fileVersions(of: "a")
        #expect(list.map(\.bytes) == [nil, 3] && list.allSatisfy { $0.text == nil && $0.author == "ada" })
        #expect(try await storage.fileVersion(id: list[1].id)?.text == Array("one".utf8))
        #expect(try await storage.fileVersion(id: 99) == nil)
        #expect(try await storage.latestFileVersion(of: "b")?.text == [])
        #expect(try await storage.latestFileVersion(of: "a")?.bytes == nil)
        #expect(try await storage.pathsWithVersions() == ["a", "b"])
    }

    @Test("the oldest versions of a file give way, then the oldest of all files", arguments: Engine.allCases)
    func limits(engine: Engine) async throws {
        let store = try await TestStore(engine)
        let storage = store.storage
        defer { store.remove() }
        let limits = FileVersionLimits(perFile: 3, bytes: 10)
        for number in 1...5 { try await storage.appendFileVersions([version("a", "\(number)")], limits: limits) }
        var left: [[UInt8]?] = []
        for entry in try await storage.fileVersions(of: "a") {
            left.append(try await storage.fileVersion(id: entry.id)?.text)
        }
        #expect(left == ["5", "4", "3"].map { Array($0.utf8) })
        try await storage.appendFileVersions([version("b", "12345678")], limits: limits)
        #expect(try await storage.fileVersions(of: "a").count == 2)
        #expect(try await storage.fileVersions(of: "b").count == 1)
        // One text above the limit leaves nothing, and makes no error.
        try await storage.appendFileVersions([version("c", "12345678901")], limits: limits)
        #expect(try await storage.pathsWithVersions() == [])
    }
}
