import GameFolder
import GameRules
import JSONValues
import Testing
import World

@Suite("Loading a game folder") struct LoadingTests {
    @Test("reads every kind of script with the declarations of its annotations")
    func everything() throws {
        let folder = try ScratchFolder([
            "game.yaml":
                "name: Meadow\ntick_rate: 30\nallowed_origins: ['*']\nmemory_limit_mb: 8\n",
            "lib/walk.lua": "function step() end",
            "components/hp.lua": "--@about life\n--@type number\n--@default 10\n--@entities players, enemys\nreturn 1",
            "components/bag.lua": "-- what a player carries\n--@type json\n--@default {\"potions\": 2}\n--@private\n",
            "components/title.lua": "---@param LuaLS line\n--@type string",
            "events/move/to.lua": """
            --@public true
            --@about walks
            --@param x number    tile to walk to
            --@param y number = -1.5 where = to
            --@param path table = [1, "]"] the way
            --@param who string = "a \\"b\\" c" name
            --@param run boolean=false
            --@param extra any = null
            object.x = data.x
            """,
            "events/move/index.lua": "print(\"--@public true\")\n",
            "events/move/timeout.lua": "--@order 10\nreturn 0.2",
            "events/regen/index.lua": "x = 1",
            "spawn/players.lua": "",
            "spawn/enemys/goblin.lua": "x = 1",
            "README.md": "notes", "lib/notes.txt": "notes", "client/index.js": "", "client/demo.lua": "not a script",
            "maps/grass.png": "", "components/hp.lua~": "--@bad", "components/.hp.lua.swp": "", ".git/config.lua": "",
        ])
        let (game, problems) = try GameFolder.load(directory: folder.path)
        #expect(problems == [])
        var configuration = GameConfiguration()
        configuration.name = "Meadow"
        configuration.tickRate = 30
        configuration.memoryLimitBytes = 8 << 20
        configuration.allowedOrigins = ["*"]
        #expect(game.configuration == configuration)
        let players: EntityKindSet = [EntityKindSet(.players), EntityKindSet(.enemys)]
        #expect(
            game.schema.components == [
                ComponentDefinition(
                    name: "bag", type: .json, defaultValue: .object(["potions": .number(2)]), isPrivate: true),
                ComponentDefinition(
                    name: "hp", type: .number, defaultValue: .number(10), kinds: players, hasTrigger: true),
                ComponentDefinition(name: "title", type: .string),
            ])
        #expect(game.schema.groups.map(\.name) == ["regen", "move"])
        let move = try #require(game.schema.groups.last)
        #expect(move.order == 10)
        #expect(move.hasTimeoutFormula)
        #expect(move.events.map(\.name) == ["index", "to"])
        #expect(move.events.map(\.isPublic) == [false, true])
        #expect(
            move.events.last?.parameters == [
                EventParameter(name: "x", type: .number, about: "tile to walk to"),
                EventParameter(name: "y", type: .number, defaultValue: .number(-1.5), about: "where = to"),
                EventParameter(
                    name: "path", type: .table, defaultValue: .array([.number(1), .string("]")]), about: "the way"),
                EventParameter(name: "who", type: .string, defaultValue: .string("a \"b\" c"), about: "name"),
                EventParameter(name: "run", type: .boolean, defaultValue: .bool(false)),
                EventParameter(name: "extra", type: .any, defaultValue: .null),
            ])
        #expect(
            game.scripts.map(\.path) == [
                "components/bag.lua", "components/hp.lua", "components/title.lua", "events/move/index.lua",
                "events/move/timeout.lua", "events/move/to.lua", "events/regen/index.lua", "lib/walk.lua",
                "spawn/enemys/goblin.lua", "spawn/players.lua",
            ])
        let goblin = try #require(game.script(.spawn(kind: .enemys, .prefab("goblin"))))
        #expect(goblin.source == Array("x = 1".utf8), "the source is the whole file")
        #expect(game.script(.component("hp"))?.about == "life")
        #expect(game.script(.event(group: "move", name: "to"))?.about == "walks")
        #expect(game.script(.timeout(group: "move"))?.version.count == 12)
        #expect(goblin.version == game.script(.event(group: "regen", name: "index"))?.version)
        #expect(goblin.version != game.script(.lib("walk"))?.version)
        #expect(game.directory == folder.path)
    }

    @Test("an empty folder is the smallest game: one empty map")
    func empty() throws {
        let folder = try ScratchFolder()
        let (game, problems) = try GameFolder.load(directory: folder.path)
        #expect(problems == [])
        #expect(game.maps == [MapGeometry(id: 1, name: "default", width: 32, height: 32)])
        #expect(game.configuration == GameConfiguration())
        #expect(game.startMapID == 1)
    }

    @Test("an empty or commented game.yaml keeps the defaults", arguments: ["", "\n", "# nothing\n", "---\n"])
    func emptyConfiguration(text: String) throws {
        let folder = try ScratchFolder(["game.yaml": text])
        let (game, problems) = try GameFolder.load(directory: folder.path)
        #expect(problems == [])
        #expect(game.configuration == GameConfiguration())
    }

    @Test("a low tick_rate lowers the default of send_rate")
    func sendRate() throws {
        let folder = try ScratchFolder(["game.yaml": "tick_rate: 20"])
        #expect(try GameFolder.load(directory: folder.path).0.configuration.sendRate == 20)
    }

    @Test("a path that is not a game folder is refused in one line that names --game")
    func unreadable() throws {
        let folder = try ScratchFolder(["holiday.jpg": "", "notes/plan.txt": ""])
        let refusals: [(String, String)] = [
            ("\(folder.path)/lua", "does not exist"), ("\(folder.path)/holiday.jpg", "is not a folder"),
            (folder.path, "is not a game folder"),
        ]
        for (path, reason) in refusals {
            let error = #expect(throws: GameFolderError.self) { _ = try GameFolder.load(directory: path) }
            let text = try #require(error?.description)
            #expect(text.contains(path) && text.contains(reason) && text.contains("--game DIR"), "\(text)")
            #expect(!text.contains("\n"))
        }
    }

    @Test("names that differ only in case declare the same: the declaration that was there before stays")
    func clashes() throws {
        let folder = try ScratchFolder(goodGame)
        let (before, _) = try GameFolder.load(directory: folder.path)
        try folder.write("components/HP.lua", "--@type number")
        try folder.write("events/MOVE/to.lua", "x = 1")
        try folder.write("events/MOVE/up.lua", "x = 1")
        try folder.write("maps/1-a.tmj", smallMap())
        let (after, problems) = try GameFolder.load(directory: folder.path, previous: before)
        #expect(after.scripts == before.scripts)
        #expect(after.maps.map(\.name) == ["field"])
        #expect(
            problems.map(\.description) == [
                "components/HP.lua:1: declares the same as components/hp.lua, as their names differ in case alone; rename or remove one",
                "events/MOVE/to.lua:1: declares the same as folder events/move/, as their names differ in case alone; rename or remove one",
                "maps/1-a.tmj:1: has the number 1 as maps/1-field.tmj has; give one another number",
            ])
        let (fresh, _) = try GameFolder.load(directory: folder.path)
        #expect(fresh.schema.components.map(\.name) == ["HP"], "without a former version the first one stays")
    }
}

@Suite("Loading again") struct ReloadingTests {
    @Test(
        "a file that broke keeps its former version and its declaration",
        arguments: [
            ("components/hp.lua", "--@type int\n"), ("events/move/to.lua", "--@public true\n"),
            ("events/move/timeout.lua", "--@order x\nreturn 1"), ("lib/walk.lua", "--@what\n"),
            ("spawn/players.lua", "--@what\n"), ("maps/1-field.tmj", "{"), ("game.yaml", "tick_rate: 0"),
        ])
    func broken(file: String, text: String) throws {
        let folder = try ScratchFolder(goodGame)
        let (before, _) = try GameFolder.load(directory: folder.path)
        try folder.write(file, text)
        let (after, problems) = try GameFolder.load(directory: folder.path, previous: before)
        #expect(problems.map(\.file) == [file])
        #expect(after == before)
        let (again, problemsAgain) = try GameFolder.load(directory: folder.path, previous: after)
        #expect(problemsAgain == problems, "it is told as long as it is broken")
        #expect(again == before)
        let mended = try #require(goodGame[file])
        try folder.write(file, mended)
        #expect(try GameFolder.load(directory: folder.path, previous: again).1 == [])
    }

    @Test("a removed file removes its declaration, a new file adds its own")
    func goneAndNew() throws {
        let folder = try ScratchFolder(goodGame)
        let (before, _) = try GameFolder.load(directory: folder.path)
        try folder.remove("components/hp.lua")
        try folder.write("components/mp.lua", "--@type number")
        try folder.write("events/move/up.lua", "object.y = object.y - 1")
        try folder.move("maps/1-field.tmj", to: "maps/1-meadow.tmj")
        let (after, problems) = try GameFolder.load(directory: folder.path, previous: before)
        #expect(problems == [])
        #expect(after.schema.components.map(\.name) == ["mp"])
        #expect(after.schema.groups.first?.events.map(\.name) == ["to", "up"])
        #expect(after.maps.map(\.name) == ["meadow"])
    }

    @Test("without a former version the broken file is left out, and the rest runs")
    func leftOut() throws {
        let folder = try ScratchFolder(goodGame)
        try folder.write("events/move/to.lua", "--@public true\n")
        let (game, problems) = try GameFolder.load(directory: folder.path)
        #expect(
            problems.map(\.description) == [
                "events/move/to.lua:1: no code; an event must say in Lua what it does"
            ])
        #expect(game.schema.groups.isEmpty, "a timeout formula alone makes no group")
        #expect(game.schema.components.map(\.name) == ["hp"])
    }

    @Test("a map is read again only when one of its files changed")
    func mapsAgain() throws {
        let folder = try ScratchFolder(goodGame)
        let tileset = "{\"name\":\"t\",\"tiles\":[{\"id\":0,\"properties\":[{\"name\":\"kind\",\"value\":\"grass\"}]}]}"
        try folder.write("maps/tiles.tsj", tileset)
        try folder.write(
            "maps/1-field.tmj", smallMap(extra: "\"tilesets\":[{\"firstgid\":1,\"source\":\"tiles.tsj\"}]"))
        let (before, problems) = try GameFolder.load(directory: folder.path)
        #expect(problems == [])
        #expect(before.maps.first?.tileProperties[1]?["kind"] == .string("grass"))
        var marked = before
        marked.maps[0].tileWidth = 99
        #expect(try GameFolder.load(directory: folder.path, previous: marked).0.maps[0].tileWidth == 99)
        try folder.write("maps/tiles.tsj", tileset.replacing("grass", with: "stone"))
        let (after, _) = try GameFolder.load(directory: folder.path, previous: marked)
        #expect(after.maps[0].tileWidth == 16)
        #expect(after.maps.first?.tileProperties[1]?["kind"] == .string("stone"))
    }
}
