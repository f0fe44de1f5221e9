import ScriptCheck
import Testing

@Suite("What check says of maps") struct MapNoteTests {
    private func map(_ objects: String) -> String {
        """
        {"type":"map","orientation":"orthogonal","width":2,"height":2,"tilewidth":16,"tileheight":16,"tilesets":[],
        "layers":[{"type":"objectgroup","name":"o","objects":[\(objects)]}]}
        """
    }

    @Test("an object without a class is a warning, a text is none, another class is an error")
    func notes() throws {
        let game = try ScratchGame([
            "maps/1-a.tmj": map(
                """
                {"id":1,"name":"plan","x":0,"y":0,"width":16,"height":16},{"id":2,"x":0,"y":0,"point":true},
                {"id":3,"x":0,"y":0,"width":9,"height":9,"text":{"text":"here"}},
                {"id":4,"type":"players","x":0,"y":0,"point":true}
                """),
            "maps/2-b.tmj": map(#"{"id":1,"x":0,"y":0,"type":"enemies"}"#),
        ])
        let allowed = "so nothing comes of it; to make it count give it one of players, enemys, animals, objects"
        #expect(
            try game.lines() == [
                "maps/1-a.tmj:1:1: warning: object 1 \"plan\" has no class, \(allowed)",
                "maps/1-a.tmj:1:1: warning: object 2 has no class, \(allowed)",
                "maps/2-b.tmj:1:1: error: object 1 has the class \"enemies\"; allowed are players, enemys, animals, "
                    + "objects; did you mean enemys?",
            ])
    }

    @Test("a script may name the number of a map that is closed")
    func closedMap() throws {
        let game = try ScratchGame([
            "maps/1-a.tmj": map(""), "maps/2-b.tmj": "{",
            "events/go/index.lua": "object.map_id = 2\n",
        ])
        let lines = try game.lines()
        #expect(lines.count == 1 && lines[0].hasPrefix("maps/2-b.tmj:1:"), "\(lines)")
    }
}
