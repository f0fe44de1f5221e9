import GameFolder
import JSONValues
import Testing
import World

@Suite("Limits of Tiled maps, and the files beside them") struct TiledLimitTests {
    private func problem(_ map: String, beside files: [String: String] = [:]) throws -> GameFolderProblem {
        let folder = try ScratchFolder(["maps/1-field.tmj": map])
        for (file, text) in files { try folder.write(file, text) }
        let (game, problems) = try GameFolder.load(directory: folder.path)
        #expect(problems.count == 1, "\(problems)")
        #expect(game.maps == [] && game.closedMaps.map(\.path) == ["maps/1-field.tmj"])
        return try #require(problems.first)
    }

    private func map(width: Int, height: Int, isInfinite: Bool = false, layers: String) -> String {
        """
        {"type":"map","width":\(width),"height":\(height),"tilewidth":16,"tileheight":16,"infinite":\(isInfinite),
        "layers":[\(layers)]}
        """
    }

    @Test("layers are at most 256, groups included, and nest at most 16 deep")
    func layers() throws {
        let one = "{\"type\":\"imagelayer\",\"name\":\"a\"}"
        #expect(
            try problem(smallMap(layers: Array(repeating: one, count: 257).joined(separator: ","))).message.contains(
                "more than 256 layers"))
        var nested = one
        for _ in 0..<17 { nested = "{\"type\":\"group\",\"name\":\"g\",\"layers\":[\(nested)]}" }
        #expect(try problem(smallMap(layers: nested)).message.contains("deeper than 16"))
    }

    @Test("tiles are counted before any is decompressed: at most 33,554,432 in all layers")
    func tiles() throws {
        let layer = """
            {"type":"tilelayer","name":"a","width":4096,"height":4096,"encoding":"base64","compression":"zlib","data":"eJw="}
            """
        let three = map(width: 4096, height: 4096, layers: [layer, layer, layer].joined(separator: ","))
        #expect(
            try problem(three).message
                == "3 tile layers hold 50331648 tiles; a map may have 33554432 in all its layers")
        let chunk = "{\"x\":0,\"y\":0,\"width\":4096,\"height\":4096,\"data\":[]}"
        let infinite = "{\"type\":\"tilelayer\",\"name\":\"a\",\"chunks\":[\(chunk),\(chunk),\(chunk)]}"
        #expect(
            try problem(map(width: 0, height: 0, isInfinite: true, layers: infinite)).message.contains(
                "1 tile layers hold 50331648 tiles"))
    }

    @Test(
        "data that decompress to more than the layer holds are refused, however much that is",
        arguments: [TileFormat.zlib, .gzip])
    func bomb(format: TileFormat) throws {
        let data = format.text(Array(repeating: 0, count: 16_000))
        let layer = """
            {"type":"tilelayer","name":"a","width":2,"height":2,"encoding":"base64","compression":"\(format.rawValue)",
            "data":"\(data)"}
            """
        #expect(try problem(smallMap(layers: layer)).message.contains("is damaged, or is not 16 bytes"))
    }

    @Test("chunks are at most 131,072")
    func chunks() throws {
        let chunk = "{\"x\":0,\"y\":0,\"width\":1,\"height\":1,\"data\":[0]}"
        let chunks = Array(repeating: chunk, count: 131_073).joined(separator: ",")
        let layer = "{\"type\":\"tilelayer\",\"name\":\"a\",\"chunks\":[\(chunks)]}"
        #expect(
            try problem(map(width: 0, height: 0, isInfinite: true, layers: layer)).message.contains(
                "more than 131072 chunks"))
    }

    @Test("objects are at most 100,000")
    func objects() throws {
        let objects = Array(repeating: "{\"id\":1}", count: 100_001).joined(separator: ",")
        #expect(
            try problem(smallMap(layers: "{\"type\":\"objectgroup\",\"name\":\"o\",\"objects\":[\(objects)]}")).message
                .contains("more than 100000 objects"))
    }

    @Test(
        "a broken tileset or template in Tiled's own format is reported with its file and line",
        arguments: [
            ("", nil, "not XML"), ("<tileset>\n<tile", 2, "not XML"), ("<tileset>\n</tile>\n</tileset>", 2, "not XML"),
            ("{\"type\":\"tileset\"}", 1, "not XML"), ("<?xml version=\"1.0\"?>\n<map/>", 1, "not a tileset but a map"),
            (
                "<?xml version=\"1.0\"?>\n<!DOCTYPE a [<!ENTITY b \"bb\">]>\n<tileset name=\"&b;\"/>", 2,
                "document type"
            ),
            (String(repeating: "<tileset>", count: 40), 1, "deeper than 32"),
            (
                "<tileset><tile id=\"0\"><properties><property name=\"walkable\" value=\"no\"/></properties></tile></tileset>",
                nil, "make it a bool"
            ),
            ("<tileset><tile/></tileset>", nil, "id of a tile of tileset sets/b.tsx is missing"),
        ] as [(String, Int?, String)])
    func brokenXML(text: String, line: Int?, says: String) throws {
        let problem = try problem(
            smallMap(extra: "\"tilesets\":[{\"firstgid\":1,\"source\":\"sets/b.tsx\"}]"),
            beside: ["maps/sets/b.tsx": text])
        #expect(problem.file == "maps/sets/b.tsx")
        if let line { #expect(problem.line == line, "\(problem)") }
        #expect(problem.message.contains(says), "\(problem)")
    }

    @Test(
        "a map may not name a file outside maps/",
        arguments: [
            "../set.tsj", "../../x.tsj", "sets/../../x.tsj", "/etc/passwd", "C:/x.tsj", "sets\\\\b.tsx",
            "a\\u0000b.tsj",
        ])
    func outside(source: String) throws {
        let message = try problem(
            smallMap(extra: "\"tilesets\":[{\"firstgid\":1,\"source\":\"\(source)\"}]"),
            beside: ["set.tsj": "{}"]
        ).message
        #expect(message.contains("is outside maps/; put it beside the map"), "\(message)")
    }

    @Test("a path through another folder of maps/ is followed, and the file is read again when it changes")
    func changedTileset() throws {
        let set =
            "{\"type\":\"tileset\",\"name\":\"a\",\"tiles\":[{\"id\":0,\"properties\":[{\"name\":\"n\",\"value\":1}]}]}"
        let folder = try ScratchFolder([
            "maps/1-field.tmj": smallMap(extra: "\"tilesets\":[{\"firstgid\":1,\"source\":\"x/.././sets/b.tsj\"}]"),
            "maps/sets/b.tsj": set,
        ])
        let (before, problems) = try GameFolder.load(directory: folder.path)
        #expect(problems == [])
        #expect(before.maps.first?.tileProperties[1]?["n"] == .number(1))
        try folder.write("maps/sets/b.tsj", set.replacing("\"value\":1", with: "\"value\":2"))
        let (after, _) = try GameFolder.load(directory: folder.path, previous: before)
        #expect(after.maps.first?.tileProperties[1]?["n"] == .number(2))
    }

    @Test(
        "a mistake in a template is reported at the template's file",
        arguments: [
            ("{\"type\":\"template\"}", "holds no object"), ("{\"type\":\"map\"}", "not a template"),
            ("[", "not JSON"), ("{\"type\":\"template\",\"object\":{\"properties\":[1]}}", "a property of"),
        ])
    func template(text: String, says: String) throws {
        let object = "{\"id\":1,\"x\":0,\"y\":0,\"template\":\"a.tj\"}"
        let problem = try problem(
            smallMap(layers: "{\"type\":\"objectgroup\",\"name\":\"o\",\"objects\":[\(object)]}"),
            beside: ["maps/a.tj": text])
        #expect(problem.message.contains(says), "\(problem)")
    }

    @Test("XML in a file named as JSON, and a map in a file that ends in .json, are reported")
    func confused() throws {
        #expect(try problem("<?xml version=\"1.0\"?>\n<map/>").message.contains("XML, not JSON"))
        let folder = try ScratchFolder(["maps/1-field.json": smallMap(), "maps/set.json": "{}"])
        let (_, problems) = try GameFolder.load(directory: folder.path)
        #expect(
            problems.map(\.description) == [
                "maps/1-field.json: a map's file ends in .tmj; rename it to maps/1-field.tmj"
            ])
    }
}
