import Foundation
import GameFolder
import Testing
import World

@Suite("The bundled game") struct BundledGameTests {
    @Test("has no problems, and its start map has a place to start")
    func noProblems() throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let (game, problems) = try GameFolder.load(directory: root.appendingPathComponent("lua").path)
        #expect(problems == [])
        let start = try #require(game.maps.first { $0.id == game.startMapID })
        #expect(start.spawns.contains { $0.kind == .players })
    }
}
