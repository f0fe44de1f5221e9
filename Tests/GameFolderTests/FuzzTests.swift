import Foundation
import GameFolder
import Testing

/// A small generator whose sequence follows from its seed (SplitMix64).
private struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

@Suite("Damaged files") struct FuzzTests {
    /// More rounds when `scripts/test --fuzz` asks for them.
    static let rounds = ProcessInfo.processInfo.environment["PERIGEE_FUZZ"] == nil ? 100 : 20_000

    static let map = smallMap(
        layers: """
            {"type":"group","name":"g","layers":[{"type":"tilelayer","name":"ground","width":2,"height":2,"encoding":"base64",
            "compression":"zlib","data":"eJxjZGBgYAJiZiBmZGBoAAAA1ACI"},{"type":"tilelayer","name":"collision","width":2,
            "height":2,"data":[0,0,1,0]}]},{"type":"objectgroup","name":"o","objects":[{"id":1,"type":"players","x":0,"y":0,
            "polygon":[{"x":0,"y":0},{"x":3,"y":4}],"properties":[{"name":"a","value":1}]},{"id":2,"x":1,"y":1,"gid":3,"rotation":30},
            {"id":3,"x":1,"y":1,"template":"it.tx"}]}
            """,
        extra:
            "\"tilesets\":[{\"firstgid\":1,\"tiles\":[{\"id\":0,\"properties\":[{\"name\":\"walkable\",\"value\":true}]}]},{\"firstgid\":2,\"source\":\"set.tsx\"}]"
    )

    static let files = [
        ("maps/1-field.tmj", map), ("game.yaml", "name: A\nallowed_origins: [\"*\"]\ntick_rate: 30\nsend_rate: 20\n"),
        (
            "maps/set.tsx",
            """
            <?xml version="1.0"?><tileset name="a"><tile id="1" type="enemys"><properties>
            <property name="walkable" type="bool" value="false"/><property name="hp" type="class"><properties>
            <property name="c" type="int" value="1"/></properties></property></properties></tile></tileset>
            """
        ),
        (
            "maps/it.tx",
            "<template><object type=\"players\" width=\"9\"><polygon points=\"0,0 3,4\"/></object></template>"
        ),
        (
            "components/hp.lua",
            "--@type json\n--@default {\"a\":[1,2]}\n--@entities players, enemys\n--[[ x ]] return [==[ y ]==]"
        ),
        (
            "events/move/to.lua",
            "--@public true\n--@param x number = 1.5 text\n--@param t table = [\"\\\"\", {}] text\nx = '\\'\\\n'"
        ),
    ]

    @Test("do not affect other files, whatever bytes change in them: seed 7", arguments: files)
    func mutations(file: String, text: String) throws {
        let folder = try ScratchFolder(goodGame)
        for (other, good) in Self.files { try folder.write(other, good) }
        let (_, none) = try GameFolder.load(directory: folder.path)
        #expect(none == [])
        var random = SeededGenerator(state: 7)
        for _ in 0..<Self.rounds {
            var bytes = Array(text.utf8)
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                let at = Int.random(in: 0..<bytes.count, using: &random)
                switch Int.random(in: 0..<5, using: &random) {
                case 0: bytes[at] = UInt8.random(in: 0...255, using: &random)
                case 1: bytes.remove(at: at)
                case 2: bytes.insert(UInt8.random(in: 32...126, using: &random), at: at)
                case 3: bytes.removeSubrange(at...)
                default: bytes.insert(contentsOf: bytes[at..<min(at + 8, bytes.count)], at: at)
                }
                if bytes.isEmpty { break }
            }
            try folder.write(file, Data(bytes))
            let (_, problems) = try GameFolder.load(directory: folder.path)
            #expect(
                problems.allSatisfy {
                    $0.file == file || file.hasPrefix("events/") || $0.file == "game.yaml" || $0.file.hasPrefix("maps/")
                })
        }
    }
}
