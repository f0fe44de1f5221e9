import GameFolder
import Testing

/// One mistake in an otherwise good folder, and the problem that must be reported.
struct Mistake: Sendable, CustomTestStringConvertible {
    var file: String
    var text: String
    /// The place as it is printed, `file:line` or `file`.
    var place: String
    /// The parts that the message must contain: the wrong value and the allowed ones.
    var says: [String]

    init(_ file: String, _ text: String, at place: String, says: String...) {
        self.file = file
        self.text = text
        self.place = place
        self.says = says
    }

    var testDescription: String { "\(file): \(says[0])" }
}

/// A small game without a mistake.
let goodGame: [String: String] = [
    "game.yaml": "name: Test\nstart_map: 1\n",
    "lib/walk.lua": "function step() end\n",
    "components/hp.lua": "--@type number\n--@default 10\nif value < 0 then object.components.hp = 0 end\n",
    "events/move/to.lua": "--@public true\n--@param x number\nobject.x = data.x\n",
    "events/move/timeout.lua": "--@order 10\nreturn 0.2\n",
    "spawn/players.lua": "object.events.add('move', 'to', {x = 1})\n",
    "maps/1-field.tmj": smallMap(),
]

/// A finite 2 × 2 map.
func smallMap(layers: String = "", extra: String = "") -> String {
    """
    {"type":"map","orientation":"orthogonal","width":2,"height":2,"tilewidth":16,"tileheight":16,"infinite":false,
    "layers":[\(layers)]\(extra.isEmpty ? "" : ",\(extra)")}
    """
}

@Suite("Mistakes in a game folder") struct MistakeTests {
    @Test("the good game has none")
    func good() throws {
        let folder = try ScratchFolder(goodGame)
        let (_, problems) = try GameFolder.load(directory: folder.path)
        #expect(problems == [])
    }

    @Test(
        "each is reported with file, line and what is allowed, and affects only its own file",
        arguments: annotationMistakes)
    func annotations(mistake: Mistake) throws { try check(mistake) }

    @Test(
        "a name is [A-Za-z_][A-Za-z0-9_]*, and a file must be at a place where it has an effect",
        arguments: placeMistakes)
    func places(mistake: Mistake) throws { try check(mistake) }

    @Test("game.yaml: unknown keys, wrong types and ranges", arguments: configurationMistakes)
    func configuration(mistake: Mistake) throws { try check(mistake) }

    private func check(_ mistake: Mistake) throws {
        let folder = try ScratchFolder(goodGame)
        try folder.write(mistake.file, mistake.text)
        let (definition, problems) = try GameFolder.load(directory: folder.path)
        let problem = try #require(problems.first, "no problem was found")
        #expect(problem.description.hasPrefix("\(mistake.place):"), "\(problem)")
        for part in mistake.says { #expect(problem.message.contains(part), "\(problem)") }
        #expect(problems.count == 1, "\(problems)")
        let others = Set(goodGame.keys).subtracting([mistake.file]).filter { $0.hasSuffix(".lua") }
        #expect(Set(definition.scripts.map(\.path)) == others)
    }

    static let annotationMistakes: [Mistake] = [
        // Unknown, misplaced, repeated, misspelled.
        Mistake(
            "components/mp.lua", "--@type number\n--@colour red\n", at: "components/mp.lua:2", says: "--@colour",
            "--@default"),
        Mistake(
            "events/move/up.lua", "--@type number\nx = 1", at: "events/move/up.lua:1", says: "--@type",
            "--@public, --@repeat, --@param, --@about"),
        Mistake("lib/x.lua", "--@public true\n", at: "lib/x.lua:1", says: "--@public", "--@about"),
        Mistake("spawn/enemys.lua", "\n\n--@order 1\n", at: "spawn/enemys.lua:3", says: "--@order"),
        Mistake("components/mp.lua", "--@type number\n--@type string\n", at: "components/mp.lua:2", says: "twice"),
        Mistake("events/move/up.lua", "x = 1\n--@public true\n", at: "events/move/up.lua:2", says: "top of the file"),
        Mistake("events/move/up.lua", "-- @public true\nx = 1\n", at: "events/move/up.lua:1", says: "without a space"),
        // Components.
        Mistake(
            "components/mp.lua", "-- nothing\n", at: "components/mp.lua:1", says: "--@type is missing", "number",
            "string", "json"),
        Mistake(
            "components/mp.lua", "--@type int\n", at: "components/mp.lua:1", says: "\"int\"",
            "number, string, boolean, json"),
        Mistake(
            "components/mp.lua", "--@type number\n--@default \"ten\"\n", at: "components/mp.lua:2", says: "\"ten\"",
            "a number"),
        Mistake("components/mp.lua", "--@type string\n--@default 5\n", at: "components/mp.lua:2", says: "text"),
        Mistake(
            "components/mp.lua", "--@type json\n--@default 5\n", at: "components/mp.lua:2", says: "array or an object"),
        Mistake(
            "components/mp.lua", "--@type json\n--@default {a=1}\n", at: "components/mp.lua:2", says: "no JSON value"),
        Mistake("components/mp.lua", "--@type number\n--@default\n", at: "components/mp.lua:2", says: "no JSON value"),
        Mistake("components/mp.lua", "--@type number\n--@private yes\n", at: "components/mp.lua:2", says: "no value"),
        Mistake(
            "components/mp.lua", "--@type number\n--@entities players, enemies\n", at: "components/mp.lua:2",
            says: "\"enemies\"", "players, enemys, animals, objects"),
        Mistake("components/mp.lua", "--@type number\n--@entities\n", at: "components/mp.lua:2", says: "names no type"),
        // Events.
        Mistake(
            "events/move/up.lua", "--@public true\n-- to do\n\n", at: "events/move/up.lua:2", says: "no code",
            "must say in Lua"),
        Mistake("events/move/up.lua", "", at: "events/move/up.lua:1", says: "no code"),
        Mistake("events/move/up.lua", "--[[ x = 1\n]] --[==[ ]] ]==]\n", at: "events/move/up.lua:2", says: "no code"),
        Mistake(
            "events/move/up.lua", "--@public yes\nx = 1", at: "events/move/up.lua:1", says: "\"yes\"", "true and false"),
        Mistake("events/move/up.lua", "--@public\nx = 1", at: "events/move/up.lua:1", says: "true and false"),
        Mistake("events/move/up.lua", "--@param life\nx = 1", at: "events/move/up.lua:1", says: "NAME TYPE"),
        Mistake(
            "events/move/up.lua", "--@param life int\nx = 1", at: "events/move/up.lua:1", says: "\"int\"",
            "number, string, boolean, table, any"),
        Mistake(
            "events/move/up.lua", "--@param 2nd number\nx = 1", at: "events/move/up.lua:1", says: "\"2nd\"", "letters"),
        Mistake("events/move/up.lua", "--@param end number\nx = 1", at: "events/move/up.lua:1", says: "\"end\"", "Lua"),
        Mistake("events/move/up.lua", "--@param action string\nx = 1", at: "events/move/up.lua:1", says: "\"action\""),
        Mistake(
            "events/move/up.lua", "--@param unixtime number\nx = 1", at: "events/move/up.lua:1:10",
            says: "\"unixtime\" can't be the name of a parameter"),
        Mistake(
            "events/move/up.lua", "--@param a any\n--@param a any\nx = 1", at: "events/move/up.lua:2",
            says: "a is declared twice"),
        Mistake(
            "events/move/up.lua", "--@param a number = \"1\" text\nx = 1", at: "events/move/up.lua:1", says: "\"1\"",
            "no number"),
        Mistake("events/move/up.lua", "--@param a boolean = 1\nx = 1", at: "events/move/up.lua:1", says: "no boolean"),
        Mistake("events/move/up.lua", "--@param a table = 1\nx = 1", at: "events/move/up.lua:1", says: "no table"),
        Mistake("events/move/up.lua", "--@param a table = {1}\nx = 1", at: "events/move/up.lua:1", says: "no JSON"),
        Mistake("events/move/up.lua", "--@param a number =\nx = 1", at: "events/move/up.lua:1", says: "no JSON"),
        // Timeouts.
        Mistake(
            "events/jump/timeout.lua", "return 1", at: "events/jump/timeout.lua:1", says: "jump has no event",
            "events/jump/index.lua"),
        Mistake(
            "events/move/timeout.lua", "--@order first\nreturn 1", at: "events/move/timeout.lua:1", says: "\"first\"",
            "a number"),
        Mistake("events/move/timeout.lua", "--@order nan\nreturn 1", at: "events/move/timeout.lua:1", says: "a number"),
        Mistake(
            "events/move/timeout.lua", "--@life_radius near\nreturn 1", at: "events/move/timeout.lua:1",
            says: "\"near\"", "tiles above 0"),
        Mistake(
            "events/move/timeout.lua", "--@life_radius 0\nreturn 1", at: "events/move/timeout.lua:1", says: "above 0"),
        Mistake(
            "events/move/timeout.lua", "--@life_radius -5\nreturn 1", at: "events/move/timeout.lua:1", says: "above 0"),
        Mistake(
            "events/move/timeout.lua", "--@life_radius nan\nreturn 1", at: "events/move/timeout.lua:1", says: "above 0"),
        Mistake(
            "events/move/timeout.lua", "--@life_radius inf\nreturn 1", at: "events/move/timeout.lua:1", says: "above 0"),
        Mistake(
            "events/move/timeout.lua", "--@life_radius 5\n--@life_radius 6\nreturn 1", at: "events/move/timeout.lua:2",
            says: "twice"),
        Mistake("events/move/timeout.lua", "--@order 1\n", at: "events/move/timeout.lua:1", says: "no code", "seconds"),
        Mistake(
            "events/move/timeout.lua", "--@share owners\nreturn 1", at: "events/move/timeout.lua:1", says: "\"owners\"",
            "none, owner, all", "did you mean owner?"),
        Mistake(
            "events/move/timeout.lua", "--@share\nreturn 1", at: "events/move/timeout.lua:1", says: "none, owner, all"),
        Mistake("events/move/up.lua", "--@share all\nx = 1", at: "events/move/up.lua:1", says: "unknown annotation"),
        // Files that are not text.
        Mistake("lib/x.lua", "\u{1B}Lua", at: "lib/x.lua:1", says: "compiled Lua"),
        Mistake("lib/x.lua", "\u{FEFF}x = 1", at: "lib/x.lua:1", says: "byte order mark"),
        Mistake("lib/x.lua", "x = 1\u{0}", at: "lib/x.lua:1", says: "zero byte"),
        Mistake("lib/x.lua", "\u{FEFF}", at: "lib/x.lua:1", says: "byte order mark"),
        Mistake("lib/x.lua", "x = 1\n\ny\u{0}", at: "lib/x.lua:3", says: "zero byte"),
        Mistake(
            "lib/x.lua", String(repeating: " ", count: 65_537), at: "lib/x.lua", says: "longer than 65536 bytes",
            "shorten or split"),
    ]

    static let placeMistakes: [Mistake] = [
        Mistake(
            "components/2hp.lua", "--@type number", at: "components/2hp.lua", says: "\"2hp\"", "letters, digits and _"),
        Mistake("components/max-hp.lua", "--@type number", at: "components/max-hp.lua", says: "\"max-hp\""),
        Mistake("components/žití.lua", "--@type number", at: "components/žití.lua", says: "\"žití\""),
        Mistake("components/end.lua", "--@type number", at: "components/end.lua", says: "\"end\"", "Lua"),
        Mistake("events/walk-on/to.lua", "x = 1", at: "events/walk-on/to.lua", says: "\"walk-on\"", "event group"),
        Mistake("events/move/to go.lua", "x = 1", at: "events/move/to go.lua", says: "\"to go\""),
        Mistake("events/load/index.lua", "x = 1", at: "events/load/index.lua", says: "server's own"),
        Mistake("events/move.lua", "x = 1", at: "events/move.lua", says: "events/move/index.lua"),
        Mistake("events/move/a/b.lua", "x = 1", at: "events/move/a/b.lua", says: "events/GROUP/NAME.lua"),
        Mistake("components/more/mp.lua", "--@type number", at: "components/more/mp.lua", says: "components/mp.lua"),
        Mistake(
            "spawn/dragons.lua", "", at: "spawn/dragons.lua", says: "\"dragons\"", "players, enemys, animals, objects"),
        Mistake("spawn/dragons/red.lua", "", at: "spawn/dragons/red.lua", says: "\"dragons\""),
        Mistake("spawn/enemys/a/b.lua", "", at: "spawn/enemys/a/b.lua", says: "spawn/TYPE/PREFAB.lua"),
        Mistake("main.lua", "x = 1", at: "main.lua", says: "no script is read from here", "lib/"),
        Mistake("component/mp.lua", "--@type number", at: "component/mp.lua", says: "components/"),
        Mistake("components/mp.LUA", "--@type number", at: "components/mp.LUA", says: ".lua"),
        Mistake("game.yml", "name: x", at: "game.yml", says: "game.yaml"),
        Mistake("maps/forest.tmj", smallMap(), at: "maps/forest.tmj", says: "ID-NAME.tmj"),
        Mistake("maps/0-void.tmj", smallMap(), at: "maps/0-void.tmj", says: "from 1"),
        Mistake("maps/old/2-cave.tmj", smallMap(), at: "maps/old/2-cave.tmj", says: "maps/2-cave.tmj"),
        Mistake("2-cave.tmj", smallMap(), at: "2-cave.tmj", says: "maps/ID-NAME.tmj"),
        Mistake("maps/x.lua", "", at: "maps/x.lua", says: "no script"),
        // Two files declaring the same thing.
        Mistake("maps/1-wood.tmj", smallMap(), at: "maps/1-wood.tmj:1", says: "number 1", "maps/1-field.tmj"),
        Mistake("maps/01-wood.tmj", smallMap(), at: "maps/1-field.tmj:1", says: "number 1", "maps/01-wood.tmj"),
    ]

    static let configurationMistakes: [Mistake] = [
        Mistake("game.yaml", "name: A\ntick_rte: 60\n", at: "game.yaml:2", says: "tick_rte", "did you mean tick_rate"),
        Mistake("game.yaml", "colour: red\n", at: "game.yaml:1", says: "colour", "allowed_origins", "tick_rate"),
        Mistake("game.yaml", "tick_rate: 0\n", at: "game.yaml:1", says: "\"0\"", "1 to 240"),
        Mistake("game.yaml", "# fast\ntick_rate: 241\n", at: "game.yaml:2", says: "1 to 240"),
        Mistake("game.yaml", "tick_rate: fast\n", at: "game.yaml:1", says: "\"fast\"", "1 to 240"),
        Mistake("game.yaml", "tick_rate: [60]\n", at: "game.yaml:1", says: "1 to 240"),
        Mistake(
            "game.yaml", "tick_rate: 20\nsend_rate: 30\n", at: "game.yaml:2", says: "30", "at most tick_rate", "20"),
        Mistake("game.yaml", "event_time_limit_ms: 0.5\n", at: "game.yaml:1", says: "1 to 10000"),
        Mistake("game.yaml", "memory_limit_mb: -1\n", at: "game.yaml:1", says: "1 to 4096"),
        Mistake("game.yaml", "allowed_origins: example.org\n", at: "game.yaml:1", says: "https://HOST"),
        Mistake(
            "game.yaml", "allowed_origins:\n  - \"*\"\n  - example.org\n", at: "game.yaml:3", says: "example.org",
            "https://"),
        Mistake("game.yaml", "name: A\n\nname: B\n", at: "game.yaml:3", says: "name is there twice", "line 1"),
        Mistake("game.yaml", "- name\n", at: "game.yaml:1", says: "key: value"),
        Mistake("game.yaml", "name: [\n", at: "game.yaml:2", says: "not YAML"),
        Mistake("game.yaml", "name: A\n  tick_rate: 60\n", at: "game.yaml:2", says: "not YAML"),
        Mistake("game.yaml", "start_map: 7\n", at: "game.yaml:1", says: "7", "there are 1"),
    ]
}
