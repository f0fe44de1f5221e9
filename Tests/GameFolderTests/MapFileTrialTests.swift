import Foundation
import Testing
import World

@testable import GameFolder

@Suite("Trying a file of maps/ before it replaces another") struct MapFileTrialTests {
    private static let broken = "{\"type\":\"map\""

    private func trial(_ name: String, _ text: String?, in folder: ScratchFolder) throws -> MapFileTrial {
        try MapFileTrial(name, text.map { Array($0.utf8) }, in: folder.path)
    }

    @Test("a good map has its geometry and no problems, and the folder stays as it was")
    func good() throws {
        let folder = try ScratchFolder(["maps/1-field.tmj": smallMap(), "game.yaml": "start_map: 1\n"])
        let before = try FileManager.default.subpathsOfDirectory(atPath: folder.path)
        let found = try trial("2-more.tmj", smallMap(), in: folder)
        #expect(found.problems.isEmpty && found.map?.id == 2 && found.map?.name == "more")
        #expect(try FileManager.default.subpathsOfDirectory(atPath: folder.path) == before)
    }

    @Test("the problems are those of the file, and those of others that it causes; known ones of others don't count")
    func problems() throws {
        let folder = try ScratchFolder([
            "maps/1-field.tmj": smallMap(), "maps/3-broken.tmj": Self.broken, "game.yaml": "start_map: 1\n",
        ])
        #expect(try trial("2-more.tmj", smallMap(), in: folder).problems.isEmpty)
        #expect(try trial("3-broken.tmj", Self.broken, in: folder).problems.map(\.file) == ["maps/3-broken.tmj"])
        #expect(try trial("1-field.tmj", Self.broken, in: folder).problems.map(\.file) == ["maps/1-field.tmj"])
        let removal = try trial("1-field.tmj", nil, in: folder)
        #expect(removal.problems.map(\.file) == ["game.yaml"] && removal.map == nil, "\(removal.problems)")
    }

    @Test(
        "tilesets and templates that no map uses are read too",
        arguments: [
            ("t.tsj", #"{"type":"tileset","name":"t"}"#, true), ("t.tsj", #"{"type":"map"}"#, false),
            ("t.tsx", "<tileset name=\"t\"/>", true), ("t.tsx", "<template/>", false), ("t.tsx", "<tileset", false),
            ("t.tj", #"{"type":"template","object":{"name":"a","type":"enemys"}}"#, true),
            ("t.tj", #"{"type":"template"}"#, false), ("t.tx", "<map/>", false), ("t.tsj", "[]", false),
        ])
    func unused(name: String, text: String, isGood: Bool) throws {
        let folder = try ScratchFolder(["maps/1-field.tmj": smallMap()])
        let found = try trial(name, text, in: folder).problems
        #expect(found.isEmpty == isGood, "\(found)")
        #expect(found.allSatisfy { $0.file == "maps/\(name)" }, "\(found)")
    }
}
