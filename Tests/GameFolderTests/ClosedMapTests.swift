import Foundation
import GameFolder
import GameRules
import Testing
import World

@Suite("Maps whose files can't be read stay closed [3-game-folder]") struct ClosedMapTests {
    private static let forest = "maps/4-forest.tmj"
    private static let files = [forest: smallMap(), "maps/9-cave.tmj": smallMap()]

    private func load(
        _ folder: ScratchFolder, _ previous: GameDefinition? = nil
    ) throws -> (GameDefinition, [GameFolderProblem]) {
        try GameFolder.load(directory: folder.path, previous: previous)
    }

    /// Breaks the forest's file in one of several ways.
    enum Damage: CaseIterable {
        case text, empty, halfWritten, utf16, tileset, isometric, lostLink, folder

        func apply(to folder: ScratchFolder) throws {
            try folder.remove(forest)
            switch self {
            case .text: try folder.write(forest, "{")
            case .empty: try folder.write(forest, "")
            case .halfWritten: try folder.write(forest, String(smallMap().prefix(60)))
            case .utf16: try folder.write(forest, Data([0xFF, 0xFE, 0x7B, 0]))
            case .tileset:
                try folder.write(forest, smallMap(extra: "\"tilesets\":[{\"firstgid\":1,\"source\":\"b.tsj\"}]"))
            case .isometric: try folder.write(forest, smallMap().replacing("orthogonal", with: "isometric"))
            case .lostLink:
                try FileManager.default.createSymbolicLink(
                    atPath: "\(folder.path)/\(forest)", withDestinationPath: "gone.tmj")
            case .folder: try folder.write("\(forest)/x.txt", "")
            }
        }

        private var forest: String { ClosedMapTests.forest }
    }

    @Test("at a start it is closed with its reason, and nothing opens in its place", arguments: Damage.allCases)
    func start(damage: Damage) throws {
        let folder = try ScratchFolder(Self.files)
        try damage.apply(to: folder)
        let (game, problems) = try load(folder)
        #expect(game.maps.map(\.id) == [9])
        #expect(game.closedMaps.map(\.id) == [4])
        let reason = try #require(game.closedMaps.first?.reason)
        #expect(problems.map(\.description).contains(reason), "\(problems)")
        #expect(reason.hasPrefix("maps/"))
        #expect(game.startMapID == 4, "new players wait for it too: it is where they start")
        try folder.remove("maps/9-cave.tmj")
        #expect(try load(folder).0.maps == [], "no empty map takes the place of the only one")
        try? folder.remove(Self.forest)
        try folder.write(Self.forest, smallMap())
        let (mended, none) = try load(folder, game)
        #expect(none.map(\.file) == ["maps/9-cave.tmj"])
        #expect(mended.maps.map(\.id) == [4, 9] && mended.closedMaps == [])
    }

    @Test("one that runs goes on as it was", arguments: Damage.allCases)
    func running(damage: Damage) throws {
        let folder = try ScratchFolder(Self.files)
        let (before, _) = try load(folder)
        try damage.apply(to: folder)
        var game = before
        for _ in 0..<2 {
            let (next, problems) = try load(folder, game)
            #expect(next.maps == before.maps && next.closedMaps == [])
            #expect(!problems.isEmpty)
            game = next
        }
        // By hand as well: the file is there.
        #expect(try load(folder, game.closingMissingMaps()).0.maps == before.maps)
    }

    @Test("a file that is away, alone or with its folder: the map goes on, and goes when somebody says so")
    func away() throws {
        let folder = try ScratchFolder(Self.files.merging(["game.yaml": ""]) { $1 })
        let (before, _) = try load(folder)
        for (path, lost) in [(Self.forest, [4]), ("maps", [4, 9])] {
            try folder.move(path, to: ".away")
            let (game, problems) = try load(folder, before)
            #expect(game.maps == before.maps)
            #expect(problems.count == lost.count)
            #expect(problems.allSatisfy { $0.message.contains("let go of the map with perigee reload") })
            let (after, none) = try load(folder, game.closingMissingMaps())
            #expect(none == [] && after.closedMaps == [])
            #expect(after.maps.map(\.name) == (lost == [4] ? ["cave"] : ["default"]))
            try folder.move(".away", to: path)
            #expect(try load(folder, game).1 == [])
        }
        try folder.move(Self.forest, to: "maps/4-wood.tmj")
        let (renamed, problems) = try load(folder, before)
        #expect(problems == [] && renamed.maps.map(\.name) == ["wood", "cave"])
    }

    @Test("what the game ran with before is missed at a start, and no empty map takes its place")
    func known() throws {
        let folder = try ScratchFolder(["game.yaml": "start_map: 4"])
        let known = GameDefinition(directory: folder.path, knownMaps: [4: Self.forest])
        let (game, problems) = try load(folder, known)
        #expect(game.maps == [] && game.closedMaps.map(\.id) == [4])
        #expect(problems.map(\.file) == [Self.forest])
        #expect(game.closedMaps.first?.reason == problems.first?.description)
        #expect(problems.first?.message.contains("stays closed and keeps its players' places") == true)
        #expect(game.configuration.startMap == 4, "no mistake of game.yaml")
        #expect(try load(folder, game).0.closedMaps == game.closedMaps, "it stays so")
        #expect(game.mapPaths == [4: Self.forest])
        #expect(try load(folder, game.closingMissingMaps()).0.maps.map(\.name) == ["default"])
        try folder.write(Self.forest, smallMap())
        #expect(try load(folder, game).0.maps.map(\.id) == [4])
        #expect(try load(ScratchFolder()).0.maps.map(\.name) == ["default"], "a new game has none to miss")
    }

    @Test("neighbours of other maps stay, and its own come back with it")
    func neighbours() throws {
        let table = "start_map: 9\nneighbours:\n  9: {left: 4, right: 11}\n"
        let folder = try ScratchFolder(
            Self.files.merging(["maps/11-hall.tmj": smallMap(), "game.yaml": table]) { $1 })
        try folder.write(Self.forest, "{")
        let (game, problems) = try load(folder)
        #expect(problems.map(\.file) == [Self.forest])
        #expect(game.neighbours.neighbours(of: 9) == [.right: 11])
        try folder.write(Self.forest, smallMap())
        #expect(try load(folder, game).0.neighbours.neighbours(of: 9) == [.left: 4, .right: 11])
        try folder.remove("game.yaml")
        try folder.write(
            "maps/all.world",
            """
            {"type":"world","maps":[{"fileName":"4-forest.tmj","x":-32,"y":0},{"fileName":"9-cave.tmj","x":0,"y":0},
            {"fileName":"11-hall.tmj","x":32,"y":0}]}
            """)
        try folder.write(Self.forest, "{")
        let (drawn, mistakes) = try load(folder)
        #expect(mistakes.map(\.file) == [Self.forest])
        #expect(drawn.neighbours.neighbours(of: 9) == [.right: 11])
    }

    /// Makes the folder of the maps one that can't be read, in one of several ways.
    enum FolderDamage: CaseIterable {
        case forbidden, file, lostLink, linkOutside

        /// - Returns: Whether this user is stopped by it: root may list every folder.
        func apply(to folder: ScratchFolder) throws -> Bool {
            let maps = "\(folder.path)/maps"
            try FileManager.default.moveItem(atPath: maps, toPath: "\(folder.path)/.maps")
            switch self {
            case .forbidden:
                try FileManager.default.createDirectory(
                    atPath: maps, withIntermediateDirectories: false, attributes: [.posixPermissions: 0])
                return access(maps, R_OK) != 0
            case .file: try folder.write("maps", "")
            case .lostLink: try FileManager.default.createSymbolicLink(atPath: maps, withDestinationPath: "gone")
            case .linkOutside: try FileManager.default.createSymbolicLink(atPath: maps, withDestinationPath: "/")
            }
            return true
        }

        func mend(_ folder: ScratchFolder) throws {
            try folder.remove("maps")
            try folder.move(".maps", to: "maps")
        }
    }

    @Test("when the maps' folder can't be read at a start, the start map is closed", arguments: FolderDamage.allCases)
    func startWithoutFolder(damage: FolderDamage) throws {
        for (start, id) in [("", 1), ("start_map: 9", 9)] {
            let settings = start + "\nneighbours:\n  4: {left: 9}\n"
            let folder = try ScratchFolder(Self.files.merging(["game.yaml": settings]) { $1 })
            guard try damage.apply(to: folder) else { return }
            let (game, problems) = try load(folder)
            #expect(problems.map(\.file).map { $0.prefix(4) } == ["maps"], "\(problems)")
            #expect(game.maps == [] && game.closedMaps.map(\.id) == [id] && game.startMapID == id)
            #expect(game.closedReasons == [id: try #require(problems.first).description])
            #expect(game.mapPaths == [:], "nobody knows its file")
            #expect(try load(folder, game).0.closedMaps == game.closedMaps, "it stays so")
            let files = GameFiles(of: game, previous: nil)
            #expect(files.contents.keys.sorted() == ["game.yaml"])
            try damage.mend(folder)
            let (mended, none) = try load(folder, game)
            #expect(none == [] && mended.closedMaps == [] && mended.maps.map(\.id) == [4, 9])
        }
    }

    @Test("the maps of the last run and the start map are closed then", arguments: FolderDamage.allCases)
    func knownWithoutFolder(damage: FolderDamage) throws {
        let folder = try ScratchFolder(Self.files)
        guard try damage.apply(to: folder) else { return }
        let known = GameDefinition(directory: folder.path, knownMaps: [4: Self.forest])
        let (game, problems) = try load(folder, known)
        #expect(game.maps == [] && game.closedMaps.map(\.id) == [4] && game.startMapID == 4)
        #expect(game.closedReasons[4]?.hasPrefix("\(Self.forest): its folder can't be read; maps") == true)
        #expect(problems.count == 1)
        try folder.write("game.yaml", "start_map: 9")
        let (other, more) = try load(folder, known)
        #expect(more.count == 1, "start_map may be right: \(more)")
        #expect(other.closedMaps.map(\.id) == [4, 9] && other.startMapID == 9)
        #expect(other.mapPaths == [4: Self.forest])
    }

    @Test("a game that runs goes on as it was while the maps' folder can't be read", arguments: FolderDamage.allCases)
    func runningWithoutFolder(damage: FolderDamage) throws {
        let world = """
            {"type":"world","maps":[{"fileName":"4-forest.tmj","x":0,"y":0},{"fileName":"9-cave.tmj","x":32,"y":0}]}
            """
        let folder = try ScratchFolder(Self.files.merging(["maps/all.world": world]) { $1 })
        let (before, _) = try load(folder)
        #expect(before.neighbours.neighbours(of: 4) == [.right: 9])
        guard try damage.apply(to: folder) else { return }
        try folder.write("game.yaml", "name: A\nstart_map: 11\n")
        for previous in [before, before.closingMissingMaps()] {
            let (game, problems) = try load(folder, previous)
            #expect(game.maps == before.maps && game.closedMaps == [] && game.neighbours == before.neighbours)
            #expect(game.worldFileChanges(since: before) == [])
            #expect(problems.count == 2)
            #expect(problems.first?.line == 2)
            #expect(problems.first?.message.hasPrefix("start_map is 11, but the folder maps/ can't be read") == true)
            #expect(game.startMapID == 4)
        }
        let empty = try ScratchFolder(["game.yaml": "", "maps/note.txt": ""])
        let (small, _) = try load(empty)
        #expect(small.maps.map(\.name) == ["default"])
        _ = try damage.apply(to: empty)
        #expect(try load(empty, small).0.maps == small.maps, "neither does the empty map of a game without maps close")
    }

    @Test("a file in the place of a folder of scripts leaves the scripts as they were")
    func fileInPlaceOfFolder() throws {
        let folder = try ScratchFolder(["lib/x.lua": "y = 1"])
        let (before, _) = try load(folder)
        try folder.remove("lib")
        try folder.write("lib", "")
        let (game, problems) = try load(folder, before)
        #expect(problems.map(\.file) == ["lib"] && game.scripts == before.scripts)
    }

    @Test("a recording has nothing of a closed map's file, and skips paths of folders")
    func nothingRecorded() throws {
        let folder = try ScratchFolder(Self.files)
        try folder.write(Self.forest, "{")
        let (game, _) = try load(folder)
        try folder.write(Self.forest, smallMap())
        #expect(GameFiles(of: game, previous: nil).contents[Self.forest] == [])
        let copy = try ScratchFolder()
        try GameFiles(["maps/": [1], "lib/": [], "lib/x.lua": [0x20]]).write(to: copy.path)
        #expect(try FileManager.default.contentsOfDirectory(atPath: copy.path) == ["lib"])
    }

    @Test("a recording has the closed map too")
    func recorded() throws {
        let folder = try ScratchFolder(Self.files.merging(["game.yaml": "neighbours:\n  9: {left: 4}"]) { $1 })
        for damage in [Damage.text, .lostLink] {
            try damage.apply(to: folder)
            let (game, _) = try load(folder)
            let (again, _) = try GameFolder.load(files: GameFiles(of: game, previous: nil))
            #expect(again.maps == game.maps && again.neighbours == game.neighbours)
            #expect(again.closedMaps.map(\.id) == [4])
        }
    }
}
