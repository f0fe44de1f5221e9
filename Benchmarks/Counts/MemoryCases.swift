import CAllocationCount

extension Case {
    /// How many bytes each of many takes that do nothing: with its share of what tables have in reserve, and without
    /// the VM of the scripts.
    static let memory: [Case] = [
        .bytes("bytes of an entity with five components", limit: 984) { try CountedMap(npcs: $0, components: .five) },
        .bytes("bytes of a player with them, on its map", limit: 1688) {
            try CountedMap(players: $0, viewDistance: 2, components: .five)
        },
    ]

    private static func bytes(_ name: String, limit: Double, _ map: @escaping @Sendable (Int) throws -> CountedMap)
        -> Case
    {
        Case(name: name, limit: limit) {
            let count = 3000
            // What the first map of the process makes for all others does not count.
            _ = try idleBytes { try map(1) }
            let (few, many) = (try idleBytes { try map(0) }, try idleBytes { try map(count) })
            // In whole words: the texts of a map differ by some bytes from run to run.
            return (Double(many - few) / Double(count * 8)).rounded(.up) * 8
        }
    }

    /// The bytes that a map takes when it is idle.
    private static func idleBytes(_ make: () throws -> CountedMap) throws -> Int64 {
        let before = allocated_bytes()
        let map = try make()
        for _ in 0..<30 { map.tick() }
        return try withExtendedLifetime(map) {
            try map.requireNoErrors()
            return allocated_bytes() - before
        }
    }
}
