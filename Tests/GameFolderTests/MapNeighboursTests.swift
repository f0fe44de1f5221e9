import GameFolder
import Testing
import World

@Suite("Neighbours of maps") struct MapNeighboursTests {
    /// A folder with maps 3 to 7 of 10 × 20 tiles; but 5 has a lower height, 6 begins left of and above its tile 0, 0,
    /// and 7 has wider tiles.
    private static func folder(_ files: [String: String]) throws -> ScratchFolder {
        func map(height: Int = 20, tileWidth: Int = 16) -> String {
            """
            {"type":"map","orientation":"orthogonal","width":10,"height":\(height),"tilewidth":\(tileWidth),"tileheight":16,"layers":[]}
            """
        }
        let row = Array(repeating: "1", count: 200).joined(separator: ",")
        let infinite = """
            {"type":"map","orientation":"orthogonal","width":10,"height":20,"infinite":true,"tilewidth":16,"tileheight":16,
             "layers":[{"type":"tilelayer","name":"ground","chunks":[{"x":-4,"y":-8,"width":10,"height":20,"data":[\(row)]}]}]}
            """
        let maps = [
            "maps/3-a.tmj": map(), "maps/4-b.tmj": map(), "maps/5-c.tmj": map(height: 8), "maps/6-d.tmj": infinite,
            "maps/7-e.tmj": map(tileWidth: 32),
        ]
        return try ScratchFolder(maps.merging(files) { $1 })
    }

    private static func neighbours(_ files: [String: String]) throws -> (MapNeighbours, [GameFolderProblem]) {
        let folder = try folder(files)
        let (game, problems) = try GameFolder.load(directory: folder.path)
        return (game.neighbours, problems)
    }

    private static func table(_ lines: String) throws -> (MapNeighbours, [GameFolderProblem]) {
        let indented = lines.split(separator: "\n").map { "\n  \($0)" }.joined()
        return try neighbours(["game.yaml": "neighbours:\(indented)\n"])
    }

    @Test("are mutual, whichever side is declared, and both may be [M3.8]")
    func table() throws {
        let (one, problems) = try Self.table("4: {left: 3, down: 5}\n7: {up: 7}")
        #expect(problems.isEmpty)
        #expect(one.neighbour(of: 4, on: .left) == 3 && one.neighbour(of: 3, on: .right) == 4)
        #expect(one.neighbour(of: 4, on: .down) == 5 && one.neighbour(of: 5, on: .up) == 4)
        #expect(one.neighbour(of: 7, on: .down) == 7)
        #expect(one.neighbour(of: 4, on: .up) == nil && one.neighbour(of: 9, on: .up) == nil)
        let both = try Self.table("3: {right: 4}\n5: {up: 4}\n4: {left: 3, down: 5}\n7: {up: 7, down: 7}")
        #expect(both.0 == one && both.1.isEmpty)
    }

    @Test(
        "a wrong declaration is reported with its place",
        arguments: [
            ("4: {left: 9}", "2:7", "no map has the number 9; there are 3, 4"), ("9: {left: 4}", "2:7", "number 9"),
            ("4: {lefft: 3}", "2:7", "did you mean left?"), ("4: {left: x}", "2:13", "\"x\" is no number of a map"),
            ("x: {left: 3}", "2:3", "no number of a map"), ("4: 3", "2:6", "one map a line"),
            ("[4]", "2:3", "one map a line"),
            ("4: {left: 3}\n3: {right: 6}", "3:7", "map 3 has two neighbours on its right side, 4 and 6"),
            ("4: {left: 5}", "2:7", "map 4 is 20 tiles high, its left neighbour 5 is 8"),
        ])
    func wrongTable(text: String, place: String, says: String) throws {
        let (found, problems) = try Self.table(text)
        let told = try #require(problems.first?.description)
        #expect(problems.count == 1 && found == MapNeighbours())
        #expect(told.hasPrefix("game.yaml:\(place): ") && told.contains(says), "\(told)")
    }

    private func world(
        _ places: [(String, Int, Int)], extra: String = "", more: [String: String] = [:]
    ) throws -> (MapNeighbours, [GameFolderProblem]) {
        let list = places.map { "{\"fileName\":\"\($0.0)\",\"x\":\($0.1),\"y\":\($0.2),\"width\":1,\"height\":1}" }
        let text = "{\"type\":\"world\",\"maps\":[\(list.joined(separator: ","))]\(extra)}"
        return try Self.neighbours(more.merging(["maps/all.world": text]) { $1 })
    }

    @Test("follow from a Tiled world where whole edges touch, by .tmx or .tmj, at places below 0 too")
    func worldFile() throws {
        let (found, problems) = try world([
            ("3-a.tmx", -160, 0), ("4-b.tmj", 0, 0), ("5-c.tmx", 0, 320), ("6-d.tmx", 224, 128),
        ])
        let same = try Self.table("3: {right: 4}\n5: {up: 4}\n6: {left: 4}").0
        #expect(problems.isEmpty && found == same)
        let corner = try world([("3-a.tmx", 0, 0), ("4-b.tmx", 160, 320)]).0
        #expect(MapSide.allCases.allSatisfy { corner.neighbour(of: 3, on: $0) == nil }, "corners do not join")
    }

    @Test("a world that a game can't use is reported")
    func wrongWorld() throws {
        let worlds: [([(String, Int, Int)], String, String)] = [
            ([("9-x.tmx", 0, 0)], "", "names 9-x.tmx, which is no map"),
            ([("3-a.tmx", 0, 0), ("3-a.tmj", 160, 0)], "", "twice"), ([("3-a.tmx", 8, 0)], "", "between tiles"),
            ([("3-a.tmx", 0, 0), ("4-b.tmx", 144, 0)], "", "maps 3 and 4 overlap"),
            ([("3-a.tmx", 0, 0), ("4-b.tmx", 160, 16)], "", "along only a part of an edge"),
            ([("3-a.tmx", 0, 0), ("5-c.tmx", 160, 0)], "", "along only a part of an edge"),
            ([("3-a.tmx", 0, 0), ("7-e.tmx", 320, 0)], "", "another size"), ([], ",\"patterns\":[{}]", "patterns"),
            ([("3-a.tmx", 0, 0)], ",\"maps\":7", "array"),
        ]
        for (places, extra, says) in worlds {
            let (found, problems) = try world(places, extra: extra)
            let told = try #require(problems.first?.description)
            #expect(problems.count == 1 && found == MapNeighbours())
            #expect(told.hasPrefix("maps/all.world: ") && told.contains(says), "\(told)")
        }
    }

    @Test("come from one place: two worlds, or a world beside the table in game.yaml, are reported")
    func twoPlaces() throws {
        let world = "{\"type\":\"world\",\"maps\":[]}"
        let two = try Self.neighbours(["maps/a.world": world, "maps/b.world": world]).1.map(\.description)
        #expect(
            two == [
                "maps/b.world:1: maps/a.world already places the maps; put all maps into one .world file and remove "
                    + "the other"
            ])
        let both = try Self.neighbours(["maps/a.world": world, "game.yaml": "neighbours:\n  4: {left: 3}\n"]).1
        #expect(both.map(\.description) == ["game.yaml:2:3: maps/a.world says how maps lie; keep one of both"])
    }

    @Test("stay as they were while the file that declares them is broken")
    func brokenLater() throws {
        let folder = try Self.folder(["game.yaml": "neighbours:\n  4: {left: 3}\n"])
        let (before, _) = try GameFolder.load(directory: folder.path)
        for text in [
            "neighbours:\n  4: {left: 99}\n", "neighbours: [\n", "tick_rate: 0\nneighbours:\n  4: {left: 6}\n",
        ] {
            try folder.write("game.yaml", text)
            let (now, problems) = try GameFolder.load(directory: folder.path, previous: before)
            #expect(!problems.isEmpty && now.neighbours == before.neighbours, "\(text)")
        }
        try folder.write("game.yaml", "")
        #expect(try GameFolder.load(directory: folder.path, previous: before).0.neighbours == MapNeighbours())
    }
}
